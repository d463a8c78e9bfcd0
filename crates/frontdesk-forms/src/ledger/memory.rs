//! Outcomes in memory: bounded in number and age, and each call costs the same however many there are.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Digest, Found, Id, Outcome};

#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<State>>);

#[derive(Clone)]
struct State {
    capacity: usize,
    kept: Duration,
    entries: HashMap<Id, Entry>,
    /// When each was put in, in that order. All are kept equally long, so the first to go stands in front. It may name
    /// entries that are no more.
    order: VecDeque<(Instant, u64, Id)>,
    next: u64,
}

#[derive(Clone)]
struct Entry {
    /// Which of the places in `order` is this one's.
    place: u64,
    digest: Digest,
    /// `None` while it is held.
    outcome: Option<Outcome>,
}

impl Memory {
    pub(super) fn new(capacity: usize, kept: Duration) -> Self {
        Self(Arc::new(Mutex::new(State {
            capacity,
            kept,
            entries: HashMap::new(),
            order: VecDeque::new(),
            next: 0,
        })))
    }

    pub(super) fn keep_for(&mut self, kept: Duration) {
        let state = State { kept, ..self.lock().clone() };
        *self = Self(Arc::new(Mutex::new(state)));
    }

    pub(super) fn capacity(&mut self, capacity: usize) {
        let state = State { capacity: capacity.max(1), ..self.lock().clone() };
        *self = Self(Arc::new(Mutex::new(state)));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find(&self, id: &Id) -> Option<Found> {
        let mut state = self.lock();
        state.forget_old();
        state.entries.get(id).map(|entry| match &entry.outcome {
            Some(outcome) => Found::Settled { digest: entry.digest, outcome: outcome.clone() },
            // Who works on it is known in this process; where nobody does, nobody will.
            None => Found::Held { stale: true },
        })
    }

    pub(super) fn put(&self, id: Id, digest: Digest, outcome: Option<Outcome>) {
        let mut state = self.lock();
        state.forget_old();
        if let Some(entry) = state.entries.get_mut(&id) {
            (entry.digest, entry.outcome) = (digest, outcome);
            return;
        }
        while state.order.len() >= state.capacity {
            state.forget_first();
        }
        let place = state.next;
        state.next += 1;
        state.order.push_back((Instant::now(), place, id));
        state.entries.insert(id, Entry { place, digest, outcome });
    }

    pub(super) fn remove(&self, id: &Id) {
        self.lock().entries.remove(id);
    }

    pub(super) fn sweep(&self) -> u64 {
        self.lock().forget_old()
    }
}

impl State {
    fn forget_old(&mut self) -> u64 {
        let mut forgotten = 0;
        while self.order.front().is_some_and(|(at, ..)| at.elapsed() >= self.kept) {
            forgotten += u64::from(self.forget_first());
        }
        forgotten
    }

    fn forget_first(&mut self) -> bool {
        let Some((_, place, id)) = self.order.pop_front() else { return false };
        let there = self.entries.get(&id).is_some_and(|entry| entry.place == place);
        if there {
            self.entries.remove(&id);
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> Id {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        id
    }

    #[test]
    fn form_11_memory_is_bounded_and_the_oldest_go_first() {
        let memory = Memory::new(100, Duration::from_secs(60));
        for number in 0..1000 {
            memory.put(id(number), [0; 32], Some(Outcome::new("x")));
            memory.put(id(5000 + number), [0; 32], None);
            memory.remove(&id(5000 + number));
        }
        let state = memory.lock();
        assert!(state.order.len() <= 100 && state.entries.len() <= 100);
        assert!(state.entries.contains_key(&id(999)) && !state.entries.contains_key(&id(900)));
    }

    #[test]
    fn what_was_removed_and_put_again_is_not_forgotten_with_its_first_place() {
        let memory = Memory::new(2, Duration::from_secs(60));
        memory.put(id(1), [0; 32], None);
        memory.remove(&id(1));
        memory.put(id(1), [0; 32], Some(Outcome::new("x")));
        memory.put(id(2), [0; 32], Some(Outcome::new("y")));
        assert!(memory.find(&id(1)).is_some() && memory.find(&id(2)).is_some());
    }

    #[test]
    fn form_11_what_is_too_old_is_forgotten() {
        let memory = Memory::new(100, Duration::ZERO);
        memory.put(id(1), [0; 32], Some(Outcome::new("x")));
        assert!(memory.find(&id(1)).is_none());
        memory.put(id(2), [0; 32], Some(Outcome::new("x")));
        assert_eq!((memory.sweep(), memory.sweep()), (1, 0));
    }
}
