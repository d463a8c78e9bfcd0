//! Who is signed in.

mod cookie;
mod database;
mod info;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod sessions;
mod store;
mod token;

pub use self::cookie::SessionCookie;
pub(crate) use self::info::later;
pub use self::info::{SessionChange, SessionInfo, Visit};
pub use self::sessions::{OpenSession, Sessions};
pub use self::store::{SessionOfUser, SessionStore, SessionsOf};
pub use self::token::{SessionHash, SessionToken};
pub(crate) use self::token::{random, random_id};
