//! What rules cost: `cargo bench -p frontdesk-bench --bench rules`.

use divan::{Bencher, black_box};
use frontdesk::prelude::*;

fn main() {
    divan::main();
}

fn bench(bencher: Bencher<'_, '_>, rules: impl Into<Rules>, input: &str) {
    let rules = rules.into();
    bencher.with_inputs(|| Value::from(input)).bench_values(|value| black_box(rules.check_now(value)));
}

#[divan::bench]
fn is_not_empty_and_is_length(bencher: Bencher<'_, '_>) {
    bench(bencher, Rules::list().and(IsNotEmpty::new()).and(IsLength::max(200)), "A new thing");
}

#[divan::bench]
fn is_in_set(bencher: Bencher<'_, '_>) {
    bench(bencher, IsInSet::new(["red", "green", "blue"]), "green");
}

#[divan::bench]
fn is_int_in_range(bencher: Bencher<'_, '_>) {
    bench(bencher, IsIntInRange::new(0..1000), "742");
}

#[divan::bench]
fn is_int_in_range_refused(bencher: Bencher<'_, '_>) {
    bench(bencher, IsIntInRange::new(0..100), "742");
}

#[divan::bench]
fn is_email(bencher: Bencher<'_, '_>) {
    bench(bencher, IsEmail::new(), "ada.lovelace@example.co.uk");
}

#[divan::bench]
fn is_url(bencher: Bencher<'_, '_>) {
    bench(bencher, IsUrl::new(), "https://example.com/a/path?query=1#fragment");
}

#[divan::bench]
fn is_date(bencher: Bencher<'_, '_>) {
    bench(bencher, IsDate::new(), "2024-02-29");
}

#[divan::bench]
fn is_strong(bencher: Bencher<'_, '_>) {
    bench(bencher, IsStrong::new(), "Abcd1234!");
}
