//! Limits in this process's memory, of which there is a fixed amount.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use frontdesk_validate::BoxFuture;
use jiff::Timestamp;

use super::quota::{self, Backoff, Quota, State, Verdict, instant};
use super::store::{HashedKey, LimitStore, StoreTrouble};

/// How many keys share a place: a new one takes that of the one that is worth least.
const WAYS: usize = 8;
const SHARDS: usize = 64;

/// Limits in memory. Quotas and delays have a table each, so that one kind does not push out the other.
pub(super) struct Memory {
    quotas: Table,
    delays: Table,
}

impl Memory {
    pub(super) fn new(keys: usize) -> Self {
        Self { quotas: Table::new(keys), delays: Table::new(keys) }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.quotas.len() + self.delays.len()
    }

    fn take(&self, key: HashedKey, quota: &Quota, now: i64) -> Verdict {
        self.quotas.change(key, now, |state| {
            let (state, verdict) = quota::take(state, quota, now);
            (Some((state, quota.expiry(state))), verdict)
        })
    }

    fn begin(&self, key: HashedKey, backoff: &Backoff, now: i64) -> Verdict {
        self.delays.change(key, now, |state| {
            let (state, verdict) = quota::begin(state, backoff, now);
            (Some((state, backoff.worth(state))), verdict)
        })
    }

    fn undo(&self, key: HashedKey, backoff: &Backoff, now: i64) {
        self.delays.change(key, now, |state| {
            let left = state.and_then(|state| quota::undo(state, backoff, now));
            (left.map(|state| (state, backoff.worth(state))), ())
        });
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory(..)")
    }
}

impl LimitStore for Memory {
    fn take<'s>(
        &'s self,
        key: HashedKey,
        quota: &'s Quota,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        let verdict = self.take(key, quota, instant(now));
        Box::pin(std::future::ready(Ok(verdict)))
    }

    fn begin<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<Verdict, StoreTrouble>> {
        let verdict = self.begin(key, backoff, instant(now));
        Box::pin(std::future::ready(Ok(verdict)))
    }

    fn undo<'s>(
        &'s self,
        key: HashedKey,
        backoff: &'s Backoff,
        now: Timestamp,
    ) -> BoxFuture<'s, Result<(), StoreTrouble>> {
        self.undo(key, backoff, instant(now));
        Box::pin(std::future::ready(Ok(())))
    }

    fn forgive(&self, key: HashedKey) -> BoxFuture<'_, Result<(), StoreTrouble>> {
        self.delays.change(key, i64::MIN, |_| (None, ()));
        Box::pin(std::future::ready(Ok(())))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// A set-associative table: each key has `WAYS` places that it may be in.
struct Table {
    shards: Box<[Mutex<Vec<Slot>>]>,
    /// In each shard.
    sets: usize,
    was_full: AtomicBool,
}

#[derive(Clone, Copy)]
struct Slot {
    key: [u64; 2],
    state: State,
    /// The one with the least goes first; `i64::MIN` for one that is empty.
    worth: i64,
}

const EMPTY: Slot = Slot { key: [0; 2], state: State { at: 0, n: 0 }, worth: i64::MIN };

impl Table {
    fn new(keys: usize) -> Self {
        let sets = keys.div_ceil(SHARDS * WAYS).max(1).next_power_of_two();
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            sets,
            was_full: AtomicBool::new(false),
        }
    }

    /// Changes what is kept for a key: to another state and how much it is worth, or to nothing.
    fn change<T>(
        &self,
        key: HashedKey,
        now: i64,
        change: impl FnOnce(Option<State>) -> (Option<(State, i64)>, T),
    ) -> T {
        let key = key.words();
        let shard = &self.shards[key[0] as usize % SHARDS];
        let set = key[1] as usize & (self.sets - 1);
        let mut slots = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.is_empty() {
            *slots = vec![EMPTY; self.sets * WAYS];
        }
        let places = &mut slots[set * WAYS..(set + 1) * WAYS];
        let found = places.iter().position(|slot| slot.key == key && slot.worth != i64::MIN);
        let (kept, result) = change(found.map(|index| places[index].state));
        match (found, kept) {
            (Some(index), None) => places[index] = EMPTY,
            (None, None) => {}
            (found, Some((state, worth))) => {
                let worth = worth.max(i64::MIN + 1);
                let least = || (0..WAYS).min_by_key(|index| places[*index].worth).unwrap_or(0);
                let index = found.unwrap_or_else(least);
                if found.is_none() && places[index].worth > now {
                    self.warn();
                }
                places[index] = Slot { key, state, worth };
            }
        }
        result
    }

    fn warn(&self) {
        if !self.was_full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "more clients than limits in memory have room for: those that asked least are forgotten too early. \
                 Give Limiter::memory_for more room, or keep limits in a database or in Redis"
            );
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn key(number: u64) -> HashedKey {
        // As evenly spread as a hash is.
        let mix = |word: u64| {
            let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            word ^ (word >> 31)
        };
        HashedKey::of_words([mix(number), mix(number ^ 0x9E37_79B9_7F4A_7C15)])
    }

    #[test]
    fn rate_01_ten_million_keys_stay_within_the_memory_that_is_set() {
        let memory = Memory::new(10_000);
        let (quota, backoff) = (Quota::new(30, Duration::from_secs(15)), Backoff::default());
        let began = Instant::now();
        for number in 0..10_000_000 {
            let verdict = match number % 2 {
                0 => memory.take(key(number), &quota, 1_000_000),
                _ => memory.begin(key(number), &backoff, 1_000_000),
            };
            assert!(matches!(verdict, Verdict::Pass { .. }));
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        let most = 2 * 2 * 10_000 + 2 * SHARDS * WAYS;
        assert!(memory.len() <= most, "{} of {most}", memory.len());
        assert_eq!(size_of::<Slot>(), 40);
    }

    #[test]
    fn rate_01_a_flood_of_others_frees_nobody() {
        let memory = Memory::new(4096);
        let quota = Quota::new(30, Duration::from_mins(5));
        let backoff = Backoff::default();
        let (mut now, eve) = (1_000_000_000_000, key(u64::MAX));
        for _ in 0..15 {
            if let Verdict::Wait(wait) = memory.begin(eve, &backoff, now) {
                now += quota::micros(wait);
                memory.begin(eve, &backoff, now);
            }
        }
        while matches!(memory.take(eve, &quota, now), Verdict::Pass { .. }) {}
        for number in 0..500_000 {
            memory.begin(key(number), &backoff, now);
            memory.take(key(number), &quota, now);
        }
        assert!(matches!(memory.take(eve, &quota, now), Verdict::Wait(_)));
        assert!(
            matches!(memory.begin(eve, &backoff, now), Verdict::Wait(wait) if wait > Duration::from_secs(60))
        );
    }
}
