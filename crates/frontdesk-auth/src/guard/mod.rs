//! Who gets through to what.

mod extract;
mod identity;
mod junction;
mod layer;
mod paths;
mod sessions;

use axum::extract::OriginalUri;
use http::Uri;
use http::request::Parts;

pub use self::extract::{RequireAdmin, RequireSuperuser};
pub(crate) use self::identity::token_answer;
pub use self::identity::{AuthBackend, Identity, Refusal};
pub use self::junction::AuthenticationBackendJunction;
pub use self::layer::{AuthLayer, AuthService};
pub(crate) use self::paths::ExcludedPaths;
pub use self::sessions::SessionsAuthBackend;

/// The address as it was sent: within a router that is nested in another one, the beginning of the path is cut off.
pub(crate) fn original_uri(request: &Parts) -> &Uri {
    request.extensions.get::<OriginalUri>().map_or(&request.uri, |original| &original.0)
}

pub(crate) fn path_of(request: &Parts) -> &str {
    original_uri(request).path()
}
