#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| frontdesk_auth::fuzzing::submit(body));
