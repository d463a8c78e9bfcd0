#![no_main]

use frontdesk_validate::fuzzing;

libfuzzer_sys::fuzz_target!(|text: &str| fuzzing::read_expression(text));
