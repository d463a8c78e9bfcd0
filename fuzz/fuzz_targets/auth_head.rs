#![no_main]

libfuzzer_sys::fuzz_target!(|head: &[u8]| frontdesk_auth::fuzzing::identify(head));
