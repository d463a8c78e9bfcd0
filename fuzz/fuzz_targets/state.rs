#![no_main]

libfuzzer_sys::fuzz_target!(|payload: &[u8]| frontdesk_forms::fuzzing::decode_state(payload));
