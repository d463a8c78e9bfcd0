use std::fmt;
use std::sync::Arc;

use frontdesk_data::Transaction;

use super::{Digest, Flight, Found, Id, Inner, Outcome, Store, Taken};
use crate::FormError;

/// The right to process a submission, from [`Ledger::claim`](super::Ledger::claim).
///
/// Dropping it gives the submission back, as when it is refused: the next equal one is processed. Once something may
/// have been written that is no longer true; see [`hold`](Self::hold).
///
/// Where the row is written to the ledger's own database ([`Ledger::is_in`](super::Ledger::is_in)), say
/// [`settle_in`](Self::settle_in) within the row's transaction, commit, and then [`settle`](Self::settle). Elsewhere say
/// [`hold`](Self::hold), write the row, and then [`settle`](Self::settle).
#[must_use = "a ticket that is dropped gives the submission back"]
pub struct Ticket {
    ledger: Arc<Inner>,
    flight: Flight,
    id: Id,
    digest: Digest,
    /// Whether the outcome was written within a transaction.
    in_transaction: bool,
}

/// Why a submission could not be settled or held.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// Another process has it. Roll back what was written for this one, and answer by what is told here.
    #[error("the submission was processed by another process")]
    Taken(Taken),
    /// The ledger's database is in trouble.
    #[error(transparent)]
    Form(#[from] FormError),
}

impl Ticket {
    pub(super) fn new(ledger: Arc<Inner>, flight: Flight, id: Id, digest: Digest) -> Self {
        Self { ledger, flight, id, digest, in_transaction: false }
    }

    /// Writes the outcome within the transaction that writes the row: both are there, or neither is, whatever happens.
    /// Say [`settle`](Self::settle) when it is committed; if it is not, drop the ticket.
    ///
    /// In memory this does nothing.
    ///
    /// # Errors
    /// [`SettleError::Taken`], if another process was faster: roll back. [`SettleError::Form`], if the database is in
    /// trouble, or the transaction is of a database without the ledger's table.
    pub async fn settle_in(
        &mut self,
        transaction: &Transaction,
        outcome: &Outcome,
    ) -> Result<(), SettleError> {
        if let Store::Database(database) = &self.ledger.store {
            database.settle_in(transaction, &self.id, &self.digest, outcome).await?;
            self.in_transaction = true;
        }
        Ok(())
    }

    /// Says that from now on something may be written where a transaction of the ledger's cannot reach. Until the ticket
    /// is [settled](Self::settle) or [released](Self::release), what becomes of the submission is not known: if the
    /// ticket is lost, by a crash too where the ledger is in a database, an equal submission finds it
    /// [`Unknown`](Taken::Unknown) and is not processed.
    ///
    /// # Errors
    /// As [`settle_in`](Self::settle_in).
    pub async fn hold(&self) -> Result<(), SettleError> {
        match &self.ledger.store {
            Store::Memory(memory) => memory.put(self.id, self.digest, None),
            Store::Database(database) => database.hold(&self.id, &self.digest).await?,
        }
        Ok(())
    }

    /// Says what became of the submission. Equal ones get this from now on.
    ///
    /// # Errors
    /// [`FormError`], if the ledger's database is in trouble. The row is written all the same: answer as if this had
    /// gone well.
    pub async fn settle(self, outcome: Outcome) -> Result<(), FormError> {
        let done = match &self.ledger.store {
            Store::Memory(memory) => {
                memory.put(self.id, self.digest, Some(outcome.clone()));
                Ok(())
            }
            Store::Database(_) if self.in_transaction => Ok(()),
            Store::Database(database) => database.settle(&self.id, &self.digest, &outcome).await,
        };
        self.flight.publish(Found::Settled { digest: self.digest, outcome });
        done
    }

    /// Gives the submission back although it was [held](Self::hold): nothing was written.
    ///
    /// # Errors
    /// [`FormError`], if the ledger's database is in trouble.
    pub async fn release(self) -> Result<(), FormError> {
        match &self.ledger.store {
            Store::Memory(memory) => memory.remove(&self.id),
            Store::Database(database) => database.release(&self.id).await?,
        }
        Ok(())
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("in_transaction", &self.in_transaction).finish_non_exhaustive()
    }
}
