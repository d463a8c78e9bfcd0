#![no_main]

use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder can be made"));

libfuzzer_sys::fuzz_target!(|body: &[u8]| frontdesk_forms::fuzzing::read_multipart(body, FOLDER.path()));
