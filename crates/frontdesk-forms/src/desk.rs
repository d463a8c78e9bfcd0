use std::path::PathBuf;
use std::sync::Arc;

use frontdesk_web::{Purpose, Secret, Signer};

use crate::{Limits, UploadStore};

/// What all forms of an application share: the secret that signs them, the folder for uploads, and limits.
///
/// Make one at the start and keep it in axum's state; [`FormRequest`](crate::FormRequest) takes it from there. Cloning
/// is cheap.
///
/// ```
/// use frontdesk_forms::Desk;
/// use frontdesk_web::Secret;
///
/// let desk = Desk::new(Secret::random()).upload_folder("uploads");
/// ```
#[derive(Clone, Debug)]
pub struct Desk(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    forms: Purpose,
    uploads: UploadStore,
    limits: Limits,
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
            uploads: UploadStore::new("uploads"),
            limits: Limits::default(),
        }))
    }

    /// Sets the folder that holds uploaded files. Default: `uploads` in the current folder. It is made when the first
    /// file comes.
    #[must_use]
    pub fn upload_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        Arc::make_mut(&mut self.0).uploads = UploadStore::new(folder);
        self
    }

    /// Sets the limits for what a request may bring.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        Arc::make_mut(&mut self.0).limits = limits;
        self
    }

    /// The folder of uploaded files.
    pub fn uploads(&self) -> &UploadStore {
        &self.0.uploads
    }

    pub(crate) fn forms(&self) -> &Purpose {
        &self.0.forms
    }

    pub(crate) fn request_limits(&self) -> &Limits {
        &self.0.limits
    }
}
