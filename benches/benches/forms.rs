//! What a form costs without HTTP: `cargo bench -p frontdesk-bench --bench forms`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run may end")]

use axum::body::Body;
use divan::{Bencher, black_box};
use frontdesk::forms::FormSpec;
use frontdesk::prelude::*;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use tokio::runtime::Runtime;

const NONCE: HeaderValue = HeaderValue::from_static("__Host-_formkey=AAAAAAAAAAAAAAAAAAAAAA");

fn main() {
    divan::main();
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn spec() -> FormSpec {
    let table = frontdesk_bench::thing();
    Form::for_fields("thing", table.fields.into_iter().filter(|field| field.writable))
}

fn get(desk: &Desk) -> FormRequest {
    let headers = HeaderMap::from_iter([(COOKIE, NONCE)]);
    FormRequest::new(desk.clone(), Method::GET, "/thing/new".parse().unwrap(), headers, Body::empty())
}

fn post(desk: &Desk, body: &str) -> FormRequest {
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = HeaderMap::from_iter([(COOKIE, NONCE), (CONTENT_TYPE, kind)]);
    FormRequest::new(
        desk.clone(),
        Method::POST,
        "/thing/new".parse().unwrap(),
        headers,
        Body::from(body.to_owned()),
    )
}

fn token(runtime: &Runtime, desk: &Desk, spec: &FormSpec) -> String {
    let form = runtime.block_on(spec.process(&mut get(desk))).unwrap();
    form.as_json()["hidden"]["_formkey"].as_str().unwrap().to_owned()
}

#[divan::bench]
fn draw_the_create_form(bencher: Bencher<'_, '_>) {
    let (runtime, desk, spec) = (runtime(), Desk::new(Secret::random()), spec());
    bencher.with_inputs(|| get(&desk)).bench_local_values(|mut request| {
        let form = runtime.block_on(spec.process(&mut request)).unwrap();
        black_box(form.html())
    });
}

#[divan::bench]
fn build_the_tree(bencher: Bencher<'_, '_>) {
    let (runtime, desk, spec) = (runtime(), Desk::new(Secret::random()), spec());
    bencher.with_inputs(|| runtime.block_on(spec.process(&mut get(&desk))).unwrap()).bench_local_values(
        |mut form| {
            black_box(form.structure());
            form
        },
    );
}

#[divan::bench]
fn a_valid_submission(bencher: Bencher<'_, '_>) {
    let (runtime, desk, spec) = (runtime(), Desk::new(Secret::random()), spec());
    let body =
        format!("_formname=thing&_formkey={}&name=A+new+thing&color=green", token(&runtime, &desk, &spec));
    bencher.with_inputs(|| post(&desk, &body)).bench_local_values(|mut request| {
        let form = runtime.block_on(spec.process(&mut request)).unwrap();
        assert!(form.accepted());
        form
    });
}

#[divan::bench]
fn an_invalid_submission(bencher: Bencher<'_, '_>) {
    let (runtime, desk, spec) = (runtime(), Desk::new(Secret::random()), spec());
    let body = format!("_formname=thing&_formkey={}&name=&color=green", token(&runtime, &desk, &spec));
    bencher.with_inputs(|| post(&desk, &body)).bench_local_values(|mut request| {
        let form = runtime.block_on(spec.process(&mut request)).unwrap();
        assert!(!form.accepted());
        black_box(form.html())
    });
}
