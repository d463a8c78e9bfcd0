//! The submissions that this process works on, and those who wait for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{Found, Id};

type Sent = Option<Found>;

/// The submissions that are worked on.
#[derive(Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<Id, watch::Receiver<Sent>>>>);

/// One submission that its owner works on. Dropping it lets those who wait go on.
pub(super) struct Flight {
    flights: Flights,
    id: Id,
    sender: watch::Sender<Sent>,
}

/// Somebody else's flight.
pub(super) struct Other(watch::Receiver<Sent>);

impl Flights {
    /// Begins to work on a submission, unless somebody does so already.
    pub(super) fn begin(&self, id: Id) -> Result<Flight, Other> {
        let mut flights = self.lock();
        if let Some(receiver) = flights.get(&id) {
            return Err(Other(receiver.clone()));
        }
        let (sender, receiver) = watch::channel(None);
        flights.insert(id, receiver);
        Ok(Flight { flights: self.clone(), id, sender })
    }

    /// Whether that submission is being processed.
    pub(super) fn has(&self, id: &Id) -> bool {
        self.lock().contains_key(id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, watch::Receiver<Sent>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Tells those who wait what they would find.
    pub(super) fn publish(&self, found: Found) {
        self.sender.send_replace(Some(found));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // The sender is dropped after this, so whoever is woken by that finds no flight here.
        self.flights.lock().remove(&self.id);
    }
}

impl Other {
    /// Waits until it ends; what it published, if it did.
    pub(super) async fn ended(mut self) -> Option<Found> {
        while self.0.changed().await.is_ok() {}
        self.0.borrow().clone()
    }
}
