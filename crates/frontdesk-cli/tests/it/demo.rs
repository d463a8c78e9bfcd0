//! The demo, as a newcomer sees it.

use http::StatusCode;

use crate::command::{Frontdesk, Server};

#[tokio::test]
async fn without_a_database_a_demo_is_made_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Frontdesk::new(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(server.said.contains("frontdesk-demo.db"), "{}", server.said);
    assert!(server.said.contains("Nobody signs in"), "{}", server.said);
    let home = server.get("/");
    for part in ["Heroes", "Products", "Orders", "Sales", "This is a demo"] {
        assert!(home.contains(part), "{part}");
    }
    for address in
        ["/tables/hero/", "/forms/hero/", "/forms/hero/1/", "/forms/purchase_item/1,1/", "/tables/sales/"]
    {
        assert!(server.get(address).starts_with("HTTP/1.1 200"), "{address}");
    }
    assert!(server.get("/forms/sales/").starts_with(&format!("HTTP/1.1 {}", StatusCode::FORBIDDEN)));
    server.stop();

    // The second time it is the same one.
    let server = Server::start(Frontdesk::new(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(server.get("/tables/hero/").contains("Captain Kestrel"));
    server.stop();
}
