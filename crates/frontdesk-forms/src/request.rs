mod head;

use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::extract::{FromRef, FromRequest, Request};
use bytes::{Bytes, BytesMut};
use frontdesk_web::{ClientAddress, Language};
use futures_util::{FutureExt, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{Extensions, HeaderMap, HeaderValue, Method, Uri};

use self::head::{Head, Kind};
pub(crate) use self::head::{Nonce, nonce_of};

use crate::Desk;
use crate::body::multipart::{Intake, Reader};
use crate::body::pace::Paced;
use crate::body::{Limits, Submission, Trouble, json, urlencoded};
use crate::upload::Owner;

/// The content type of most forms.
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The request that a form is for: what [`FormSpec::process`](crate::FormSpec::process) reads.
///
/// As an axum extractor it takes the request's body, and reads none of it yet: how large a file may be is the form's to
/// say. Several forms of one page share one request, and each recognises its own submission.
///
/// The application's state must hold a [`Desk`] (`impl FromRef<AppState> for Desk`, or `Desk` itself).
pub struct FormRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    desk: Desk,
    /// Never locked: a body is not `Sync`, and a handler that holds `&FormRequest` over an await has to be `Send`.
    body: Mutex<State>,
    head: Head,
    /// Whether the browser's random value is a new one.
    is_new: bool,
    /// Whether the script asks something, and the page stays as it is.
    is_question: bool,
}

/// How far the body is read.
enum State {
    Unread(Body),
    /// Read up to the form's name, which nobody recognised so far.
    Reading(String, Box<Reader>),
    /// Read whole; nobody recognised it so far.
    Read(Submission),
    /// Given to its form, or there was none.
    Done,
}

impl FormRequest {
    /// A request without axum: from its head and body.
    pub fn new(desk: Desk, method: Method, uri: Uri, headers: HeaderMap, body: Body) -> Self {
        let head = Head::of(&method, &uri, &headers);
        let (extensions, body) = (Extensions::new(), Mutex::new(State::Unread(body)));
        Self { method, uri, headers, extensions, desk, body, head, is_new: false, is_question: false }
    }

    /// Adds the request's extensions, for a request that was made with [`new`](Self::new). Of them are read: the
    /// [`Language`](frontdesk_web::Language) that the application chose, the client's
    /// [address](frontdesk_web::ClientAddress), and the token of a [`CsrfLayer`](frontdesk_web::CsrfLayer).
    #[must_use]
    pub fn with_extensions(mut self, extensions: Extensions) -> Self {
        self.extensions = extensions;
        self
    }

    fn body(&mut self) -> &mut State {
        self.body.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The request's address.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The request's extensions.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The language for this request: the one that the application put into its extensions, else the one of the desk's
    /// that suits the browser best.
    pub fn language(&self) -> Language {
        let languages = self.desk.languages();
        match self.extensions.get::<Language>() {
            Some(chosen) => chosen.clone(),
            None if self.head.wishes_language => languages.of(&self.headers),
            None => languages.default_language(),
        }
    }

    /// Whether the request's method is one that changes nothing.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// Whether a browser says that a page of another site asks, and no visitor.
    pub(crate) fn is_from_elsewhere(&self) -> bool {
        let site = self.headers.get("sec-fetch-site");
        site.is_some_and(|site| site != "same-origin" && site != "none")
    }

    /// Where the client is, if the application lets us know.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        ClientAddress::of(&self.extensions).map(ClientAddress::ip)
    }

    /// The host that the client says it asks.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = self.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        host.or(self.uri.authority().map(|name| name.as_str()))
    }

    pub(crate) fn note_question(&mut self, is_question: bool) {
        self.is_question = is_question;
    }

    /// Whether the script asks something, and the page stays as it is.
    pub(crate) fn is_question(&self) -> bool {
        self.is_question
    }

    /// The desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Whether the body is one that can hold files.
    pub(crate) fn is_multipart(&self) -> bool {
        self.head.kind == Kind::Multipart
    }

    /// Whether the client wants a page: a browser that submits a form does, a script that asks something does not.
    pub(crate) fn wants_html(&self) -> bool {
        let accept = self.headers.get(http::header::ACCEPT).and_then(|accept| accept.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    }

    /// Whether the headers say that another site made the request.
    pub(crate) fn is_foreign(&self) -> bool {
        self.head.is_foreign
    }

    /// The browser's random value; a new one where it has none.
    pub(crate) fn nonce(&mut self) -> Nonce {
        self.is_new |= self.head.nonce.is_none();
        *self.head.nonce.get_or_insert_with(Nonce::random)
    }

    /// The browser, as far as its random value is known.
    pub(crate) fn browser(&self) -> Option<Owner> {
        self.head.nonce.map(|nonce| Owner::of(nonce.as_str()))
    }

    /// The header that gives the browser its random value, where it is new.
    pub(crate) fn set_cookie(&self) -> Option<HeaderValue> {
        let nonce = self.head.nonce.filter(|_| self.is_new)?;
        Some(nonce.cookie(self.head.scope))
    }

    /// What was submitted to the form called `name`; `None` if nothing was.
    pub(crate) async fn submission(
        &mut self,
        name: &str,
        method: &Method,
        intake: Intake<'_>,
    ) -> Option<Submission> {
        if *method == Method::GET {
            let (query, limits) = (self.uri.query()?.as_bytes(), self.desk.request_limits());
            let submission = urlencoded::decode(query, limits);
            // What is too much is told by the form that it was meant for.
            let is_meant = || {
                let mut pairs = form_urlencoded::parse(query).take(limits.entries);
                pairs.any(|(known, value)| known == "_formname" && value == name)
            };
            let is_own = match submission.trouble {
                Some(_) => is_meant(),
                None => submission.text("_formname") == Some(name),
            };
            return (self.only_reads() && is_own).then_some(submission);
        }
        if self.method != Method::POST {
            return None;
        }
        let state = match std::mem::replace(self.body(), State::Done) {
            // What browsers send most needs no parsing.
            State::Unread(body) if self.head.kind == Kind::Urlencoded => {
                texts(body, self.desk.request_limits(), urlencoded::decode).await
            }
            State::Unread(body) => Box::pin(self.begin(body)).await,
            other => other,
        };
        match state {
            State::Read(submission)
                if submission.trouble.is_some() || submission.text("_formname") == Some(name) =>
            {
                Some(submission)
            }
            State::Reading(form, reader) if form == name => Some(Box::pin(reader.finish(intake)).await),
            other => {
                *self.body() = other;
                None
            }
        }
    }

    /// Reads and drops what is left of the body, within the limits. A browser that is answered while it still sends shows
    /// a lost connection instead of the answer; so do this before answering a submission that no form was given.
    pub async fn drain(&mut self) {
        match std::mem::replace(self.body(), State::Done) {
            State::Unread(body) => drain(body, self.desk.request_limits()).await,
            State::Reading(_, mut reader) => reader.drain().await,
            State::Read(_) | State::Done => {}
        }
    }

    /// Reads what is needed to tell which form the body is for.
    async fn begin(&self, body: Body) -> State {
        let limits = self.desk.request_limits();
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let Ok(kind) = kind.parse::<mime::Mime>() else {
            return match kind {
                "" if self.headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0") => State::Done,
                _ => self.refuse(body, Trouble::UnsupportedType).await,
            };
        };
        match kind.essence_str() {
            URLENCODED => texts(body, limits, urlencoded::decode).await,
            "application/json" => texts(body, limits, json::decode).await,
            "multipart/form-data" => {
                let Some(boundary) = kind.get_param("boundary") else {
                    return self
                        .refuse(body, Trouble::Malformed("the body has no boundary".to_owned()))
                        .await;
                };
                let uploads = self.desk.uploads().clone();
                let mut reader = Reader::new(
                    body.into_data_stream(),
                    boundary.as_str().to_owned(),
                    limits.clone(),
                    uploads,
                );
                match reader.read_to("_formname").await {
                    Ok(Some(name)) => State::Reading(name, Box::new(reader)),
                    Ok(None) if reader.has_parts() => State::Read(Submission::failed(Trouble::Malformed(
                        "it does not say which form it is".to_owned(),
                    ))),
                    Ok(None) => State::Done,
                    Err(trouble) => {
                        reader.drain().await;
                        State::Read(Submission::failed(trouble))
                    }
                }
            }
            _ => self.refuse(body, Trouble::UnsupportedType).await,
        }
    }

    async fn refuse(&self, body: Body, trouble: Trouble) -> State {
        drain(body, self.desk.request_limits()).await;
        State::Read(Submission::failed(trouble))
    }
}

impl std::fmt::Debug for FormRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormRequest")
            .field("method", &self.method)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

impl<S> FromRequest<S> for FormRequest
where
    Desk: FromRef<S>,
    S: Sync,
{
    type Rejection = Infallible;

    fn from_request(request: Request, state: &S) -> impl Future<Output = Result<Self, Infallible>> + Send {
        let (parts, body) = request.into_parts();
        let mut request = Self::new(Desk::from_ref(state), parts.method, parts.uri, parts.headers, body);
        request.extensions = parts.extensions;
        std::future::ready(Ok(request))
    }
}

/// Reads a whole body of texts, and decodes it.
async fn texts(body: Body, limits: &Limits, decode: fn(&[u8], &Limits) -> Submission) -> State {
    State::Read(match read(body, limits).await {
        Ok(body) => decode(&body, limits),
        Err(trouble) => Submission::failed(trouble),
    })
}

/// Reads a whole body of texts.
async fn read(body: Body, limits: &Limits) -> Result<Bytes, Trouble> {
    let mut stream = body.into_data_stream();
    // Most forms come in one piece, which needs no copy and no clock.
    let first = match stream.next().now_or_never() {
        Some(None) => return Ok(Bytes::new()),
        Some(Some(Ok(first))) => first,
        Some(Some(Err(_))) => return Err(Trouble::Incomplete),
        None => Bytes::new(),
    };
    if first.len() <= limits.text_bytes && stream.is_end_stream() {
        return Ok(first);
    }
    Box::pin(read_on(first, stream, limits)).await
}

/// Reads what comes behind the first piece of a body.
async fn read_on(first: Bytes, stream: BodyDataStream, limits: &Limits) -> Result<Bytes, Trouble> {
    let mut stream = Paced::new(stream, limits);
    let mut whole = BytesMut::from(first);
    while whole.len() <= limits.text_bytes {
        match stream.next().await {
            Some(Ok(chunk)) => whole.extend_from_slice(&chunk),
            Some(Err(_)) => return Err(Trouble::Incomplete),
            None => return Ok(whole.freeze()),
        }
    }
    drain_stream(stream, limits).await;
    Err(Trouble::TooLarge)
}

/// Reads and drops a body, within bounds: a browser that is cut off while it sends shows no answer.
async fn drain(body: Body, limits: &Limits) {
    drain_stream(Paced::new(body.into_data_stream(), limits), limits).await;
}

async fn drain_stream(mut stream: Paced, limits: &Limits) {
    let mut dropped = 0;
    while let Some(Ok(chunk)) = stream.next().await {
        dropped += chunk.len() as u64;
        if dropped > limits.drain_bytes {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Form, FormSpec};

    #[test]
    fn what_a_handler_is_made_of_stays_small() {
        fn size<'f, T>(_: impl Fn(&'f FormSpec, &'f mut FormRequest) -> T) -> usize {
            size_of::<T>()
        }
        // It is moved several times on its way into a server.
        let size = size(|spec, request| spec.process(request));
        assert!(size <= 2048, "{size} bytes");
    }

    #[test]
    fn what_handlers_hold_over_an_await_is_send_and_sync() {
        fn send<T: Send>(_: impl Fn(&'static FormSpec, &'static mut FormRequest) -> T) {}
        fn shared<T: Send + Sync>() {}
        send(|spec, request| spec.process(request));
        shared::<FormRequest>();
        shared::<Form>();
    }
}
