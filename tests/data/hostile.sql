-- A database that nobody should have made, but somebody did. Tests open, list, edit and describe all of it.
-- Every statement is accepted by SQLite 3.40 and later; foreign keys are not enforced while it is loaded.
PRAGMA foreign_keys = OFF;

-- Reserved words, quotes of every kind, blanks, and letters beyond ASCII as names.
CREATE TABLE "select" (
    "from" INTEGER PRIMARY KEY,
    "where" TEXT NOT NULL,
    "order" INTEGER,
    "group by" VARCHAR(20),
    "check" TEXT CHECK ("check" <> ')' AND "check" IN ('it''s', "so", 'x' /* , 'not' */, 'y')) -- , 'nor'
);
INSERT INTO "select" VALUES (1, 'DROP TABLE "select"; --', 3, '<b>bold</b>', 'it''s'), (2, '', NULL, NULL, NULL);

CREATE TABLE "it's ""quoted"" [here] `now`" (
    "a""b" TEXT PRIMARY KEY NOT NULL,
    [c d] TEXT,
    `e``f` INTEGER DEFAULT 7,
    "g'h" TEXT DEFAULT 'it''s',
    "i]j" TEXT,
    "<script>" TEXT,
    "{k}" TEXT,
    "%(l)s" TEXT
);
INSERT INTO "it's ""quoted"" [here] `now`" VALUES
    ('a/b%2Fc', 'x', 1, 'y', 'z', '<script>alert(1)</script>', '{k}', '%(l)s'), ('100%', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('', 'the empty key', 0, '', '', '', '', ''), (' ', 'a blank', 0, '', '', '', '', ''), ('..', 'dots', 0, '', '', '', '', ''),
    ('a,b', 'a comma', 0, '', '', '', '', ''), ('ä?#&+', 'signs', 0, '', '', '', '', ''), (char(10), 'a line feed', 0, '', '', '', '', '');

CREATE TABLE "Größe und Ähnliches 日本 🦀" ("Schlüssel" TEXT PRIMARY KEY NOT NULL, "名前" TEXT, "naïve" REAL);
INSERT INTO "Größe und Ähnliches 日本 🦀" VALUES ('ключ', '山田', 1.5), ('🦀', 'עברית', -0.0), ('e' || char(769), 'combining', 1e300);

CREATE TABLE "long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_name" ("long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_name" INTEGER PRIMARY KEY, "long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_name2" TEXT NOT NULL);
INSERT INTO "long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_name" VALUES (1, 'long_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_name');

-- A name that only looks like one of SQLite's own, and an empty name of a column.
CREATE TABLE sqlite (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE sqlitex_stat1 (tbl TEXT);
CREATE TABLE "" (id INTEGER PRIMARY KEY, "" TEXT, " " TEXT);
INSERT INTO sqlite VALUES (1, 'not internal');
INSERT INTO sqlitex_stat1 VALUES ('neither');
INSERT INTO "" VALUES (1, 'the column has no name', 'that of this one is blank');

-- No key at all; a unique set that may serve as one, and one that may not, since it allows NULL.
CREATE TABLE no_key (a, b TEXT, c INTEGER);
INSERT INTO no_key VALUES (1, 'x', 1), (1, 'x', 1), (NULL, NULL, NULL);
CREATE TABLE unique_key (code TEXT NOT NULL UNIQUE, area TEXT NOT NULL, number INTEGER NOT NULL, UNIQUE (area, number));
INSERT INTO unique_key VALUES ('A/1', 'x', 1), ('A%1', 'x', 2);
CREATE TABLE nullable_unique (code TEXT UNIQUE, name TEXT);
INSERT INTO nullable_unique VALUES (NULL, 'a'), (NULL, 'b'), ('c', 'c');
CREATE TABLE nullable_key (code TEXT PRIMARY KEY, name TEXT);
INSERT INTO nullable_key VALUES (NULL, 'first without'), (NULL, 'second without'), ('k', 'with');

-- Keys of several columns, in another order than that of the columns; keys of other types.
CREATE TABLE composite (note TEXT, part INTEGER NOT NULL, area TEXT NOT NULL, PRIMARY KEY (area, part)) WITHOUT ROWID;
INSERT INTO composite VALUES ('one', 1, 'north/west'), ('two', -2, '50%'), ('three', 3, '');
CREATE TABLE composite_child (
    id INTEGER PRIMARY KEY,
    area TEXT,
    part INTEGER,
    remark TEXT,
    FOREIGN KEY (area, part) REFERENCES composite (area, part) ON DELETE CASCADE
);
INSERT INTO composite_child VALUES (1, 'north/west', 1, 'fine'), (2, 'nowhere', 9, 'dangling'), (3, NULL, 9, 'half');
CREATE TABLE without_rowid (id INTEGER PRIMARY KEY, name TEXT) WITHOUT ROWID;
INSERT INTO without_rowid VALUES (-5, 'negative'), (0, 'zero'), (9223372036854775807, 'the greatest');
CREATE TABLE descending_key (id INTEGER PRIMARY KEY DESC, name TEXT);
INSERT INTO descending_key VALUES (1, 'its key is not the number of the row'), (NULL, 'so it may be NULL');
CREATE TABLE real_key (x REAL PRIMARY KEY NOT NULL, name TEXT);
INSERT INTO real_key VALUES (1.5, 'a'), (1e100, 'b');
CREATE TABLE blob_key (hash BLOB PRIMARY KEY NOT NULL, name TEXT);
INSERT INTO blob_key VALUES (x'00ff2f25', 'bytes'), (x'', 'no bytes'), ('text', 'text in a blob column');

-- References: to itself, to a unique column, without a named column, in another case, dangling, to nothing.
CREATE TABLE node (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES node, name TEXT NOT NULL);
INSERT INTO node VALUES (1, NULL, 'root'), (2, 1, 'child'), (3, 3, 'its own parent'), (4, 99, 'orphan');
CREATE TABLE reference (
    id INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES NODE (ID),
    code TEXT REFERENCES unique_key (code),
    itself INTEGER,
    FOREIGN KEY (itself) REFERENCES reference (id),
    FOREIGN KEY (node) REFERENCES reference (id)
);
INSERT INTO reference VALUES (1, 1, 'A/1', 1), (2, 99, 'gone', NULL), (3, 'text', x'ff', 'a');
-- SQLite refuses to write to these once foreign keys are enforced, but it can be read.
CREATE TABLE mismatched_parent (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE mismatched (
    id INTEGER PRIMARY KEY,
    missing_table INTEGER REFERENCES nowhere (id),
    missing_column INTEGER REFERENCES mismatched_parent (absent),
    not_unique INTEGER REFERENCES mismatched_parent (name),
    too_many INTEGER REFERENCES composite,
    view_id INTEGER REFERENCES node_names (id)
);
INSERT INTO mismatched VALUES (1, 5, 5, 'x', 5, 1), (2, NULL, NULL, NULL, NULL, NULL), (3, 'a', 'b', 'c', x'00', 'e');
INSERT INTO mismatched_parent VALUES (1, 'x');
CREATE TABLE detail (node_id INTEGER PRIMARY KEY REFERENCES node (id), body TEXT);
INSERT INTO detail VALUES (1, 'one detail for one node');

-- Views: a plain one, one that takes new rows, one that no longer works. Triggers that refuse.
CREATE VIEW node_names AS SELECT id, name, length(name) AS "length(name)" FROM node;
CREATE VIEW writable_view AS SELECT name, parent_id FROM node;
CREATE TRIGGER "instead" INSTEAD OF INSERT ON writable_view BEGIN INSERT INTO node (name, parent_id) VALUES (new.name, new.parent_id); END;
CREATE VIEW broken_view AS SELECT * FROM "a table that is gone";
CREATE TABLE guarded (id INTEGER PRIMARY KEY, name TEXT, changes INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER guard BEFORE UPDATE ON guarded WHEN new.name = 'forbidden' BEGIN SELECT RAISE(ABORT, 'the trigger says no'); END;
CREATE TRIGGER count_changes AFTER UPDATE OF name ON guarded BEGIN UPDATE guarded SET changes = old.changes + 1 WHERE id = new.id; END;
INSERT INTO guarded (id, name) VALUES (1, 'guarded');

-- Generated columns, virtual and stored.
CREATE TABLE generated (
    id INTEGER PRIMARY KEY,
    price NUMERIC(10,2) NOT NULL DEFAULT 0.00,
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity BETWEEN 1 AND 100),
    total NUMERIC(12,2) GENERATED ALWAYS AS (price * quantity) VIRTUAL,
    label TEXT AS ('#' || id || ' (' || quantity || ')') STORED
);
INSERT INTO generated (id, price, quantity) VALUES (1, 9.99, 3), (2, 0, 1);

-- STRICT; every type by its name; defaults of all kinds.
CREATE TABLE strict_table (id INTEGER PRIMARY KEY, n INT NOT NULL, r REAL, t TEXT, b BLOB, a ANY) STRICT;
INSERT INTO strict_table VALUES (1, 1, 1.5, 't', x'00', 'any'), (2, 2, NULL, NULL, NULL, 5), (3, 3, 2, '', x'', x'00');
CREATE TABLE types (
    id INTEGER PRIMARY KEY,
    tiny TINYINT, flag BOOLEAN, bit_flag TINYINT(1), small SMALLINT, big BIGINT, uns INTEGER UNSIGNED,
    d DOUBLE PRECISION, f FLOAT, r REAL, money DECIMAL(10,2), whole NUMERIC(5), bare NUMERIC,
    vc VARCHAR(10), nvc NVARCHAR(20), ch CHARACTER(3), cv CHARACTER VARYING(7), t TEXT, cl CLOB, str STRING, untyped,
    da DATE, ti TIME, dt DATETIME, ts TIMESTAMP WITH TIME ZONE, js JSON, uu UUID, bl BLOB, odd "WHATEVER(1, 2)"
);
INSERT INTO types VALUES
    (1, 1, 1, 0, 2, 9223372036854775807, 5, 1.5, 2.5, 3.5, 10.25, 7, 0.1, 'vc', 'nvc', 'ch', 'cv', 'line' || char(10) || 'line', 'cl', '007', 'u',
     '2024-02-29', '13:05:00', '2024-02-29 13:05:00', '2024-02-29T13:05:00Z', '{"a": [1, null]}', '67e55044-10b1-426f-9247-bb680e5fe0c8', x'00ff', 'odd');
-- Wrong types in cells: SQLite keeps whatever it is given.
INSERT INTO types VALUES
    (2, 'tiny', 'maybe', 2, 'small', 1e30, -5, 'd', x'66', 'r', 'ten', 1.5, 'bare', 12345678901, 1.5, x'ff', 'far too long for it', x'00', 5, 7, 1.25,
     '2024-02-30', '25:61', 'yesterday', 1709211900, '{"a":', 'not a uuid', 'text', x'0102'),
    (3, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', ''),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 1, 't', 'false', 1, 1, 1, 9e999, -9e999, 1, 1, 1, 1, 'nul' || char(0) || 'inside', 'a', 'b', 'c', cast(x'fffe' AS TEXT), 'invalid utf-8 before', 'x', 'y',
     '0000-00-00', '24:00', '9999-12-31 23:59:60', '2024', 'null', '', x'00', 'z');
CREATE TABLE defaults (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    n INTEGER NOT NULL DEFAULT -5, hex INTEGER DEFAULT 0x1F, half REAL DEFAULT .5, price DECIMAL(6,2) DEFAULT '1.50',
    t TEXT NOT NULL DEFAULT 'it''s', quoted TEXT DEFAULT "double", bare TEXT DEFAULT red, empty TEXT NOT NULL DEFAULT '',
    nil TEXT DEFAULT NULL, flag BOOLEAN NOT NULL DEFAULT TRUE, bytes BLOB DEFAULT x'00ff',
    made TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, day DATE DEFAULT '2020-02-29', token TEXT DEFAULT (lower(hex(randomblob(4)))),
    settings JSON NOT NULL DEFAULT '{"a": 1}', bad_number INTEGER DEFAULT 'abc'
);
INSERT INTO defaults DEFAULT VALUES;

-- CHECK constraints: lists, ranges, lengths, of several columns, with comments and every kind of bracket.
CREATE TABLE checks (
    id INTEGER PRIMARY KEY,
    color TEXT NOT NULL CHECK (color IN ('red', 'green', 'blue')),
    size TEXT CONSTRAINT "a size" CHECK (size = 'S' OR size = 'M' OR size IS NULL),
    rating INTEGER CHECK (rating BETWEEN 1 AND 5),
    percent REAL CHECK (percent >= 0 AND percent <= 100),
    price DECIMAL(10,2) CHECK (((price > 0))),
    weight REAL CHECK (0 < weight AND weight < 10),
    name TEXT CHECK (length(name) <= 40 AND name <> ''),
    born DATE CHECK (born >= '1900-01-01'),
    doc TEXT CHECK (json_valid(doc)),
    doc2 TEXT CHECK ((JSON_VALID("doc2") OR "doc2" IS NULL)),
    even INTEGER CHECK (even % 2 = 0),
    low INTEGER,
    high INTEGER,
    CONSTRAINT in_order CHECK (low <= /* not > */ high), -- CHECK (high < 0)
    CHECK (color <> 'red' OR rating > 3)
);
INSERT INTO checks (id, color, rating, name, doc, low, high) VALUES (1, 'red', 5, 'fine', '{}', 1, 2);

-- Unique sets: plain, composite, partial, over an expression, without regard to case.
CREATE TABLE uniques (id INTEGER PRIMARY KEY, email TEXT UNIQUE, a INTEGER, b INTEGER, c TEXT, d TEXT, e TEXT COLLATE NOCASE UNIQUE, UNIQUE (a, b));
CREATE UNIQUE INDEX "unique c" ON uniques (c);
CREATE UNIQUE INDEX partial_d ON uniques (d) WHERE a > 0;
CREATE UNIQUE INDEX expression_d ON uniques (lower(d));
CREATE INDEX not_unique ON uniques (a);
INSERT INTO uniques VALUES (1, 'a@example.com', 1, 1, 'c', 'd', 'E'), (2, NULL, NULL, NULL, NULL, NULL, NULL);

-- Virtual tables: full text, and a tree of rectangles; the tables behind them are nobody's business.
CREATE VIRTUAL TABLE search USING fts5 (title, body);
INSERT INTO search VALUES ('a title', 'some words to be found');
CREATE VIRTUAL TABLE areas USING rtree (id, min_x, max_x);
INSERT INTO areas VALUES (1, 0.0, 1.0);

-- Many columns, many rows, no rows.
CREATE TABLE empty (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE many (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO many (name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT 'row ' || i FROM n;
CREATE TABLE many_child (id INTEGER PRIMARY KEY, many_id INTEGER NOT NULL REFERENCES many (id), name TEXT);
INSERT INTO many_child VALUES (1, 500, 'refers to one of a thousand');
CREATE TABLE wide (id INTEGER PRIMARY KEY, c0 TEXT, c1 TEXT, c2 TEXT, c3 TEXT, c4 TEXT, c5 TEXT, c6 TEXT, c7 TEXT, c8 TEXT, c9 TEXT, c10 TEXT, c11 TEXT, c12 TEXT, c13 TEXT, c14 TEXT, c15 TEXT, c16 TEXT, c17 TEXT, c18 TEXT, c19 TEXT, c20 TEXT, c21 TEXT, c22 TEXT, c23 TEXT, c24 TEXT, c25 TEXT, c26 TEXT, c27 TEXT, c28 TEXT, c29 TEXT, c30 TEXT, c31 TEXT, c32 TEXT, c33 TEXT, c34 TEXT, c35 TEXT, c36 TEXT, c37 TEXT, c38 TEXT, c39 TEXT, c40 TEXT, c41 TEXT, c42 TEXT, c43 TEXT, c44 TEXT, c45 TEXT, c46 TEXT, c47 TEXT, c48 TEXT, c49 TEXT, c50 TEXT, c51 TEXT, c52 TEXT, c53 TEXT, c54 TEXT, c55 TEXT, c56 TEXT, c57 TEXT, c58 TEXT, c59 TEXT, c60 TEXT, c61 TEXT, c62 TEXT, c63 TEXT, c64 TEXT, c65 TEXT, c66 TEXT, c67 TEXT, c68 TEXT, c69 TEXT, c70 TEXT, c71 TEXT, c72 TEXT, c73 TEXT, c74 TEXT, c75 TEXT, c76 TEXT, c77 TEXT, c78 TEXT, c79 TEXT, c80 TEXT, c81 TEXT, c82 TEXT, c83 TEXT, c84 TEXT, c85 TEXT, c86 TEXT, c87 TEXT, c88 TEXT, c89 TEXT, c90 TEXT, c91 TEXT, c92 TEXT, c93 TEXT, c94 TEXT, c95 TEXT, c96 TEXT, c97 TEXT, c98 TEXT, c99 TEXT, c100 TEXT, c101 TEXT, c102 TEXT, c103 TEXT, c104 TEXT, c105 TEXT, c106 TEXT, c107 TEXT, c108 TEXT, c109 TEXT, c110 TEXT, c111 TEXT, c112 TEXT, c113 TEXT, c114 TEXT, c115 TEXT, c116 TEXT, c117 TEXT, c118 TEXT, c119 TEXT, c120 TEXT, c121 TEXT, c122 TEXT, c123 TEXT, c124 TEXT, c125 TEXT, c126 TEXT, c127 TEXT, c128 TEXT, c129 TEXT, c130 TEXT, c131 TEXT, c132 TEXT, c133 TEXT, c134 TEXT, c135 TEXT, c136 TEXT, c137 TEXT, c138 TEXT, c139 TEXT, c140 TEXT, c141 TEXT, c142 TEXT, c143 TEXT, c144 TEXT, c145 TEXT, c146 TEXT, c147 TEXT, c148 TEXT, c149 TEXT, c150 TEXT, c151 TEXT, c152 TEXT, c153 TEXT, c154 TEXT, c155 TEXT, c156 TEXT, c157 TEXT, c158 TEXT, c159 TEXT, c160 TEXT, c161 TEXT, c162 TEXT, c163 TEXT, c164 TEXT, c165 TEXT, c166 TEXT, c167 TEXT, c168 TEXT, c169 TEXT, c170 TEXT, c171 TEXT, c172 TEXT, c173 TEXT, c174 TEXT, c175 TEXT, c176 TEXT, c177 TEXT, c178 TEXT, c179 TEXT, c180 TEXT, c181 TEXT, c182 TEXT, c183 TEXT, c184 TEXT, c185 TEXT, c186 TEXT, c187 TEXT, c188 TEXT, c189 TEXT, c190 TEXT, c191 TEXT, c192 TEXT, c193 TEXT, c194 TEXT, c195 TEXT, c196 TEXT, c197 TEXT, c198 TEXT, c199 TEXT, c200 TEXT, c201 TEXT, c202 TEXT, c203 TEXT, c204 TEXT, c205 TEXT, c206 TEXT, c207 TEXT, c208 TEXT, c209 TEXT, c210 TEXT, c211 TEXT, c212 TEXT, c213 TEXT, c214 TEXT, c215 TEXT, c216 TEXT, c217 TEXT, c218 TEXT, c219 TEXT, c220 TEXT, c221 TEXT, c222 TEXT, c223 TEXT, c224 TEXT, c225 TEXT, c226 TEXT, c227 TEXT, c228 TEXT, c229 TEXT, c230 TEXT, c231 TEXT, c232 TEXT, c233 TEXT, c234 TEXT, c235 TEXT, c236 TEXT, c237 TEXT, c238 TEXT, c239 TEXT, c240 TEXT, c241 TEXT, c242 TEXT, c243 TEXT, c244 TEXT, c245 TEXT, c246 TEXT, c247 TEXT, c248 TEXT, c249 TEXT, c250 TEXT, c251 TEXT, c252 TEXT, c253 TEXT, c254 TEXT, c255 TEXT, c256 TEXT, c257 TEXT, c258 TEXT, c259 TEXT, c260 TEXT, c261 TEXT, c262 TEXT, c263 TEXT, c264 TEXT, c265 TEXT, c266 TEXT, c267 TEXT, c268 TEXT, c269 TEXT, c270 TEXT, c271 TEXT, c272 TEXT, c273 TEXT, c274 TEXT, c275 TEXT, c276 TEXT, c277 TEXT, c278 TEXT, c279 TEXT, c280 TEXT, c281 TEXT, c282 TEXT, c283 TEXT, c284 TEXT, c285 TEXT, c286 TEXT, c287 TEXT, c288 TEXT, c289 TEXT, c290 TEXT, c291 TEXT, c292 TEXT, c293 TEXT, c294 TEXT, c295 TEXT, c296 TEXT, c297 TEXT, c298 TEXT, c299 TEXT);
INSERT INTO wide (id) VALUES (1);
