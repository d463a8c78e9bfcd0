#![no_main]

libfuzzer_sys::fuzz_target!(|token: &[u8]| frontdesk_auth::fuzzing::redeem(token));
