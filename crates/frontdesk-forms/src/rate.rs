//! How often a visitor may ask something that is not the submission of a form: live checks, searches, saved drafts.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::upload::Owner;

/// How many questions a visitor may ask at once; as many come back within [`REFILL`].
const PER_VISITOR: f64 = 30.0;
/// How many visitors may ask their first question within that time, all together. Whoever throws their cookie away is a
/// new visitor each time and uses this up; those who asked before do not notice.
const NEW_VISITORS: f64 = 600.0;
/// How many of them from one address, where it is known.
const NEW_PER_ADDRESS: f64 = 60.0;
const REFILL: Duration = Duration::from_secs(15);
/// How many visitors, and how many addresses, are remembered. With more, those that have asked nothing lately are
/// forgotten, which costs nothing: their bucket is full again.
const REMEMBERED: usize = 10_000;

/// Buckets of questions, in memory: each process counts for itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rate(Arc<Mutex<Buckets>>);

#[derive(Debug, Default)]
struct Buckets {
    visitors: HashMap<Owner, Bucket>,
    addresses: HashMap<u64, Bucket>,
    new: Option<Bucket>,
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
    pub(crate) fn ask(&self, owner: Owner, address: Option<IpAddr>) -> Result<(), Duration> {
        self.ask_at(owner, address, Instant::now())
    }

    fn ask_at(&self, owner: Owner, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = buckets.visitors.get_mut(&owner) {
            return known.take(PER_VISITOR, now);
        }
        if let Some(network) = address.and_then(network) {
            bucket(&mut buckets.addresses, network, NEW_PER_ADDRESS, now)
                .ok_or(REFILL)?
                .take(NEW_PER_ADDRESS, now)?;
        }
        buckets.new.get_or_insert(Bucket::full(NEW_VISITORS, now)).take(NEW_VISITORS, now)?;
        bucket(&mut buckets.visitors, owner, PER_VISITOR, now).ok_or(REFILL)?.take(PER_VISITOR, now)
    }
}

/// The bucket of that key; `None` if there is no room for one more.
fn bucket<K: Eq + Hash>(
    all: &mut HashMap<K, Bucket>,
    key: K,
    size: f64,
    now: Instant,
) -> Option<&mut Bucket> {
    if all.len() >= REMEMBERED && !all.contains_key(&key) {
        all.retain(|_, bucket| now.duration_since(bucket.at) < REFILL);
        if all.len() >= REMEMBERED {
            return None;
        }
    }
    Some(all.entry(key).or_insert(Bucket::full(size, now)))
}

/// What one client has of addresses: one of IPv4, a /64 of IPv6. `None` for those of a proxy before us, behind which
/// everybody seems to be one.
fn network(address: IpAddr) -> Option<u64> {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let is_near = address.is_loopback() || address.is_private() || address.is_link_local();
            (!is_near).then(|| u64::from(u32::from(address)))
        }
        IpAddr::V6(address) => {
            let is_near =
                address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local();
            // The upper half of such an address is never below 2^32.
            (!is_near).then(|| (u128::from(address) >> 64) as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_01_a_visitor_waits_after_too_many_questions_and_others_do_not() {
        let (rate, now) = (Rate::default(), Instant::now());
        let (ada, eve) = (Owner::of("ada"), Owner::of("eve"));
        assert!((0..30).all(|_| rate.ask_at(eve, None, now).is_ok()));
        let wait = rate.ask_at(eve, None, now).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(rate.ask_at(ada, None, now), Ok(()));
        assert_eq!(rate.ask_at(eve, None, now + wait), Ok(()));
    }

    #[test]
    fn rate_01_who_throws_cookies_away_locks_nobody_out() {
        let (rate, now) = (Rate::default(), Instant::now());
        let ada = Owner::of("ada");
        assert_eq!(rate.ask_at(ada, None, now), Ok(()));
        let many = |from: &str, address: Option<&str>| {
            let address = address.map(|text| text.parse().unwrap());
            (0..5000).filter(|n| rate.ask_at(Owner::of(&format!("{from}{n}")), address, now).is_ok()).count()
        };
        assert_eq!(many("a", Some("192.0.2.1")), 60, "an address is as good as its share");
        assert_eq!(many("b", Some("2001:db8::1")) + many("c", Some("2001:db8::ffff:2")), 60, "so is a /64");
        assert_eq!(many("d", Some("::ffff:192.0.2.1")), 0, "the same address, written as IPv6");
        let left = many("e", Some("127.0.0.1"));
        assert_eq!(left, 600 - 1 - 120, "behind a proxy all are one");
        assert_eq!(many("f", None), 0);
        assert_eq!(rate.ask_at(ada, None, now), Ok(()), "who was here before notices nothing");
        assert_eq!(rate.ask_at(Owner::of("new"), None, now + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn rate_01_memory_is_bounded() {
        let (rate, start) = (Rate::default(), Instant::now());
        for second in 1..1000_u64 {
            for n in 0..60 {
                let address = IpAddr::from([203, 0, (second % 256) as u8, n]);
                let owner = Owner::of(&format!("{second}/{n}"));
                let _ = rate.ask_at(owner, Some(address), start + Duration::from_secs(second));
            }
        }
        let buckets = rate.0.lock().unwrap();
        assert!(buckets.visitors.len() <= REMEMBERED && buckets.addresses.len() <= REMEMBERED);
        assert!(buckets.visitors.len() > 500, "{}", buckets.visitors.len());
    }
}
