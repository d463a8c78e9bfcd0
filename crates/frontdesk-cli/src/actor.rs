//! Who somebody is, as it is typed: `user:42,editor,tenant=7`.

use frontdesk_data::{Actor, Policy, Value};

use crate::CliError;

/// Reads who asks a policy.
pub(crate) fn parse(text: &str, policy: &Policy) -> Result<Actor, CliError> {
    let mut parts = text.split(',').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let (kind, id) = match first.split_once(':') {
        Some((kind, id)) => (kind, Some(value(id))),
        None => (first, None),
    };
    let id = id.unwrap_or(Value::Null);
    let is_named = policy.named_roles().any(|role| role == kind);
    let mut actor = match kind {
        "public" if id.is_null() => Actor::anonymous(),
        "user" => Actor::user(id),
        "staff" => Actor::staff(id),
        "admin" => Actor::admin().attribute("id", id),
        role if is_named => Actor::user(id).role(role),
        other => return Err(unknown_role(other, policy)),
    };
    for part in parts.filter(|part| !part.is_empty()) {
        actor = match part.split_once('=') {
            Some((name, text)) => actor.attribute(name.trim(), value(text.trim())),
            None if policy.named_roles().any(|role| role == part) => actor.role(part),
            None => return Err(unknown_role(part, policy)),
        };
    }
    Ok(actor)
}

/// A whole number is one; everything else is a text.
pub(crate) fn value(text: &str) -> Value {
    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::Int)
}

fn unknown_role(name: &str, policy: &Policy) -> CliError {
    let known: Vec<&str> =
        ["public", "user", "staff", "admin"].into_iter().chain(policy.named_roles()).collect();
    CliError::usage(format!(
        "there is no role `{name}`; known are {}. Write for example `user:42`, or `user:42,tenant=7`",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crud_02_an_actor_is_read_as_it_is_typed() {
        let policy = Policy::new().roles(["editor"]).attributes(["tenant"]);
        let read = |text: &str| parse(text, &policy).map_err(|error| error.to_string());
        assert_eq!(read("public"), Ok(Actor::anonymous()));
        assert_eq!(read("user:42"), Ok(Actor::user(42)));
        assert_eq!(
            read("user:ada, editor, tenant=7"),
            Ok(Actor::user("ada").role("editor").attribute("tenant", 7))
        );
        assert_eq!(read("editor"), Ok(Actor::user(Value::Null).role("editor")));
        assert_eq!(read("admin"), Ok(Actor::admin()));
        for wrong in ["", "usr", "public:1", "user,edtor"] {
            assert!(read(wrong).unwrap_err().starts_with("there is no role"), "{wrong}");
        }
    }
}
