use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::{BoxFuture, Choice, Context, Crypt, Registry, Rules, Value};

type OnFixture = Box<dyn Fn(Json) -> BoxFuture<'static, Result<Registry, String>> + Send + Sync>;

/// Answers checks that come as lines of JSON: how programs in other languages, and the published vectors, use the rules.
///
/// | `kind` | members of a request | members of the answer |
/// |---|---|---|
/// | absent | `rule`, `input`, perhaps `record_id` | `ok`, and `value` or `error` |
/// | `options` | `rule` | `options`: pairs of value and label; null where the rule offers none |
/// | `verify` | `rule` (a `crypt`), `password`, `hash` | `matches` |
/// | `fixture` | whatever [`on_fixture`](Self::on_fixture) takes | `ok` |
///
/// A request may have an `id` of any kind, which the answer repeats. Values JSON lacks have the tags of
/// [`Value::from_tagged_json`]. The rule `all` stands for the list in its member `rules`. A request that makes no sense
/// is answered with `error_in_request`, and the next one is answered as if it had not been there.
///
/// ```
/// use frontdesk_validate::{Protocol, Registry};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut protocol = Protocol::new(Registry::standard());
/// assert_eq!(
///     protocol.answer(r#"{"id": 1, "rule": {"rule": "is_int_in_range"}, "input": "42"}"#).await,
///     r#"{"id":1,"ok":true,"value":42}"#,
/// );
/// assert_eq!(
///     protocol.answer(r#"{"id": 2, "rule": {"rule": "is_int"}, "input": "42"}"#).await,
///     r#"{"id":2,"error_in_request":"unknown rule `is_int`; did you mean `is_in_set`?"}"#,
/// );
/// # });
/// ```
pub struct Protocol {
    registry: Registry,
    on_fixture: Option<OnFixture>,
}

impl Protocol {
    /// Answers by the rules of `registry`.
    pub fn new(registry: Registry) -> Self {
        Self { registry, on_fixture: None }
    }

    /// Lets requests of the kind `fixture` replace the rules, such as by ones that ask a database with the `tables` of
    /// the request. `make` gets the request, and what it returns is used from then on. Default: such requests are errors.
    #[must_use]
    pub fn on_fixture<F>(mut self, make: F) -> Self
    where
        F: Fn(Json) -> BoxFuture<'static, Result<Registry, String>> + Send + Sync + 'static,
    {
        self.on_fixture = Some(Box::new(make));
        self
    }

    /// The answer to one line: one line, without its end.
    pub async fn answer(&mut self, line: &str) -> String {
        let mut answer = Map::new();
        let outcome = match serde_json::from_str(line) {
            Ok(Json::Object(request)) => {
                answer.insert("id".to_owned(), request.get("id").cloned().unwrap_or_default());
                self.outcome(&request).await
            }
            Ok(_) => Err("a request is an object".to_owned()),
            Err(error) => Err(format!("no JSON: {error}")),
        };
        let outcome = outcome.unwrap_or_else(|problem| {
            answer.entry("id").or_insert(Json::Null);
            json!({ "error_in_request": problem })
        });
        if let Json::Object(outcome) = outcome {
            answer.extend(outcome);
        }
        Json::Object(answer).to_string()
    }

    async fn outcome(&mut self, request: &Map<String, Json>) -> Result<Json, String> {
        match request.get("kind").unwrap_or(&Json::Null) {
            Json::Null => self.validation(request).await,
            Json::String(kind) if kind == "options" => self.options(request).await,
            Json::String(kind) if kind == "verify" => self.verify(request).await,
            Json::String(kind) if kind == "fixture" => self.fixture(request).await,
            other => Err(format!("unknown kind {other}; known are options, verify, fixture, or none at all")),
        }
    }

    async fn validation(&self, request: &Map<String, Json>) -> Result<Json, String> {
        let rules = self.rules(request)?;
        let input = value(member(request, "input")?)?;
        let record = match request.get("record_id") {
            None | Some(Json::Null) => None,
            Some(id) => Some([("id", value(id)?)]),
        };
        let context = Context::empty().with_record(record.as_ref().map_or(&[], |key| &key[..]));
        Ok(match rules.validate(input, context).await {
            Ok(value) => json!({ "ok": true, "value": value.to_tagged_json() }),
            Err(error) => json!({ "ok": false, "error": error.text() }),
        })
    }

    async fn options(&self, request: &Map<String, Json>) -> Result<Json, String> {
        let rules = self.rules(request)?;
        let choices = rules.options().wait().await.map_err(|error| error.to_string())?;
        let pair = |choice: &Choice| json!([choice.value, choice.label]);
        Ok(json!({ "options": choices.map(|choices| choices.iter().map(pair).collect::<Vec<_>>()) }))
    }

    async fn verify(&self, request: &Map<String, Json>) -> Result<Json, String> {
        let crypt: Crypt =
            self.registry.typed(member(request, "rule")?).map_err(|error| error.to_string())?;
        let text = |name| member(request, name)?.as_str().ok_or_else(|| format!("`{name}` is no text"));
        let (password, hash) = (text("password")?, text("hash")?);
        let verified = crypt.verify_async(password, hash).await.map_err(|error| error.to_string())?;
        Ok(json!({ "matches": verified.matches }))
    }

    async fn fixture(&mut self, request: &Map<String, Json>) -> Result<Json, String> {
        let make = self.on_fixture.as_ref().ok_or("there is no database to make it in")?;
        self.registry = make(Json::Object(request.clone())).await?;
        Ok(json!({ "ok": true }))
    }

    fn rules(&self, request: &Map<String, Json>) -> Result<Rules, String> {
        let rule = member(request, "rule")?;
        let rules = match rule.get("rule") {
            Some(Json::String(name)) if name == "all" => {
                rule.get("rules").ok_or("the rule `all` needs `rules`")?
            }
            _ => rule,
        };
        self.registry.rules(rules).map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protocol").field("registry", &self.registry).finish_non_exhaustive()
    }
}

fn member<'r>(request: &'r Map<String, Json>, name: &str) -> Result<&'r Json, String> {
    request.get(name).ok_or_else(|| format!("the request needs the member `{name}`"))
}

fn value(json: &Json) -> Result<Value, String> {
    Value::from_tagged_json(json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checked, FromArgs, RuleError, Validator};

    async fn answer(line: &str) -> Json {
        let answer = Protocol::new(Registry::standard()).answer(line).await;
        assert!(!answer.contains('\n'), "{answer}");
        serde_json::from_str(&answer).unwrap()
    }

    #[tokio::test]
    async fn each_kind_has_its_answer() {
        for (request, expected) in [
            (
                json!({"id": "a", "rule": {"rule": "is_date"}, "input": "2008-03-03"}),
                json!({"id": "a", "ok": true, "value": {"$date": "2008-03-03"}}),
            ),
            (
                json!({"id": "b", "rule": {"rule": "is_length", "maxsize": 1}, "input": "ab"}),
                json!({"id": "b", "ok": false, "error": "Enter from 0 to 1 characters"}),
            ),
            (
                json!({"id": "c", "kind": "options", "rule": {"rule": "is_in_set", "theset": ["a"], "zero": null}}),
                json!({"id": "c", "options": [["a", "a"]]}),
            ),
            (
                json!({"id": "d", "kind": "options", "rule": {"rule": "is_date"}}),
                json!({"id": "d", "options": null}),
            ),
            (
                json!({
                    "id": "e", "kind": "verify", "rule": {"rule": "crypt"}, "password": "test",
                    "hash": "md5$q$3aed99c015cd2a5271b41bdc6039025f",
                }),
                json!({"id": "e", "matches": true}),
            ),
            (
                json!({
                    "id": "f", "input": "A",
                    "rule": {"rule": "all", "rules": [{"rule": "is_length"}, {"rule": "is_lower"}]},
                }),
                json!({"id": "f", "ok": true, "value": "a"}),
            ),
        ] {
            assert_eq!(answer(&request.to_string()).await, expected);
        }
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_an_answer_too() {
        for (line, id, part) in [
            ("", json!(null), "no JSON"),
            ("{\"id\": 1", json!(null), "no JSON"),
            ("[1]", json!(null), "a request is an object"),
            ("{}", json!(null), "needs the member `rule`"),
            (r#"{"id": {"a": 1}, "rule": 1, "input": 1}"#, json!({"a": 1}), "a rule is an object"),
            (r#"{"id": 1, "kind": 7}"#, json!(1), "unknown kind 7"),
            (r#"{"id": 1, "rule": {"rule": "is_date"}}"#, json!(1), "needs the member `input`"),
            (r#"{"id": 1, "rule": {"rule": "is_date"}, "input": {"$date": "x"}}"#, json!(1), "$date needs"),
            (
                r#"{"id": 1, "rule": {"rule": "is_match", "expression": "("}, "input": ""}"#,
                json!(1),
                "`expression`",
            ),
            (r#"{"id": 1, "rule": {"rule": "all"}, "input": 1}"#, json!(1), "`all` needs `rules`"),
            (r#"{"id": 1, "kind": "verify", "rule": {"rule": "is_date"}}"#, json!(1), "did you mean `crypt`"),
            (r#"{"id": 1, "kind": "verify", "rule": {"rule": "crypt"}, "hash": 1}"#, json!(1), "`password`"),
            (
                r#"{"id": 1, "kind": "verify", "rule": {"rule": "crypt", "pepper": 1}}"#,
                json!(1),
                "no argument `pepper`",
            ),
            (r#"{"id": 1, "kind": "fixture", "tables": []}"#, json!(1), "no database"),
        ] {
            let answer = answer(line).await;
            assert_eq!(answer["id"], id, "{line}");
            assert!(answer["error_in_request"].as_str().is_some_and(|text| text.contains(part)), "{answer}");
        }
        let deep = format!(r#"{{"rule": {}"#, "[".repeat(100_000));
        assert!(answer(&deep).await["error_in_request"].is_string());
    }

    #[derive(Debug)]
    struct IsThisRecord;

    impl Validator for IsThisRecord {
        fn name(&self) -> &str {
            Self::NAME
        }

        fn check<'a>(&'a self, value: Value, context: Context<'a>) -> Checked<'a> {
            match context.record() {
                [("id", id)] if *id == value => Ok(value),
                other => Err(format!("{other:?}").into()),
            }
            .into()
        }
    }

    impl FromArgs for IsThisRecord {
        const NAME: &'static str = "is_this_record";
        const ARGS: &'static [&'static str] = &[];

        fn from_args(_: &mut crate::Args<'_>) -> Result<Self, RuleError> {
            Ok(Self)
        }
    }

    #[tokio::test]
    async fn a_fixture_brings_rules_of_its_own() {
        let mut protocol = Protocol::new(Registry::empty()).on_fixture(|request| {
            Box::pin(async move {
                if request["tables"] != json!([]) {
                    return Err("odd tables".to_owned());
                }
                let mut registry = Registry::empty();
                registry.add::<IsThisRecord>();
                Ok(registry)
            })
        });
        let check = r#"{"id":1,"rule":{"rule":"is_this_record"},"input":7,"record_id":7}"#;
        assert!(protocol.answer(check).await.contains("unknown rule"));
        assert!(protocol.answer(r#"{"id":0,"kind":"fixture"}"#).await.contains("odd tables"));
        assert_eq!(
            protocol.answer(r#"{"id":0,"kind":"fixture","tables":[]}"#).await,
            r#"{"id":0,"ok":true}"#
        );
        assert_eq!(protocol.answer(check).await, r#"{"id":1,"ok":true,"value":7}"#);
    }
}
