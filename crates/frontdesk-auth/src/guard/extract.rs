//! Who makes a request, as arguments of handlers behind an [`AuthLayer`](crate::AuthLayer).

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::{Identity, Refusal};
use crate::{SessionInfo, User};

/// The user, who may enter the administration; anybody else is refused with 403.
///
/// ```
/// use frontdesk_auth::RequireAdmin;
///
/// async fn figures(RequireAdmin(admin): RequireAdmin) -> String {
///     format!("For {} alone.", admin.username)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequireAdmin(pub User);

/// The user, who may manage users; anybody else is refused with 403.
#[derive(Clone, Debug)]
pub struct RequireSuperuser(pub User);

/// Where the guard is missing, nobody is signed in: what asks for a user is closed then.
fn nobody() -> Refusal {
    Refusal::unauthorized("No matching session found.")
}

/// A token that is limited to scopes has no such rights, whoever's it is.
fn is_limited(parts: &Parts) -> bool {
    parts.extensions.get::<Identity>().is_some_and(|identity| !identity.scopes().is_empty())
}

/// The user who is signed in; 401 where nobody is.
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

/// `Option<User>`: nothing where nobody is signed in.
impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// The session; 401 where the request came without one.
impl<S: Send + Sync> FromRequestParts<S> for SessionInfo {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(nobody)
    }
}

/// `Option<SessionInfo>`: nothing where the request came without one.
impl<S: Send + Sync> OptionalFromRequestParts<S> for SessionInfo {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Who makes the request, be it nobody: anonymous where there is no guard.
impl<S: Send + Sync> FromRequestParts<S> for Identity {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::anonymous))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequireAdmin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match parts.extensions.get::<User>() {
            None => Err(nobody()),
            Some(user) if user.admin && user.active && !is_limited(parts) => Ok(Self(user.clone())),
            Some(_) => Err(Refusal::forbidden("Admin users only")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequireSuperuser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match parts.extensions.get::<User>() {
            None => Err(nobody()),
            Some(user) if user.superuser && user.active && !is_limited(parts) => Ok(Self(user.clone())),
            Some(_) => Err(Refusal::forbidden("Superusers only")),
        }
    }
}
