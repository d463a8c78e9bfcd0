//! Protection against bots: who is let in, who waits, who is refused, and that a proof of work is good for once.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use frontdesk_data::Db;
use frontdesk_forms::{
    BotCheck, BotPlace, BotProtection, BotTexts, Difficulty, Ledger, Verdict, WithoutScript,
    submission_digest,
};
use frontdesk_html::HtmlWriter;
use frontdesk_web::{Purpose, Secret, Signer};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A visitor's side of a form with a proof of work.
struct Visit {
    protection: BotProtection,
    key: Purpose,
    spent: Ledger,
    drawn: Timestamp,
}

impl Visit {
    fn new(protection: BotProtection) -> Self {
        let key = Signer::new(Secret::random()).purpose(BotProtection::PURPOSE);
        Self { protection, key, spent: Ledger::memory(), drawn: Timestamp::now() }
    }

    fn with_proof() -> Self {
        Self::new(BotProtection::new().proof_of_work(Difficulty::fixed(2_000)))
    }

    fn challenge(&self) -> Value {
        serde_json::from_str(&self.protection.challenge(&self.key, "thing").unwrap()).unwrap()
    }

    /// A form that was drawn for `thing` and is sent `after` so many seconds.
    fn sent(&self, after: i64) -> BotCheck<'static> {
        let now = Timestamp::from_second(self.drawn.as_second() + after).unwrap();
        BotCheck { form: "thing", honeypot: Some(""), proof: None, drawn: self.drawn, now }
    }

    async fn check(&self, submission: BotCheck<'_>) -> Verdict {
        self.protection.check(&self.key, &self.spent, submission).await.unwrap()
    }

    async fn proves(&self, proof: &str) -> Verdict {
        self.check(BotCheck { proof: Some(proof), ..self.sent(60) }).await
    }
}

/// Solves as a client does, from the public text of the challenge alone.
fn solve(challenge: &Value) -> Value {
    let (salt, wanted) = (challenge["salt"].as_str().unwrap(), challenge["challenge"].as_str().unwrap());
    let hex = |number: u64| {
        let hash = Sha256::new().chain_update(salt).chain_update(number.to_string()).finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let number =
        (0..=challenge["maxnumber"].as_u64().unwrap()).find(|number| hex(*number) == wanted).unwrap();
    let mut proof = challenge.clone();
    proof["number"] = number.into();
    proof["took"] = 12.into();
    proof
}

fn encode(proof: &Value) -> String {
    STANDARD.encode(proof.to_string())
}

fn code(verdict: &Verdict) -> String {
    verdict.clone().error().map(|error| error.code().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn capt_01_people_are_let_in_and_programs_are_not() {
    let visit = Visit::new(BotProtection::new());
    assert_eq!(visit.check(visit.sent(5)).await, Verdict::Human);
    assert_eq!(visit.check(BotCheck { honeypot: None, ..visit.sent(5) }).await, Verdict::Human);

    let filled = visit.check(BotCheck { honeypot: Some("https://spam.example"), ..visit.sent(5) }).await;
    assert_eq!(code(&filled), "bot.filled");

    let Verdict::Wait(left) = visit.check(visit.sent(0)).await else { panic!("it is too fast") };
    assert!(left > Duration::from_millis(900) && left <= Duration::from_secs(2), "{left:?}");
    // A clock that was set back is no reason to let programs in.
    assert_eq!(visit.check(visit.sent(-3600)).await, Verdict::Wait(Duration::from_secs(2)));

    let open = Visit::new(BotProtection::new().time_trap(Duration::ZERO).without_honeypot());
    assert_eq!(open.check(open.sent(0)).await, Verdict::Human);
    assert_eq!(open.protection.honeypot_name(|_| false), None);
}

#[tokio::test]
async fn capt_01_a_proof_is_good_for_one_submission() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    for spent in [Ledger::memory(), Ledger::database(&db)] {
        let visit = Visit { spent, ..Visit::with_proof() };
        let proof = encode(&solve(&visit.challenge()));
        assert_eq!(visit.proves(&proof).await, Verdict::Human);
        assert_eq!(code(&visit.proves(&proof).await), "bot.used");
        let unpadded = proof.trim_end_matches('=');
        assert_eq!(code(&visit.proves(unpadded).await), "bot.used", "another spelling is the same proof");
        let mut spaced = solve(&visit.challenge());
        assert_eq!(visit.proves(&encode(&spaced)).await, Verdict::Human);
        spaced["took"] = 99.into();
        assert_eq!(code(&visit.proves(&encode(&spaced)).await), "bot.used");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn capt_01_of_parallel_submissions_with_one_proof_one_is_let_in() {
    let visit = std::sync::Arc::new(Visit::with_proof());
    let proof = encode(&solve(&visit.challenge()));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (visit, proof) = (std::sync::Arc::clone(&visit), proof.clone());
            tokio::spawn(async move { visit.proves(&proof).await == Verdict::Human })
        })
        .collect();
    let mut humans = 0;
    for task in tasks {
        humans += usize::from(task.await.unwrap());
    }
    assert_eq!(humans, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn capt_01_of_two_replicas_one_lets_a_proof_in() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let visit = std::sync::Arc::new(Visit::with_proof());
    let replicas: [_; 4] = std::array::from_fn(|_| Ledger::database(&db));
    for _ in 0..10 {
        let proof = encode(&solve(&visit.challenge()));
        let tasks: Vec<_> = replicas
            .iter()
            .map(|spent| {
                let (visit, spent, proof) = (std::sync::Arc::clone(&visit), spent.clone(), proof.clone());
                tokio::spawn(async move {
                    let submission = BotCheck { proof: Some(&proof), ..visit.sent(60) };
                    visit.protection.check(&visit.key, &spent, submission).await.unwrap() == Verdict::Human
                })
            })
            .collect();
        let mut humans = 0;
        for task in tasks {
            humans += usize::from(task.await.unwrap());
        }
        assert_eq!(humans, 1);
    }
}

#[tokio::test]
async fn capt_01_an_altered_proof_is_refused() {
    let visit = Visit::with_proof();
    let proof = solve(&visit.challenge());
    let number = proof["number"].as_u64().unwrap();
    let salt = proof["salt"].as_str().unwrap().to_owned();
    let other = visit.challenge();
    let altered = [
        ("number", json!(number + 1)),
        ("number", json!(u64::MAX)),
        ("number", json!(-1)),
        ("number", json!(1.5)),
        ("number", json!(number.to_string())),
        ("number", Value::Null),
        ("salt", json!(salt.replace("expires=1", "expires=9"))),
        ("salt", json!(salt.trim_end_matches('&'))),
        ("salt", other["salt"].clone()),
        ("challenge", other["challenge"].clone()),
        ("challenge", json!("")),
        ("signature", other["signature"].clone()),
        ("signature", json!("")),
        ("signature", Value::Null),
        ("algorithm", json!("SHA-1")),
        ("algorithm", json!("sha-256")),
        ("algorithm", Value::Null),
    ];
    for (name, value) in altered {
        let mut altered = proof.clone();
        altered[name] = value;
        assert_eq!(code(&visit.proves(&encode(&altered)).await), "bot.proof", "{altered}");
    }
    // Digits of the time cannot become digits of the number.
    let (front, back) = salt.split_at(salt.len() - 2);
    let mut spliced = proof.clone();
    spliced["salt"] = front.into();
    spliced["number"] = format!("{}{number}", back.trim_end_matches('&')).parse::<u64>().unwrap().into();
    assert_eq!(code(&visit.proves(&encode(&spliced)).await), "bot.proof");

    assert_eq!(visit.proves(&encode(&proof)).await, Verdict::Human, "all of these used nothing up");
}

#[tokio::test]
async fn capt_01_a_proof_for_another_form_or_by_another_secret_is_refused() {
    let (visit, stranger) = (Visit::with_proof(), Visit::with_proof());
    let theirs = encode(&solve(&stranger.challenge()));
    assert_eq!(code(&visit.proves(&theirs).await), "bot.proof");
    let proof = encode(&solve(&visit.challenge()));
    let other = visit.check(BotCheck { form: "other", proof: Some(&proof), ..visit.sent(60) }).await;
    assert_eq!(code(&other), "bot.proof");

    // After a change of secrets, forms that are open still work.
    let (old, new) = (Secret::random(), Secret::random());
    let before =
        Visit { key: Signer::new(old.clone()).purpose(BotProtection::PURPOSE), ..Visit::with_proof() };
    let proof = encode(&solve(&before.challenge()));
    let after = Visit { key: Signer::new(new).also_accept(old).purpose(BotProtection::PURPOSE), ..before };
    assert_eq!(after.proves(&proof).await, Verdict::Human);
}

#[tokio::test]
async fn capt_01_an_expired_proof_says_so() {
    let visit = Visit::new(
        BotProtection::new().proof_of_work(Difficulty::fixed(1_000)).proof_lives(Duration::from_secs(600)),
    );
    let proof = encode(&solve(&visit.challenge()));
    let late = visit.check(BotCheck { proof: Some(&proof), ..visit.sent(601) }).await;
    assert_eq!(code(&late), "bot.expired");
    let early = visit.check(BotCheck { proof: Some(&proof), ..visit.sent(599) }).await;
    assert_eq!(early, Verdict::Human);
}

#[tokio::test]
async fn capt_01_garbage_is_refused_at_once() {
    let visit = Visit::with_proof();
    let deep = "[".repeat(100_000);
    let large = json!({ "challenge": "x".repeat(1 << 20) });
    let garbage = [
        "x".into(),
        "=".into(),
        "é".into(),
        "\0".into(),
        STANDARD.encode("null"),
        STANDARD.encode("[]"),
        STANDARD.encode("{}"),
        STANDARD.encode("{\"number\":1}"),
        STANDARD.encode("{"),
        STANDARD.encode([0xff, 0xfe]),
        STANDARD.encode(&deep[..1000]),
        STANDARD.encode(deep),
        "A".repeat(1 << 20),
        encode(&large),
    ];
    let start = Instant::now();
    for proof in &garbage {
        assert_eq!(code(&visit.proves(proof).await), "bot.proof", "{:.40}", proof);
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn capt_01_without_a_script_one_waits_or_is_refused_as_the_application_says() {
    let proof = || BotProtection::new().proof_of_work(Difficulty::fixed(1_000));
    let waits = Visit::new(proof());
    let Verdict::Wait(left) = waits.check(waits.sent(4)).await else { panic!("ten seconds are not over") };
    assert!(left > Duration::from_secs(5) && left <= Duration::from_secs(7), "{left:?}");
    assert_eq!(waits.check(waits.sent(11)).await, Verdict::Human);
    let empty = waits.check(BotCheck { proof: Some(""), ..waits.sent(11) }).await;
    assert_eq!(empty, Verdict::Human);
    // A proof that is wrong is not the same as none.
    assert_eq!(code(&waits.proves("x").await), "bot.proof");

    let refuses = Visit::new(proof().without_script(WithoutScript::Refuse));
    assert_eq!(code(&refuses.check(refuses.sent(3600)).await), "bot.script");
}

#[tokio::test]
async fn capt_01_a_ledger_in_trouble_is_an_error_and_no_pass() {
    let db = Db::open("sqlite::memory:").await.unwrap();
    let visit = Visit { spent: Ledger::database(&db), ..Visit::with_proof() };
    db.close().await;
    let proof = encode(&solve(&visit.challenge()));
    let submission = BotCheck { proof: Some(&proof), ..visit.sent(60) };
    let error = visit.protection.check(&visit.key, &visit.spent, submission).await.unwrap_err();
    assert_eq!(error.status(), 503);
}

#[test]
fn capt_01_the_markup_is_hidden_from_people_and_needs_no_inline_style_or_script() {
    let visit = Visit::with_proof();
    let draw = |protection: &BotProtection| {
        let place = BotPlace {
            key: &visit.key,
            form: "thing",
            honeypot: Some("website"),
            texts: BotTexts::default(),
        };
        let mut out = HtmlWriter::new();
        protection.write(place, &mut out);
        out.into_string()
    };
    let html = draw(&visit.protection);
    assert!(!html.contains("style=") && !html.contains("<script") && !html.contains("onload"), "{html}");
    let page = scraper::Html::parse_fragment(&html);
    let one = |selector: &str| {
        let selector = scraper::Selector::parse(selector).unwrap();
        page.select(&selector).next().unwrap_or_else(|| panic!("{html}")).value().clone()
    };
    one("div.fd-honeypot[aria-hidden=true][hidden] label[for=thing_website]");
    let input = one("div.fd-honeypot input#thing_website[name=website][autocomplete=off][tabindex='-1']");
    assert_eq!(input.attr("value"), None);
    one("div.fd-altcha > input[type=hidden][name=altcha]");
    let challenge: Value =
        serde_json::from_str(one("div.fd-altcha").attr("data-fd-altcha").unwrap()).unwrap();
    assert_eq!(challenge["algorithm"], "SHA-256");
    assert_eq!(challenge["maxnumber"], 2_000);
    assert!(html.contains("can be sent 10 seconds after it was opened"), "{html}");

    let plain = draw(&BotProtection::new());
    assert!(!plain.contains("altcha") && !plain.contains("noscript"), "{plain}");
    let refuses = draw(&visit.protection.clone().without_script(WithoutScript::Refuse));
    assert!(refuses.contains("needs JavaScript"), "{refuses}");
}

#[tokio::test]
async fn a_proof_and_a_submission_do_not_get_into_each_others_way() {
    let visit = Visit::with_proof();
    let proof = encode(&solve(&visit.challenge()));
    let claim = visit.spent.claim([0; 16], submission_digest([&proof]), Duration::ZERO).await.unwrap();
    assert_eq!(visit.proves(&proof).await, Verdict::Human);
    drop(claim);
}
