//! Asking a provider about a token.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use tokio::sync::Semaphore;

/// An answer is some hundred bytes long.
const LONGEST: usize = 64 * 1024;
/// How many questions are asked at the same time: a slow provider holds up no more than these.
const AT_ONCE: usize = 64;

/// How a provider is asked.
pub(super) struct Asking {
    address: String,
    limit: Duration,
    slots: Semaphore,
    /// Made at the first question: a site whose captcha nobody meets reads no root certificates.
    client: OnceLock<Result<(Client, Url), String>>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Reply {
    /// The token is good, and was solved there and for that.
    Solved { host: Option<String>, action: Option<String> },
    /// The token is not good.
    Refused,
    /// Nobody could be asked, because too many are.
    Busy,
    /// The provider is down, for that reason.
    Down(String),
}

#[derive(Deserialize)]
struct Answer {
    success: bool,
    #[serde(default)]
    hostname: Option<String>,
    #[serde(default)]
    action: Option<String>,
    #[serde(default, rename = "error-codes")]
    errors: Vec<String>,
}

/// The codes that say that the site's settings are at fault, or the provider itself. No token leads to them: others, such
/// as `bad-request`, are perhaps a visitor's doing.
const OUR_FAULT: [&str; 3] = ["missing-input-secret", "invalid-input-secret", "internal-error"];

impl Asking {
    pub(super) fn new(address: String, limit: Duration) -> Self {
        Self { address, limit, slots: Semaphore::new(AT_ONCE), client: OnceLock::new() }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Asks about a token; with a site key where the provider checks that too.
    pub(super) async fn ask(&self, secret: &str, site_key: Option<&str>, token: &str) -> Reply {
        let Ok(_slot) = self.slots.try_acquire() else { return Reply::Busy };
        match tokio::time::timeout(self.limit, self.answer(secret, site_key, token)).await {
            Err(_) => Reply::Down(format!("no answer in {} ms", self.limit.as_millis())),
            Ok(Err(reason)) => Reply::Down(reason),
            Ok(Ok(Answer { success: true, hostname, action, .. })) => {
                Reply::Solved { host: hostname, action }
            }
            Ok(Ok(answer)) => match answer.errors.iter().find(|code| OUR_FAULT.contains(&&***code)) {
                Some(code) => Reply::Down(format!("the provider says `{code}`")),
                None => Reply::Refused,
            },
        }
    }

    async fn answer(&self, secret: &str, site_key: Option<&str>, token: &str) -> Result<Answer, String> {
        let (client, address) = match self.client.get_or_init(|| client(&self.address)) {
            Ok((client, address)) => (client, address.clone()),
            Err(reason) => return Err(reason.clone()),
        };
        let request = client
            .post(address)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(question(secret, site_key, token));
        let mut response = request.send().await.map_err(plain)?;
        let status = response.status();
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(plain)? {
            if text.len() + chunk.len() > LONGEST {
                return Err(format!("status {status}, and more than {LONGEST} bytes"));
            }
            text.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&text)
            .map_err(|_| format!("status {status}, and {} bytes that are no answer", text.len()))?;
        // Some say that a token is bad with a status of 400.
        match answer.success && status != StatusCode::OK || status.is_server_error() {
            true => Err(format!("status {status}")),
            false => Ok(answer),
        }
    }
}

fn question(secret: &str, site_key: Option<&str>, token: &str) -> String {
    let mut body = form_urlencoded::Serializer::new(String::with_capacity(token.len() + 128));
    body.append_pair("secret", secret).append_pair("response", token);
    if let Some(site_key) = site_key {
        body.append_pair("sitekey", site_key);
    }
    body.finish()
}

/// What went wrong, without the address: one that was set may hold a key.
fn plain(error: reqwest::Error) -> String {
    let error = error.without_url();
    match std::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn client(address: &str) -> Result<(Client, Url), String> {
    let url: Url = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    let is_here = url.host_str().is_some_and(|host| {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    });
    if url.scheme() != "https" && !is_here {
        return Err("a provider is asked by https alone".to_owned());
    }
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls()?)
        .http1_only()
        .redirect(Policy::none())
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")));
    if is_here {
        builder = builder.no_proxy();
    }
    Ok((builder.build().map_err(plain)?, url))
}

/// TLS by ring, and by the certificates of the machine. What the process has as its default is left alone.
fn tls() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
