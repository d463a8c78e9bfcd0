CREATE TABLE hero (
    id INTEGER PRIMARY KEY,
    name VARCHAR(60) NOT NULL UNIQUE,
    real_name VARCHAR(60),
    email VARCHAR(120) NOT NULL,
    origin VARCHAR(20) NOT NULL DEFAULT 'human' CHECK (origin IN ('human', 'alien', 'robot', 'myth')),
    power VARCHAR(80),
    rank INTEGER NOT NULL DEFAULT 3 CHECK (rank BETWEEN 1 AND 5),
    joined DATE,
    active BOOLEAN NOT NULL DEFAULT 1,
    portrait VARCHAR(255)
);
CREATE TABLE category (
    id INTEGER PRIMARY KEY,
    name VARCHAR(40) NOT NULL UNIQUE,
    note VARCHAR(200)
);
CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    sku VARCHAR(12) NOT NULL UNIQUE,
    name VARCHAR(80) NOT NULL,
    category_id INTEGER NOT NULL REFERENCES category (id),
    price DECIMAL(8,2) NOT NULL CHECK (price > 0),
    stock INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
    color VARCHAR(12) CHECK (color IN ('red', 'blue', 'green', 'black', 'silver')),
    description TEXT,
    on_sale BOOLEAN NOT NULL DEFAULT 1,
    picture VARCHAR(255)
);
CREATE TABLE purchase (
    id INTEGER PRIMARY KEY,
    hero_id INTEGER NOT NULL REFERENCES hero (id),
    ordered_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    status VARCHAR(10) NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'sent', 'returned')),
    note TEXT
);
CREATE TABLE purchase_item (
    purchase_id INTEGER NOT NULL REFERENCES purchase (id) ON DELETE CASCADE,
    product_id INTEGER NOT NULL REFERENCES product (id),
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 99),
    gift_wrapped BOOLEAN NOT NULL DEFAULT 0,
    PRIMARY KEY (purchase_id, product_id)
) WITHOUT ROWID;
CREATE INDEX product_category ON product (category_id);
CREATE INDEX purchase_hero ON purchase (hero_id);
CREATE INDEX purchase_item_product ON purchase_item (product_id);
CREATE VIEW sales AS
    SELECT product.name AS product, sum(item.quantity) AS sold, sum(item.quantity * product.price) AS turnover
    FROM purchase_item AS item
    JOIN product ON product.id = item.product_id
    GROUP BY product.id
    ORDER BY sold DESC;
INSERT INTO hero (id, name, real_name, email, origin, power, rank, joined, active) VALUES
    (1, 'Captain Kestrel', 'Ines Moreau', 'ines@kestrel.example', 'human', 'Flies, as long as nobody looks down', 5, '2019-03-14', 1),
    (2, 'The Librarian', 'Tomasz Nowak', 'silence@library.example', 'human', 'Knows where everything is', 4, '2018-09-01', 1),
    (3, 'Unit 7', NULL, 'unit7@assembly.example', 'robot', 'Never sleeps, seldom complains', 3, '2021-01-07', 1),
    (4, 'Tidewalker', 'Leilani Kahale', 'lei@tides.example', 'myth', 'Commands water up to the knee', 4, '2020-06-21', 1),
    (5, 'Nova Ferox', NULL, 'nova@ferox.example', 'alien', 'Shines', 5, '2017-11-30', 0),
    (6, 'Short Circuit', 'Amara Okafor', 'amara@circuit.example', 'human', 'Talks to toasters', 2, '2023-05-02', 1),
    (7, 'Mister Plain', 'John Doe', 'plain@hero.example', 'human', 'None; turns up anyway', 1, '2022-02-22', 1),
    (8, 'Glacier', 'Freya Lind', 'freya@glacier.example', 'myth', 'Patience of geological scale', 3, '2016-12-12', 0);
INSERT INTO category (id, name, note) VALUES
    (1, 'Capes', 'Flame-resistant, machine-washable at 40 °C'),
    (2, 'Masks', 'Every face, every nose'),
    (3, 'Boots', NULL),
    (4, 'Gadgets', 'No returns once they have gone off'),
    (5, 'Household', 'Heroes have kitchens too');
INSERT INTO product (id, sku, name, category_id, price, stock, color, description, on_sale) VALUES
    (1, 'CAP-001', 'Cape, classic', 1, 79.00, 24, 'red', 'The one from the posters. Double-stitched hem, hidden pocket for keys.', 1),
    (2, 'CAP-002', 'Cape, stealth', 1, 94.50, 7, 'black', 'Makes no sound, not even when you want it to.', 1),
    (3, 'CAP-009', 'Cape, for beginners', 1, 39.90, 61, 'blue', 'Short enough not to get caught in revolving doors.', 1),
    (4, 'MSK-010', 'Domino mask', 2, 12.00, 180, 'black', NULL, 1),
    (5, 'MSK-011', 'Full mask with visor', 2, 64.00, 15, 'silver', 'Anti-fog. Fits over glasses.', 1),
    (6, 'BOT-100', 'Boots, rooftop grip', 3, 129.00, 12, 'black', 'Tested on slate, tile and zinc.', 1),
    (7, 'BOT-105', 'Boots, amphibious', 3, 149.00, 0, 'green', NULL, 0),
    (8, 'GAD-200', 'Grappling hook, 30 m', 4, 210.00, 9, 'silver', 'With carrying case and a leaflet about local by-laws.', 1),
    (9, 'GAD-201', 'Smoke pellets, box of 12', 4, 18.50, 240, NULL, 'Lavender-scented.', 1),
    (10, 'GAD-207', 'Signal lamp, rooftop', 4, 890.00, 2, 'silver', 'Your logo here. Delivery on a lorry; please mind the stairs.', 1),
    (11, 'HOM-300', 'Tea, night watch blend', 5, 7.20, 75, 'green', NULL, 1),
    (12, 'HOM-301', 'Alibi calendar', 5, 14.00, 33, NULL, '365 plausible engagements.', 1);
INSERT INTO purchase (id, hero_id, ordered_at, status, note) VALUES
    (1, 1, '2024-02-03 09:12:00', 'sent', 'Please deliver to the balcony.'),
    (2, 3, '2024-02-11 23:59:59', 'sent', NULL),
    (3, 2, '2024-03-01 10:00:00', 'paid', 'Quietly.'),
    (4, 4, '2024-03-04 16:45:10', 'returned', 'Boots leak.'),
    (5, 6, '2024-03-09 08:30:00', 'open', NULL),
    (6, 1, '2024-03-12 19:05:00', 'open', 'A gift for a beginner.');
INSERT INTO purchase_item (purchase_id, product_id, quantity, gift_wrapped) VALUES
    (1, 1, 2, 0), (1, 9, 4, 0), (2, 11, 12, 0), (3, 12, 1, 1), (3, 11, 3, 0), (4, 7, 1, 0),
    (5, 8, 1, 0), (5, 9, 2, 0), (5, 4, 5, 0), (6, 3, 1, 1);
