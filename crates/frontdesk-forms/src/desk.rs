use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use frontdesk_web::{Languages, Purpose, Secret, Signer};

use crate::ledger::Ledger;
use crate::rate::Rate;
use crate::{BotProtection, Drafts, Limits, UploadStore};

/// What all forms of an application share: the secret that signs them, the folder for uploads, what is remembered of
/// submissions, languages, and limits.
///
/// Make one at the start and keep it in axum's state; [`FormRequest`](crate::FormRequest) takes it from there. Cloning
/// is cheap.
///
/// ```
/// use axum::Router;
/// use frontdesk_forms::Desk;
/// use frontdesk_web::Secret;
///
/// let desk = Desk::new(Secret::random()).upload_folder("uploads");
/// // Serves the script that helps visitors along. Everything works without it.
/// let app: Router = Router::new().merge(desk.router());
/// ```
#[derive(Clone, Debug)]
pub struct Desk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    signer: Signer,
    forms: Purpose,
    previews: Purpose,
    proofs: Purpose,
    drafts: Drafts,
    rate: Rate,
    uploads: UploadStore,
    limits: Limits,
    ledger: Ledger,
    languages: Languages,
    /// Whether [`Desk::router`] was made: forms then count on the script.
    is_served: AtomicBool,
}

impl Clone for Inner {
    fn clone(&self) -> Self {
        Self {
            signer: self.signer.clone(),
            forms: self.forms.clone(),
            previews: self.previews.clone(),
            proofs: self.proofs.clone(),
            drafts: self.drafts.clone(),
            rate: self.rate.clone(),
            uploads: self.uploads.clone(),
            limits: self.limits.clone(),
            ledger: self.ledger.clone(),
            languages: self.languages.clone(),
            is_served: AtomicBool::new(self.is_served.load(Ordering::Relaxed)),
        }
    }
}

impl Desk {
    /// A desk whose forms are signed with `secret`.
    ///
    /// With [`Secret::random`] the forms that visitors have open are void after a restart: what they typed comes back,
    /// and they have to submit it again.
    pub fn new(secret: Secret) -> Self {
        Self::with_signer(&Signer::new(secret))
    }

    /// A desk that signs with a signer of the application's.
    pub fn with_signer(signer: &Signer) -> Self {
        Self(Arc::new(Inner {
            forms: signer.purpose("form"),
            previews: signer.purpose("kept upload"),
            proofs: signer.purpose(BotProtection::PURPOSE),
            drafts: Drafts::memory().signer(signer),
            rate: Rate::default(),
            signer: signer.clone(),
            uploads: UploadStore::new("uploads"),
            limits: Limits::default(),
            ledger: Ledger::memory(),
            languages: Languages::new(),
            is_served: AtomicBool::new(false),
        }))
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets the folder that holds uploaded files. Default: `uploads` in the current folder. It is made when the first file
    /// comes.
    #[must_use]
    pub fn upload_folder(self, folder: impl Into<PathBuf>) -> Self {
        self.uploads_in(UploadStore::new(folder))
    }

    /// Sets the store of uploaded files: a folder, with options for what is not accepted yet.
    #[must_use]
    pub fn uploads_in(self, store: UploadStore) -> Self {
        self.change(|desk| desk.uploads = store)
    }

    /// Sets the limits for what a request may bring.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        self.change(|desk| desk.limits = limits)
    }

    /// Sets where is remembered what became of submissions, so that a form that is sent twice is written once. Default: in
    /// memory, which serves one process until it ends.
    #[must_use]
    pub fn remember_submissions(self, ledger: Ledger) -> Self {
        self.change(|desk| desk.ledger = ledger)
    }

    /// Sets where drafts are kept. They are encrypted with a key of the desk's secret. Default: in memory.
    #[must_use]
    pub fn keep_drafts(self, drafts: Drafts) -> Self {
        self.change(|desk| desk.drafts = drafts.signer(&desk.signer))
    }

    /// Sets the languages that the application speaks. Default: English, German and Portuguese, with no texts of the
    /// application's own.
    #[must_use]
    pub fn speak(self, languages: Languages) -> Self {
        self.change(|desk| desk.languages = languages)
    }

    /// The store of uploaded files.
    pub fn uploads(&self) -> &UploadStore {
        &self.0.uploads
    }

    /// What is remembered of submissions.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// The languages.
    pub fn languages(&self) -> &Languages {
        &self.0.languages
    }

    /// What signs here: for further purposes of the application's, bound to the same secret.
    pub fn signer(&self) -> &Signer {
        &self.0.signer
    }

    pub(crate) fn forms(&self) -> &Purpose {
        &self.0.forms
    }

    pub(crate) fn previews(&self) -> &Purpose {
        &self.0.previews
    }

    /// The drafts.
    pub fn drafts(&self) -> &Drafts {
        &self.0.drafts
    }

    pub(crate) fn proofs(&self) -> &Purpose {
        &self.0.proofs
    }

    pub(crate) fn rate(&self) -> &Rate {
        &self.0.rate
    }

    pub(crate) fn request_limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Whether the script is served.
    pub(crate) fn is_served(&self) -> bool {
        self.0.is_served.load(Ordering::Relaxed)
    }

    pub(crate) fn note_served(&self) {
        self.0.is_served.store(true, Ordering::Relaxed);
    }
}
