use std::sync::Arc;

use frontdesk_forms::Desk;
use frontdesk_web::Clock;
use url::Url;

use crate::MfaProvider;

/// What all of sign-in shares: the desk (with the secret that signs, and languages), the clock, what the site is called
/// and where it is.
///
/// Make one at the start. Cloning is cheap.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    desk: Desk,
    clock: Clock,
    base_url: Option<Url>,
    site_name: Arc<str>,
    mfa_providers: Vec<Arc<dyn MfaProvider>>,
}

impl Auth {
    /// Sign-in with the secret and the languages of a desk.
    pub fn new(desk: &Desk) -> Self {
        Self(Arc::new(Inner {
            desk: desk.clone(),
            clock: Clock::system(),
            base_url: None,
            site_name: "frontdesk".into(),
            mfa_providers: Vec::new(),
        }))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.change(|auth| auth.clock = clock)
    }

    /// Sets the address of the site, for links in mails. It is never taken from a request: whoever sends one could choose it.
    #[must_use]
    pub fn base_url(self, url: Url) -> Self {
        self.change(|auth| auth.base_url = Some(url))
    }

    /// Sets what the site is called, in mails and authenticator apps. Default: `frontdesk`.
    #[must_use]
    pub fn site_name(self, name: impl Into<Arc<str>>) -> Self {
        self.change(|auth| auth.site_name = name.into())
    }

    /// Adds a second factor that users may set up.
    #[must_use]
    pub fn mfa_provider(self, provider: impl MfaProvider) -> Self {
        self.change(|auth| auth.mfa_providers.push(Arc::new(provider)))
    }

    /// The desk.
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// The time by which everything here goes.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    /// The second factors.
    pub fn mfa_providers(&self) -> &[Arc<dyn MfaProvider>] {
        &self.0.mfa_providers
    }
}
