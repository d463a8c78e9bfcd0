//! What the fuzz targets in `fuzz/` do with bytes. A test replays their corpus.

use std::sync::LazyLock;

use frontdesk_data::Db;
use frontdesk_forms::Desk;
use frontdesk_web::Secret;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request};
use tokio::runtime::Runtime;

use crate::{
    Auth, AuthBackend, NewUser, SecretTokens, SessionHash, Sessions, SessionsAuthBackend, TokenAuthBackend,
    Tokens, Users,
};

/// A site with a user in it, whom nobody may become.
struct Site {
    runtime: Runtime,
    guards: Vec<Box<dyn AuthBackend>>,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let auth = runtime.block_on(async {
        let db = Db::open("sqlite::memory:").await.expect("there is memory");
        let users = Users::own(&db);
        let ada = NewUser::new("ada").email("ada@example.com").password("lamps drift over quiet harbours");
        users.insert(ada.active(true).admin(true)).await.expect("nobody is there yet");
        let tokens = Tokens::database(&db, &users);
        (Auth::new(users, Sessions::database(&db), &Desk::new(Secret::random())), tokens)
    });
    let (auth, tokens) = auth;
    #[cfg_attr(not(feature = "jwt"), expect(unused_mut, reason = "one more with the feature `jwt`"))]
    let mut guards: Vec<Box<dyn AuthBackend>> = vec![
        Box::new(SessionsAuthBackend::of(&auth).admin_only(false)),
        Box::new(TokenAuthBackend::new(tokens)),
        Box::new(TokenAuthBackend::new(SecretTokens::new(["fd_Zm9yIGEgc2VydmljZSB0aGF0IHNpZ25zIGluIA"]))),
    ];
    #[cfg(feature = "jwt")]
    {
        let secret = crate::JwtSecret::new("kS9vQ2xY7pLw4nRt8uVz1aBc3dEf5gHj").expect("it is long enough");
        guards.push(Box::new(crate::JwtAuthBackend::new(&auth, secret)));
    }
    Site { runtime, guards }
});

/// The head of a request: lines of `name: value`, a first line with the path if it begins with `/`.
fn head(bytes: &[u8]) -> Parts {
    let mut request = Request::new(());
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        if line.starts_with(b"/") {
            if let Ok(uri) = http::Uri::try_from(line) {
                *request.uri_mut() = uri;
            }
            continue;
        }
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let value = line[at + 1..].trim_ascii_start();
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    request.into_parts().0
}

/// The head of a request: cookies, tokens, JSON web tokens. None of it lets anybody in, and none is a fault of ours.
pub fn identify(bytes: &[u8]) {
    let site = &*SITE;
    let head = head(bytes);
    for guard in &site.guards {
        match site.runtime.block_on(guard.authenticate(&head)) {
            Err(refusal) => assert!(refusal.status().is_client_error(), "{refusal:?}"),
            Ok(identity) => panic!("nobody signed in, and yet this is {identity:?}"),
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = SessionHash::of(text);
        if let Some(hash) = SessionHash::from_hex(text) {
            assert_eq!(hash.to_string(), text.to_ascii_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Each file of a target's corpus.
    fn replay(target: &str, run: impl Fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            run(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "the corpus in {} is empty", folder.display());
    }

    #[test]
    fn ops_09_the_corpus_of_heads() {
        replay("auth_head", identify);
    }
}
