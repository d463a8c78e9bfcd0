//! Links that are good for what they name, and for a while.

use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, Uri};
use url::{Position, Url};

use crate::{Clock, Problem, Purpose, Signer};

/// Makes links that let whoever has them read one thing, for a while: a download, a picture, a calendar's feed.
///
/// The signature covers the path and the query, the end of the time, the purpose, and the user where the link is
/// [for one](Self::for_user); a link of one purpose is worth nothing for another. A link is no secret that can be taken
/// back: keep the time short, and use links for reading alone, since a browser follows them unasked.
///
/// Links go on working while the signer [also accepts](Signer::also_accept) the secret that signed them.
///
/// ```
/// use std::time::Duration;
/// use axum::extract::{Request, State};
/// use axum::response::IntoResponse;
/// use frontdesk_web::{Secret, SignedUrlError, SignedUrls, Signer};
///
/// let urls = SignedUrls::new(&Signer::new(Secret::random()), "download");
/// let link = urls.sign("/media/invoice-7.pdf?inline=1", Duration::from_mins(10));
///
/// // Where it leads:
/// async fn download(State(urls): State<SignedUrls>, request: Request) -> Result<impl IntoResponse, SignedUrlError> {
///     let (parts, _) = request.into_parts();
///     urls.check(&parts)?;
///     Ok("the file")
/// }
/// # assert!(urls.check_uri(&link.parse().unwrap()).is_ok());
/// # assert!(urls.check_uri(&link.replace("inline=1", "inline=0").parse().unwrap()).is_err());
/// # let _: axum::Router<SignedUrls> = axum::Router::new().route("/", axum::routing::get(download));
/// ```
#[derive(Clone)]
pub struct SignedUrls {
    purpose: Purpose,
    clock: Clock,
}

/// Why a link is not good. As a response it is 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedUrlError {
    /// It has no signature.
    #[error("the link is not signed")]
    Missing,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// It was signed for something else, or somebody else, or by nobody.
    #[error("the link's signature does not match")]
    Invalid,
}

impl IntoResponse for SignedUrlError {
    fn into_response(self) -> Response {
        let sentence = match self {
            Self::Expired => "This link has expired. Please ask for a new one.",
            Self::Missing | Self::Invalid => "This link is not valid.",
        };
        Problem::new(StatusCode::FORBIDDEN).detail(sentence).into_response()
    }
}

impl SignedUrls {
    /// Links for a purpose, such as `download`.
    pub fn new(signer: &Signer, purpose: &str) -> Self {
        let purpose = signer.purpose("signed url").narrow(&[purpose.as_bytes()]);
        Self { purpose, clock: Clock::system() }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Links that are good for that user alone: check them with the user who is signed in.
    ///
    /// ```
    /// use std::time::Duration;
    /// use frontdesk_web::{Secret, SignedUrls, Signer};
    ///
    /// let urls = SignedUrls::new(&Signer::new(Secret::random()), "export");
    /// let link = urls.for_user("7").sign("/export/", Duration::from_mins(10)).parse().unwrap();
    /// assert!(urls.for_user("7").check_uri(&link).is_ok());
    /// assert!(urls.for_user("8").check_uri(&link).is_err());
    /// assert!(urls.check_uri(&link).is_err());
    /// ```
    #[must_use]
    pub fn for_user(&self, user: &str) -> Self {
        Self { purpose: self.purpose.narrow(&[b"user", user.as_bytes()]), clock: self.clock.clone() }
    }

    /// The link to a path of this site, with or without a query, that is good for that long.
    ///
    /// It comes back as browsers write it: `/größe` as `/gr%C3%B6%C3%9Fe`. What is behind a `#` goes.
    pub fn sign(&self, path: &str, valid_for: Duration) -> String {
        static HERE: LazyLock<Url> =
            LazyLock::new(|| Url::parse("https://here.invalid/").expect("it is an address"));
        // Set as a path and a query, nothing in it can be a host.
        let (path, query) = path.split('#').next().unwrap_or_default().split_once('?').map_or_else(
            || (path.split('#').next().unwrap_or_default(), None),
            |(path, query)| (path, Some(query)),
        );
        let mut url = HERE.clone();
        url.set_path(path);
        url.set_query(query.filter(|query| !query.is_empty()));
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let age = i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX);
        let expires = self.clock.now().as_second().saturating_add(age).to_string();
        let signature = self.purpose.token(&[target.as_bytes(), expires.as_bytes()]);
        let sign = if url.query().is_some() { '&' } else { '?' };
        format!("{target}{sign}expires={expires}&signature={signature}")
    }

    /// Whether the address of a request is a link of these, as the client wrote it: also below `Router::nest`.
    ///
    /// # Errors
    /// [`SignedUrlError`], where it is none, or not any more.
    pub fn check(&self, request: &Parts) -> Result<(), SignedUrlError> {
        match request.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => self.check_uri(uri),
            None => self.check_uri(&request.uri),
        }
    }

    /// Whether an address is a link of these.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_uri(&self, uri: &Uri) -> Result<(), SignedUrlError> {
        let text = uri.path_and_query().map_or("/", |whole| whole.as_str());
        let (rest, signature) = text.rsplit_once("&signature=").ok_or(SignedUrlError::Missing)?;
        let (target, expires) = rest.rsplit_once("expires=").ok_or(SignedUrlError::Missing)?;
        let target = target.strip_suffix(['?', '&']).ok_or(SignedUrlError::Missing)?;
        if !self.purpose.verify(&[target.as_bytes(), expires.as_bytes()], signature) {
            return Err(SignedUrlError::Invalid);
        }
        let expires: i64 = expires.parse().map_err(|_| SignedUrlError::Invalid)?;
        if self.clock.now().as_second() >= expires { Err(SignedUrlError::Expired) } else { Ok(()) }
    }
}

impl fmt::Debug for SignedUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedUrls(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    const MINUTE: Duration = Duration::from_mins(1);

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    #[test]
    fn a_link_is_good_for_what_it_names_and_for_its_time() {
        let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
        let urls = SignedUrls::new(&Signer::new(Secret::random()), "download").clock(clock.clone());
        for path in [
            "/",
            "/a/b.pdf",
            "/a?x=1&y=2",
            "/größe?q=ü ü",
            "/a?expires=1&signature=x",
            "/a?",
            "/a/../b#c",
            "a",
        ] {
            let link = urls.sign(path, MINUTE);
            assert_eq!(urls.check_uri(&uri(&link)), Ok(()), "{link}");
        }
        let link = urls.sign("/a?x=1", MINUTE);
        assert!(link.starts_with("/a?x=1&expires=1795420860&signature="), "{link}");
        for (from, to) in [
            ("/a", "/b"),
            ("x=1", "x=2"),
            ("?x=1&", "?"),
            ("expires=1", "expires=2"),
            ("/a", "/A"),
            ("/a", "//a"),
        ] {
            assert_eq!(
                urls.check_uri(&uri(&link.replacen(from, to, 1))),
                Err(SignedUrlError::Invalid),
                "{from}"
            );
        }
        for more in ["&x=2", "A", "&expires=9999999999"] {
            assert_eq!(
                urls.check_uri(&uri(&format!("{link}{more}"))),
                Err(SignedUrlError::Invalid),
                "{more}"
            );
        }
        for bare in ["/a?x=1", "/a", "/a?expires=9999999999", "/a?signature=x"] {
            assert_eq!(urls.check_uri(&uri(bare)), Err(SignedUrlError::Missing), "{bare}");
        }
        clock.advance(MINUTE - Duration::from_secs(1));
        assert_eq!(urls.check_uri(&uri(&link)), Ok(()));
        clock.advance(Duration::from_secs(1));
        assert_eq!(urls.check_uri(&uri(&link)), Err(SignedUrlError::Expired));
    }

    #[test]
    fn a_link_is_for_one_purpose_and_one_user() {
        let (old, new) = (Secret::random(), Secret::random());
        let signer = Signer::new(old.clone());
        let urls = SignedUrls::new(&signer, "download");
        let link = uri(&urls.sign("/a", MINUTE));
        let of_ada = uri(&urls.for_user("ada").sign("/a", MINUTE));
        let other = SignedUrls::new(&signer, "upload");
        let rotated = SignedUrls::new(&Signer::new(new.clone()).also_accept(old), "download");
        let removed = SignedUrls::new(&Signer::new(new), "download");
        for (urls, link, is_good) in [
            (&urls, &link, true),
            (&other, &link, false),
            (&urls.for_user("ada"), &link, false),
            (&urls.for_user("ada"), &of_ada, true),
            (&urls.for_user("bob"), &of_ada, false),
            (&urls, &of_ada, false),
            (&rotated, &link, true),
            (&rotated.for_user("ada"), &of_ada, true),
            (&removed, &link, false),
        ] {
            assert_eq!(urls.check_uri(link).is_ok(), is_good);
        }
    }

    #[tokio::test]
    async fn a_link_is_checked_as_it_was_written_below_a_nest() {
        use axum::{Extension, Router, body::Body, extract::Request, routing::get};
        use tower::ServiceExt;

        let urls = SignedUrls::new(&Signer::new(Secret::random()), "download");
        let serve = get(async |Extension(urls): Extension<SignedUrls>, request: Request| {
            urls.check(&request.into_parts().0).map(|()| "the file")
        });
        let app =
            Router::new().nest("/media", Router::new().route("/{key}", serve)).layer(Extension(urls.clone()));
        for (link, status) in
            [(urls.sign("/media/a", MINUTE), 200), (urls.sign("/a", MINUTE).replace("/a", "/media/a"), 403)]
        {
            let response =
                app.clone().oneshot(Request::get(&link).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(response.status(), status, "{link}");
        }
    }
}
