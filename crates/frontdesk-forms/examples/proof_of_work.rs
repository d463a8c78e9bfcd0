//! Protection against bots for a page with HTML of its own: `cargo run -p frontdesk-forms --example proof_of_work`.
//!
//! A form of a `FormSpec` needs none of this: `FormSpec::protect` does it all.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use frontdesk_forms::{
    BotCheck, BotPlace, BotProtection, BotTexts, Difficulty, Ledger, Verdict, WithoutScript,
};
use frontdesk_html::{HtmlWriter, SinkExt};
use frontdesk_web::{Purpose, Secret, SecurityHeaders, ServeOptions, Signer};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;

/// What the page needs to draw its form and to judge what comes back.
struct Page {
    protection: BotProtection,
    challenges: Purpose,
    times: Purpose,
    spent: Ledger,
}

const FORM: &str = "guestbook";
const SOLVER: &str = include_str!("../assets/src/altcha.js");
const SCRIPT: &str = "import { solve } from '/altcha.js';
const place = document.querySelector('[data-fd-altcha]');
const proof = solve(JSON.parse(place.dataset.fdAltcha));
document.querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  document.querySelector('[name=altcha]').value = await proof;
  event.target.submit();
});
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let signer = Signer::new(Secret::random());
    let page = Arc::new(Page {
        protection: BotProtection::new()
            .time_trap(Duration::from_millis(100))
            .proof_of_work(Difficulty::fixed(20_000))
            .without_script(WithoutScript::Refuse),
        challenges: signer.purpose(BotProtection::PURPOSE),
        times: signer.purpose("drawn"),
        spent: Ledger::memory(),
    });
    let script = |text: &'static str| get(move || async move { ([(CONTENT_TYPE, "text/javascript")], text) });
    let headers = SecurityHeaders::default();
    let secured = map_response(move |mut response: Response| {
        headers.apply(response.headers_mut());
        std::future::ready(response)
    });
    let router = Router::new()
        .route("/", get(async |State(page): State<Arc<Page>>| page.draw("")).post(sign))
        .route("/altcha.js", script(SOLVER))
        .route("/page.js", script(SCRIPT))
        .layer(secured)
        .with_state(page);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    frontdesk_web::serve(listener, router, ServeOptions::default(), std::future::pending()).await
}

async fn sign(State(page): State<Arc<Page>>, body: Bytes) -> Response {
    let mut entries = form_urlencoded::parse(&body).collect::<std::collections::HashMap<_, _>>();
    let drawn = entries.remove("drawn").unwrap_or_default();
    let signature = entries.remove("signature").unwrap_or_default();
    let time = drawn.parse::<i64>().ok().and_then(|second| Timestamp::from_millisecond(second).ok());
    let Some(time) = time.filter(|_| page.times.verify(&[drawn.as_bytes()], &signature)) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, page.draw("This form is not ours.")).into_response();
    };
    let submission = BotCheck {
        form: FORM,
        honeypot: entries.get("website").map(|text| &**text),
        proof: entries.get(BotProtection::PROOF).map(|text| &**text),
        drawn: time,
        now: Timestamp::now(),
    };
    match page.protection.check(&page.challenges, &page.spent, submission).await {
        Ok(Verdict::Human) => Html("<!doctype html><title>Thank you</title><p>Thank you.").into_response(),
        Ok(verdict) => {
            let reason =
                verdict.error().map(|error| format!("{}: {error}", error.code())).unwrap_or_default();
            (StatusCode::UNPROCESSABLE_ENTITY, page.draw(&reason)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

impl Page {
    fn draw(&self, reason: &str) -> Html<String> {
        let drawn = Timestamp::now().as_millisecond().to_string();
        let mut out = HtmlWriter::new();
        out.element("form", |out| {
            out.attrs([("method", "post"), ("action", "/")]);
            out.text_element("p", "reason", reason);
            for (name, value) in [("drawn", &drawn), ("signature", &self.times.token(&[drawn.as_bytes()]))] {
                out.element("input", |out| out.attrs([("type", "hidden"), ("name", name), ("value", value)]));
            }
            let place = BotPlace {
                key: &self.challenges,
                form: FORM,
                honeypot: Some("website"),
                texts: BotTexts::default(),
            };
            self.protection.write(place, out);
            out.text_element("button", "", "Sign the guestbook");
        });
        let form = out.into_string();
        Html(format!(
            "<!doctype html><html lang=\"en\"><title>Guestbook</title><script type=\"module\" \
             src=\"/page.js\"></script><main><h1>Guestbook</h1>{form}</main></html>"
        ))
    }
}
