//! Creating, breaking, mending, editing and deleting a record.

use http::StatusCode;

use crate::sample::Sample;

const SHOP: &str = "
    CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    INSERT INTO kind VALUES (1, 'Tea'), (2, 'Cake');
    CREATE TABLE product (
        id INTEGER PRIMARY KEY,
        sku VARCHAR(8) NOT NULL UNIQUE,
        name VARCHAR(20) NOT NULL,
        kind_id INTEGER NOT NULL REFERENCES kind (id),
        price DECIMAL(6,2) CHECK (price > 0),
        on_sale BOOLEAN NOT NULL DEFAULT 1,
        note TEXT,
        picture VARCHAR(255)
    );
    INSERT INTO product VALUES (1, 'T-1', 'Green tea', 1, 4.5, 1, NULL, NULL);
";

const SCHEMA: &str = "
    [tables.product.fields]
    picture = { type = 'upload', upload = { max_bytes = 100000 } }
";

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

#[tokio::test]
async fn form_01_a_record_is_created_broken_mended_edited_and_deleted() {
    let mut sample = Sample::sql(SHOP).await;
    let form = sample.visitor.form("/forms/product/").await;
    let broken = form
        .clone()
        .set("sku", "T-1")
        .set("name", "A name that is far too long for its column")
        .set("kind_id", "99")
        .set("price", "free")
        .set("note", "kept\r\nas typed");
    let page = sample.visitor.submit(&broken).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sample.count("product"), 1);
    // Each error is tied to its input, and all text is kept.
    let document = page.document();
    for name in ["name", "kind_id", "price"] {
        let input = scraper::Selector::parse(&format!("[name={name}][aria-invalid=true]")).unwrap();
        let input = document.select(&input).next().unwrap_or_else(|| panic!("{name} is not marked"));
        let described = input.attr("aria-describedby").unwrap().split(' ').next().unwrap();
        assert_eq!(page.texts(&format!("#{described}.fd-error")).len(), 1, "{name}");
    }
    let summary = page.texts(".fd-summary a");
    assert_eq!(summary.len(), 4, "each is one step away: {summary:?}");
    let kept = page.form().unwrap();
    for (name, value) in [("price", "free"), ("note", "kept\r\nas typed"), ("sku", "T-1")] {
        assert!(kept.fields.contains(&(name.to_owned(), value.to_owned())), "{name}: {:?}", kept.fields);
    }

    let mended = kept.set("sku", "C-1").set("name", "Lemon cake").set("kind_id", "2").set("price", "3.20");
    let list = sample.visitor.submit(&mended).await;
    assert_eq!(list.texts(".flash-success"), ["Created “Lemon cake”."]);
    assert_eq!(list.texts("tbody tr:last-child td")[1..5], ["C-1", "Lemon cake", "Cake", "3.20"]);

    let address = list.links("tbody tr:last-child .open a")[0].clone();
    let edited = sample.visitor.form(&address).await.set("name", "Lime cake").without("on_sale");
    let list = sample.visitor.submit(&edited).await;
    assert_eq!(list.texts(".flash-success"), ["Saved “Lime cake”."]);
    assert_eq!(list.texts("tbody tr:last-child td")[2], "Lime cake");
    assert_eq!(list.texts("tbody tr:last-child td")[5], "no");

    let doomed = sample.visitor.form(&address).await.set("_delete", "ON");
    let list = sample.visitor.submit(&doomed).await;
    assert_eq!(list.texts(".flash-success"), ["Deleted “Lime cake”."]);
    assert_eq!(sample.count("product"), 1);
    assert_eq!(sample.visitor.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_database_refuses_is_beside_the_field() {
    let mut sample = Sample::sql(SHOP).await;
    let form = sample.visitor.form("/forms/product/").await;
    let form = form.set("sku", "T-1").set("name", "x").set("kind_id", "1").set("price", "1");
    let page = sample.visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts("#product_sku_error").len(), 1, "{:?}", page.texts(".fd-error"));
    // A row that others refer to stays.
    let form = sample.visitor.form("/forms/kind/1/").await.set("_delete", "ON");
    let page = sample.visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.texts(".fd-summary").len(), 1);
    assert_eq!(sample.count("kind"), 2);
}

#[tokio::test]
async fn crud_07_a_record_that_is_gone_in_the_meantime_is_not_written_and_nothing_typed_is_lost() {
    let mut sample = Sample::sql(SHOP).await;
    let form = sample.visitor.form("/forms/product/1/").await.set("name", "late");
    rusqlite::Connection::open(&sample.path).unwrap().execute("DELETE FROM product", []).unwrap();
    let page = sample.visitor.submit(&form).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.texts("h1"), ["This record was deleted"]);
    assert!(page.form().unwrap().fields.contains(&("name".to_owned(), "late".to_owned())));
    assert_eq!(sample.count("product"), 0);
    assert_eq!(sample.visitor.get("/forms/product/1/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_stored_shown_replaced_and_removed() {
    let mut sample = Sample::described(SHOP, Some(SCHEMA)).await;
    let media = sample.folder.path().join("media");
    let stored = || -> Vec<String> {
        let entries = std::fs::read_dir(&media).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".incoming").collect()
    };
    let form = sample.visitor.form("/forms/product/1/").await.file("picture", "tea.gif", GIF);
    let list = sample.visitor.submit(&form).await;
    assert_eq!(list.texts(".flash-success"), ["Saved “Green tea”."], "{:?}", list.texts(".fd-error"));
    assert_eq!(stored().len(), 1);
    let link = list.links("td a[href^='/media/']")[0].clone();
    let file = sample.visitor.get(&link).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "image/gif"));
    assert_eq!(file.body, GIF);

    // Only below fields of files.
    let key = link.rsplit('/').next().unwrap();
    for other in ["/media/product/name", "/media/kind/picture", "/media/nothing/picture", "/media/product/~"]
    {
        assert_eq!(
            sample.visitor.get(&format!("{other}/{key}")).await.status,
            StatusCode::NOT_FOUND,
            "{other}"
        );
    }
    for key in ["..%2Fsample.db", "%2Fetc%2Fpasswd", "..", "sample.db", ".incoming"] {
        assert_eq!(
            sample.visitor.get(&format!("/media/product/picture/{key}")).await.status,
            StatusCode::NOT_FOUND
        );
    }

    let page = sample.visitor.get("/forms/product/1/").await;
    assert_eq!(page.links(".fd-stored a"), [link]);
    let too_large = page.form().unwrap().file("picture", "big.gif", &vec![0; 200_000]).set("name", "kept");
    let page = sample.visitor.submit(&too_large).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    assert!(page.text().contains("too large"));
    assert!(page.form().unwrap().fields.contains(&("name".to_owned(), "kept".to_owned())));
    assert_eq!(stored().len(), 1);

    let form = sample.visitor.form("/forms/product/1/").await.set("_delete_picture", "ON");
    sample.visitor.submit(&form).await;
    assert_eq!(stored().len(), 0);
}

#[tokio::test]
async fn a_schema_file_changes_what_is_shown_and_asked() {
    let schema = "
        [tables.product]
        label = 'Things we sell'
        comment = 'All of it.'
        readable = '{name} ({sku})'
        [tables.product.fields]
        name = { label = 'What it is', requires = { rule = 'is_length', minsize = 3 } }
        note = { readable = false, writable = false }
        kind_id = { widget = 'radio' }
        [tables.basket]
        create = true
        fields.owner = { type = 'string' }
    ";
    let mut sample = Sample::described(SHOP, Some(schema)).await;
    let home = sample.visitor.get("/").await;
    assert_eq!(home.texts(".about h3"), ["Basket", "Kind", "Things we sell"]);
    let list = sample.visitor.get("/tables/product/").await;
    assert!(list.texts("thead th").contains(&"What it is".to_owned()));
    assert!(!list.texts("thead th").contains(&"Note".to_owned()));
    // Neither is what is not shown searched, ordered or filtered by.
    assert_eq!(sample.visitor.get("/tables/product/?field=note&is=x").await.status, StatusCode::NOT_FOUND);
    let form = sample.visitor.get("/forms/product/1/").await;
    assert_eq!(form.texts("h1"), ["Green tea (T-1)"]);
    assert_eq!(form.texts("fieldset label"), ["Cake", "Tea"]);
    let page = sample.visitor.submit(&form.form().unwrap().set("name", "x")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sample.visitor.get("/forms/basket/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn bytes_are_shown_by_their_size_and_stay() {
    let mut sample = Sample::sql(
        "CREATE TABLE photo (id INTEGER PRIMARY KEY, name TEXT, data BLOB);
         INSERT INTO photo VALUES (1, 'a', zeroblob(3000000)), (2, 'b', NULL);",
    )
    .await;
    let page = sample.visitor.get("/forms/photo/1/").await;
    assert!(page.body.len() < 10_000);
    assert_eq!(page.texts(".fd-value"), ["3,000,000 bytes"]);
    let form = page.form().unwrap().set("name", "renamed");
    assert_eq!(sample.visitor.submit(&form).await.texts(".flash-success"), ["Saved “renamed”."]);
    let connection = rusqlite::Connection::open(&sample.path).unwrap();
    let kept = connection.query_row("SELECT length(data), typeof(data) FROM photo WHERE id = 1", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    });
    assert_eq!(kept.unwrap(), (3_000_000, "blob".to_owned()));
}
