//! A contact form that keeps programs out: an input that people do not see, a moment that they need, and a small proof of
//! work. Nobody else is asked, and no cookie is set for it.
//!
//! Send the form at once, and again a moment later; switch JavaScript off, and wait ten seconds instead.
//!
//! Run with `cargo run -p example-forms --bin bots`.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use frontdesk::prelude::*;

use crate::page::{App, page};

/// The whole program: a form that strangers reach.
///
/// # Errors
/// [`DbError`], if the database cannot be opened.
pub async fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let db = Db::open("sqlite::memory:").await?;
    // Each proof is good for one submission: with several processes, remember which were used in a database.
    let desk = Desk::new(Secret::random()).remember_submissions(Ledger::database(&db));
    Ok(Router::new().route("/", any(contact)).merge(desk.router()).with_state(App { desk, db }))
}

async fn contact(State(app): State<App>, mut request: FormRequest) -> Result<Response, FormError> {
    // About 10,000 tries: too little for anyone to notice.
    let protection = BotProtection::new().proof_of_work(Difficulty::fixed(20_000));
    let fields = [Field::text("message").requires(IsNotEmpty::new())];
    let form = Form::for_fields("contact", fields).protect(protection).process(&mut request).await?;
    if form.accepted() {
        return Ok("Thank you.".into_response());
    }
    Ok(page(&app.desk, &request, "Contact", &form))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::StatusCode;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value as JsonValue;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::visitor::{Answer, Visitor};

    /// What the script does.
    fn solve(page: &Answer) -> String {
        let start = "data-fd-altcha=\"";
        let at = page.html.find(start).unwrap() + start.len();
        let json = page.html[at..].split('"').next().unwrap().replace("&quot;", "\"").replace("&amp;", "&");
        let mut proof: JsonValue = serde_json::from_str(&json).unwrap();
        let (salt, wanted) = (proof["salt"].as_str().unwrap(), proof["challenge"].as_str().unwrap());
        let hash = |number: &u64| {
            let hash = Sha256::digest(format!("{salt}{number}"));
            hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let number = (0..=20_000).find(|number| hash(number) == wanted).unwrap();
        proof["number"] = number.into();
        STANDARD.encode(proof.to_string())
    }

    #[tokio::test]
    async fn programs_are_stopped_and_people_are_let_in_once_for_each_proof() {
        let app = app().await.unwrap();
        let mut visitor = Visitor::new(&app);
        let opened = visitor.get("/").await;
        let proof = solve(&opened);
        let spam = [("message", "Buy now"), ("website", "https://spam.example"), ("altcha", &proof)];
        let refused = visitor.send_form("/", &opened, &spam).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.html.contains("Buy now"),
            "what was typed is kept: people are taken for programs too"
        );

        let opened = visitor.get("/").await;
        let (proof, other) = (solve(&opened), visitor.get("/").await);
        let values = [("message", "Hello"), ("website", ""), ("altcha", &*proof)];
        let quick = visitor.send_form("/", &opened, &values).await;
        assert!(quick.html.contains("very quick"), "{}", quick.html);
        tokio::time::sleep(Duration::from_millis(3100)).await;
        assert_eq!(visitor.send_form("/", &opened, &values).await.html, "Thank you.");

        let again = visitor.send_form("/", &other, &values).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the proof was used up");
    }
}
