#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| frontdesk_forms::fuzzing::decode_urlencoded(body));
