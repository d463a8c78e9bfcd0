//! Drafts in memory, bounded in number and size. They are encrypted here too: nothing differs but the place.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Kept, now};

#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<State>>);

struct State {
    /// How many drafts, and how many bytes in them.
    capacity: (usize, usize),
    size: usize,
    /// By place.
    drafts: HashMap<String, (u64, Kept)>,
    /// Places in the order in which they were saved.
    order: BTreeMap<u64, String>,
    /// The places of each owner.
    owners: HashMap<String, HashSet<String>>,
    next: u64,
}

impl Memory {
    pub(super) fn new(capacity: (usize, usize)) -> Self {
        Self(Arc::new(Mutex::new(State {
            capacity,
            size: 0,
            drafts: HashMap::new(),
            order: BTreeMap::new(),
            owners: HashMap::new(),
            next: 0,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn capacity(&self, capacity: (usize, usize)) {
        let mut state = self.lock();
        state.capacity = capacity;
        state.make_room();
    }

    pub(super) fn put(&self, kept: Kept, per_owner: usize) {
        let mut state = self.lock();
        state.remove(&kept.place);
        state.forget_old();
        let theirs = state.owners.get(&kept.owner).map_or(0, HashSet::len);
        for _ in per_owner..=theirs {
            state.forget_oldest_of(&kept.owner);
        }
        state.add(kept);
        state.make_room();
    }

    pub(super) fn get(&self, place: &str) -> Option<String> {
        let state = self.lock();
        let (_, kept) = state.drafts.get(place)?;
        (kept.expires > now()).then(|| kept.sealed.clone())
    }

    pub(super) fn remove(&self, places: &[String]) -> u64 {
        let mut state = self.lock();
        places.iter().map(|place| u64::from(state.remove(place))).sum()
    }

    /// The places of the owners, and what is sealed there.
    pub(super) fn all(&self, owners: &[String]) -> Vec<(String, String)> {
        let (state, now) = (self.lock(), now());
        let places = owners.iter().filter_map(|owner| state.owners.get(owner)).flatten();
        let kept = places.filter_map(|place| state.drafts.get(place));
        kept.filter(|(_, kept)| kept.expires > now)
            .map(|(_, kept)| (kept.place.clone(), kept.sealed.clone()))
            .collect()
    }

    pub(super) fn erase(&self, owners: &[String]) -> u64 {
        let mut state = self.lock();
        let places: Vec<String> =
            owners.iter().filter_map(|owner| state.owners.get(owner)).flatten().cloned().collect();
        places.iter().map(|place| u64::from(state.remove(place))).sum()
    }

    pub(super) fn sweep(&self) -> u64 {
        let (mut state, now) = (self.lock(), now());
        let old = state.drafts.values().filter(|(_, kept)| kept.expires <= now);
        let old: Vec<String> = old.map(|(_, kept)| kept.place.clone()).collect();
        old.iter().map(|place| u64::from(state.remove(place))).sum()
    }
}

impl State {
    fn add(&mut self, kept: Kept) {
        let number = self.next;
        self.next += 1;
        self.size += kept.sealed.len();
        self.order.insert(number, kept.place.clone());
        self.owners.entry(kept.owner.clone()).or_default().insert(kept.place.clone());
        self.drafts.insert(kept.place.clone(), (number, kept));
    }

    fn make_room(&mut self) {
        while self.drafts.len() > self.capacity.0 || self.size > self.capacity.1 {
            let Some((_, place)) = self.order.pop_first() else { break };
            self.remove(&place);
        }
    }

    fn remove(&mut self, place: &str) -> bool {
        let Some((number, kept)) = self.drafts.remove(place) else { return false };
        self.size -= kept.sealed.len();
        self.order.remove(&number);
        if let Some(places) = self.owners.get_mut(&kept.owner) {
            places.remove(place);
            if places.is_empty() {
                self.owners.remove(&kept.owner);
            }
        }
        true
    }

    /// Those in front are the oldest, unless the time to keep them has changed meanwhile; [`Memory::sweep`] finds all.
    fn forget_old(&mut self) {
        let now = now();
        while let Some((_, place)) = self.order.first_key_value() {
            if self.drafts.get(place).is_some_and(|(_, kept)| kept.expires > now) {
                return;
            }
            let place = place.clone();
            if !self.remove(&place) {
                self.order.pop_first();
            }
        }
    }

    fn forget_oldest_of(&mut self, owner: &str) {
        let places = self.owners.get(owner).into_iter().flatten();
        let oldest = places.min_by_key(|place| self.drafts.get(*place).map(|(number, _)| *number)).cloned();
        if let Some(place) = oldest {
            self.remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(owner: &str, place: &str, size: usize) -> Kept {
        let saved = now();
        let (owner, place) = (owner.to_owned(), place.to_owned());
        Kept { owner, place, sealed: "x".repeat(size), saved, expires: saved + 60_000 }
    }

    #[test]
    fn the_oldest_make_room() {
        let memory = Memory::new((3, 100));
        for place in ["a", "b", "c", "d"] {
            memory.put(kept(place, place, 10), 50);
        }
        assert!(memory.get("a").is_none() && memory.get("b").is_some());
        memory.put(kept("b", "b", 80), 50);
        memory.put(kept("e", "e", 20), 50);
        assert!(memory.get("b").is_some() && memory.get("e").is_some());
        assert!(memory.get("c").is_none() && memory.get("d").is_none());
        let state = memory.lock();
        assert_eq!((state.size, state.order.len(), state.owners.len()), (100, 2, 2));
    }
}
