//! Files under `tests/data` that Rust writes and JavaScript reads.

use std::path::Path;
use std::{env, fs};

/// Holds that the file is what Rust would write now; with `FRONTDESK_WRITE` set, writes it.
pub(crate) fn hold(name: &str, content: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name);
    if env::var_os("FRONTDESK_WRITE").is_some() {
        fs::write(&path, content).expect("the folder is there");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == content, "tests/data/{name} is not up to date: run this test with FRONTDESK_WRITE=1");
}
