use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// What time it is, in UTC: the system's, or one that a test moves. Cloning is cheap; clones of a clock that is moved show
/// the same time.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_web::Clock;
///
/// let clock = Clock::stopped("2026-11-23T08:00:00Z".parse().unwrap());
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_string(), "2026-11-23T08:01:30Z");
/// ```
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Timestamp>>>);

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is [moved](Self::advance).
    pub fn stopped(at: Timestamp) -> Self {
        Self(Some(Arc::new(Mutex::new(at))))
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(time) => *time.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a clock that stands still onwards. The system's clock goes by itself: there it does nothing.
    pub fn advance(&self, by: Duration) {
        let Some(time) = &self.0 else { return };
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut time = time.lock().unwrap_or_else(PoisonError::into_inner);
        *time = time.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({}{})", self.now(), if self.0.is_some() { ", stopped" } else { "" })
    }
}
