//! How often a visitor may ask something that is not the submission of a form: live checks, searches, saved drafts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::upload::Owner;

/// How many questions a visitor may ask at once; as many come back within [`REFILL`].
const PER_VISITOR: f64 = 30.0;
/// How many all visitors together may ask at once, within the same time. Who throws their cookie away is limited by this.
const ALL_TOGETHER: f64 = 1500.0;
const REFILL: Duration = Duration::from_secs(15);
/// How many visitors are remembered. With more, those that have asked nothing lately are forgotten, which costs nothing:
/// their bucket is full again.
const VISITORS: usize = 10_000;

/// Buckets of questions, in memory: each process counts for itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate(Arc<Mutex<Buckets>>);

#[derive(Debug, Default)]
struct Buckets {
    visitors: HashMap<Owner, Bucket>,
    all: Option<Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(size: f64, at: Instant) -> Self {
        Self { left: size, at }
    }

    /// Takes one; how long to wait where there is none.
    fn take(&mut self, size: f64, now: Instant) -> Result<(), Duration> {
        let refilled = now.duration_since(self.at).as_secs_f64() / REFILL.as_secs_f64() * size;
        self.left = (self.left + refilled).min(size);
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.left) / size * REFILL.as_secs_f64()))
    }
}

impl Rate {
    /// Counts a question of a visitor; how long they have to wait if it is one too many.
    pub(crate) fn ask(&self, owner: Owner) -> Result<(), Duration> {
        self.ask_at(owner, Instant::now())
    }

    fn ask_at(&self, owner: Owner, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.all.get_or_insert(Bucket::full(ALL_TOGETHER, now)).take(ALL_TOGETHER, now)?;
        if buckets.visitors.len() >= VISITORS && !buckets.visitors.contains_key(&owner) {
            buckets.visitors.retain(|_, bucket| now.duration_since(bucket.at) < REFILL);
            if buckets.visitors.len() >= VISITORS {
                return Err(REFILL);
            }
        }
        buckets.visitors.entry(owner).or_insert(Bucket::full(PER_VISITOR, now)).take(PER_VISITOR, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_01_a_visitor_waits_after_too_many_questions_and_others_do_not() {
        let (rate, now) = (Rate::default(), Instant::now());
        let (ada, eve) = (Owner::of("ada"), Owner::of("eve"));
        assert!((0..30).all(|_| rate.ask_at(eve, now).is_ok()));
        let wait = rate.ask_at(eve, now).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(rate.ask_at(ada, now), Ok(()));
        assert_eq!(rate.ask_at(eve, now + wait), Ok(()));
    }

    #[test]
    fn rate_01_memory_and_all_together_are_bounded() {
        let (rate, now) = (Rate::default(), Instant::now());
        let asked = (0..5000).filter(|n| rate.ask_at(Owner::of(&n.to_string()), now).is_ok()).count();
        assert_eq!(asked, 1500);
        for second in 1..100_u64 {
            for n in 0..150 {
                let _ = rate.ask_at(Owner::of(&format!("{second}/{n}")), now + Duration::from_secs(second));
            }
        }
        assert!(rate.0.lock().unwrap().visitors.len() <= VISITORS);
    }
}
