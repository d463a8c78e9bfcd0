//! Who may ask, and who asks.
//!
//! Without sign-in it is this computer alone, under its own name. With it, everybody who has signed in, under the names of
//! the site; until there is an administrator, this computer again.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use frontdesk_data::Actor;
use frontdesk_web::{is_loopback_host, same_site_only};
use http::header::{CACHE_CONTROL, LOCATION};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use tower::{Layer, ServiceExt};

use super::Site;
use super::sign_in::Signed;
use super::trouble::Trouble;

/// Who is at the site.
#[derive(Clone, Debug, Default)]
pub(crate) enum Who {
    /// Whoever is at this computer: there is no sign-in, or nobody yet who could sign in.
    Operator,
    /// Somebody who has not signed in, where they could.
    #[default]
    Anonymous,
    /// A user.
    Signed(Arc<Signed>),
}

/// Turns away what comes under another name, and what another site makes a browser send; finds out who asks.
///
/// The name matters most where there is no sign-in: a site whose name suddenly leads to 127.0.0.1 (DNS rebinding) would
/// otherwise read the database through its visitor's browser.
pub(crate) async fn check(State(site): State<Site>, request: Request, next: Next) -> Response {
    // The body is nobody's business here.
    let (head, body) = request.into_parts();
    let admitted = admit(&site, &head).await;
    let mut request = Request::from_parts(head, body);
    let (who, actor) = match admitted {
        Ok(found) => found,
        Err(trouble) => return trouble.into_response(),
    };
    if let Some(actor) = actor {
        request.extensions_mut().insert(actor);
    }
    if let Who::Signed(signed) = &who {
        // For the pages of sign-in, which need not look for them once more.
        let (user, session) = signed.parts();
        request.extensions_mut().insert(user);
        request.extensions_mut().insert(session);
    }
    request.extensions_mut().insert(who.clone());
    let asked = Asked::of(&request);
    let actor: Option<Actor> = request.extensions().get().cloned();
    let csrf = site.sign_in().map(|sign_in| sign_in.auth().csrf());
    let mut response = match csrf {
        // Its pages have a button to sign out, which needs a token; the pages of sign-in see to theirs by themselves.
        Some(csrf) if matches!(who, Who::Signed(_)) && asked.is_ours => {
            match csrf.layer(next).oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
        _ => next.run(request).await,
    };
    if matches!(who, Who::Anonymous)
        && let Some(answer) = asked.sign_in(&response)
    {
        response = answer;
    }
    if matches!(who, Who::Signed(_)) && !is_for_everybody(&response) {
        // Nothing of it is to be seen when somebody else sits down at the browser.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // Pages of what went wrong are drawn further out, for the same visitor.
    response.extensions_mut().insert(who);
    if let Some(actor) = actor {
        response.extensions_mut().insert(actor);
    }
    response
}

/// Who asks, and whom the policy takes them for; `None`, where that is left to the site.
async fn admit(site: &Site, request: &Parts) -> Result<(Who, Option<Actor>), Trouble> {
    let headers = &request.headers;
    let Some(sign_in) = site.sign_in() else {
        if !is_loopback_host(headers) {
            return Err(Trouble::host());
        }
        same_site(request)?;
        return Ok((Who::Operator, None));
    };
    if is_for_all(&request.uri) {
        // Nobody is looked for: what goes wrong with that would leave the page that says so without its looks.
        if !is_probe(&request.uri) && !sign_in.answers_to(host(request), headers) {
            return Err(Trouble::other_host());
        }
        same_site(request)?;
        return Ok((Who::Anonymous, Some(Actor::anonymous())));
    }
    let is_operator = sign_in.is_operator().await?;
    if is_operator {
        // What a proxy hands on comes from elsewhere, whatever name it uses.
        if !is_loopback_host(headers) || is_handed_on(headers) {
            return Err(Trouble::host());
        }
    } else if !sign_in.answers_to(host(request), headers) {
        return Err(Trouble::other_host());
    }
    same_site(request)?;
    if is_operator {
        return Ok((Who::Operator, Some(Actor::admin())));
    }
    match sign_in.who(headers).await? {
        Some(signed) => {
            let actor = sign_in.actor(&signed).await?;
            Ok((Who::Signed(Arc::new(signed)), Some(actor)))
        }
        None => Ok((Who::Anonymous, Some(Actor::anonymous()))),
    }
}

fn same_site(request: &Parts) -> Result<(), Trouble> {
    match same_site_only(&request.method, &request.uri, &request.headers) {
        true => Ok(()),
        false => Err(Trouble::foreign()),
    }
}

/// The addresses of those who watch over the program: they ask by number, not by name.
fn is_probe(uri: &Uri) -> bool {
    matches!(uri.path(), "/healthz" | "/readyz")
}

/// Addresses at which everybody gets the same: files of ours, and what probes ask.
fn is_for_all(uri: &Uri) -> bool {
    is_probe(uri) || ["/assets/", "/_frontdesk/"].iter().any(|start| uri.path().starts_with(start))
}

/// The host that a request names.
fn host(request: &Parts) -> &str {
    let named = request.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
    named.or(request.uri.authority().map(|name| name.as_str())).unwrap_or_default()
}

/// Whether a proxy says that it hands the request on.
fn is_handed_on(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// Whether the answer is the same for everybody: a file of ours.
fn is_for_everybody(response: &Response) -> bool {
    let cached = response.headers().get(CACHE_CONTROL).and_then(|value| value.to_str().ok());
    cached.is_some_and(|value| value.starts_with("public"))
}

/// What of a request decides how somebody is asked to sign in.
struct Asked {
    is_get: bool,
    /// Whether it is for a page that is looked at, of those with tables.
    is_ours: bool,
    /// Whether everybody gets the same there.
    is_for_all: bool,
    /// Whether the answer is to be shown as a page.
    is_page: bool,
    address: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let purpose = request.headers().get("sec-fetch-dest").and_then(|value| value.to_str().ok());
        let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
        let path = request.uri().path();
        let with_tables = path == "/" || ["/tables/", "/forms/"].iter().any(|start| path.starts_with(start));
        Self {
            is_get,
            is_ours: is_get && with_tables,
            is_for_all: is_for_all(request.uri()),
            is_page: purpose
                .is_none_or(|purpose| matches!(purpose, "document" | "iframe" | "frame" | "empty")),
            address: request.uri().path_and_query().map_or("/", |address| address.as_str()).to_owned(),
        }
    }

    /// The answer to somebody who has not signed in, where they met a page that there is not, or not for them: a page that
    /// is not shown to them and one that does not exist look the same.
    fn sign_in(&self, response: &Response) -> Option<Response> {
        let trouble = response.extensions().get::<Trouble>()?;
        if self.is_for_all {
            return None;
        }
        let hides = matches!(trouble.status, StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND)
            || trouble.status == StatusCode::FORBIDDEN && !trouble.is_foreign();
        if !hides {
            return None;
        }
        if !self.is_get || !self.is_page {
            return Some(Trouble::sign_in().into_response());
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("next", &self.address);
        let location = format!("/login/?{}", query.finish());
        let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/login/"));
        let headers = [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        Some((StatusCode::SEE_OTHER, headers).into_response())
    }
}
