//! What was typed into a form that is not sent yet, kept for the one who typed it.

mod database;
mod memory;
mod owner;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use frontdesk_data::{Db, OwnTables};
use frontdesk_web::{Purpose, Sealer, Secret, Signer};
use jiff::Timestamp;

use self::database::Database;
use self::memory::Memory;
pub use self::owner::DraftOwner;
use crate::FormError;

/// Keeps drafts: what was typed into a form so far, for one owner, form and record.
///
/// Drafts are encrypted where they are kept, and each is bound to its place: who reads the database sees how many there
/// are, how long and how old, and neither what was typed nor by whom nor into which form. [`Desk::keep_drafts`] sets the
/// secret; with another one, drafts that were kept before do not open, unless the older secret is accepted too.
///
/// ```
/// use frontdesk_forms::{DraftOwner, Drafts};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let drafts = Drafts::memory();
/// let owner = DraftOwner::user("7");
/// drafts.save(&owner, "thing", "", [("name", "Ad")]).await.unwrap();
///
/// let draft = drafts.load(&owner, "thing", "").await.unwrap().unwrap();
/// assert_eq!(draft.entries(), [("name".to_owned(), "Ad".to_owned())]);
/// assert!(drafts.load(&DraftOwner::user("8"), "thing", "").await.unwrap().is_none());
/// # });
/// ```
///
/// # Personal data
/// A draft ends when it is [discarded](Self::discard), when nobody has saved it for [`keep_for`](Self::keep_for), or when
/// all of its owner's are [erased](Self::erase). It is for the caller to leave out passwords and one-time codes.
///
/// [`Desk::keep_drafts`]: crate::Desk::keep_drafts
#[derive(Clone)]
pub struct Drafts(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    store: Store,
    sealer: Sealer,
    places: Purpose,
    kept: Duration,
    per_owner: usize,
    largest: usize,
}

#[derive(Clone)]
enum Store {
    Memory(Memory),
    Database(Database),
}

/// A draft as a store keeps it.
#[derive(Clone)]
struct Kept {
    /// Whose it is, and where it belongs: keyed hashes.
    owner: String,
    place: String,
    /// What was typed, encrypted, in base64.
    sealed: String,
    /// In milliseconds since 1970.
    saved: i64,
    expires: i64,
}

/// What was typed into a form so far. It hides that in `Debug` output.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    entries: Vec<(String, String)>,
    saved: Timestamp,
    /// What the form knew of its record when it was saved.
    base: Option<String>,
}

impl Draft {
    /// The names and texts, in the order in which they were saved.
    pub fn entries(&self) -> &[(String, String)] {
        &self.entries
    }

    /// The names and texts, as values of the caller's.
    pub fn into_entries(self) -> Vec<(String, String)> {
        self.entries
    }

    /// When it was saved.
    pub fn saved(&self) -> Timestamp {
        self.saved
    }

    pub(crate) fn base(&self) -> Option<&str> {
        self.base.as_deref()
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("entries", &self.entries.len())
            .field("saved", &self.saved)
            .finish_non_exhaustive()
    }
}

/// Why a draft was not saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// There is more text than a draft may have; the limit in bytes is given.
    #[error("a draft may have {0} bytes at most")]
    TooLarge(usize),
    /// Names that begin with `_` belong to the form itself, and are worth nothing in a draft.
    #[error("an input of the form's own does not belong into a draft")]
    Reserved,
    /// The store is in trouble.
    #[error(transparent)]
    Form(#[from] FormError),
}

/// How long a draft is kept unless said otherwise.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// How many drafts an owner has at most unless said otherwise.
const PER_OWNER: usize = 50;
/// How many bytes a draft has at most unless said otherwise.
const LARGEST: usize = 256 * 1024;
/// How many drafts, and bytes in them, are kept in memory at most unless said otherwise.
const CAPACITY: (usize, usize) = (10_000, 64 * 1024 * 1024);
/// The same for a database.
const CAPACITY_OF_DATABASE: (usize, usize) = (100_000, 1024 * 1024 * 1024);

impl Drafts {
    /// Drafts in memory: 10,000 at most, of 64 MiB altogether; the oldest go first. They end with the process.
    pub fn memory() -> Self {
        Self::of(Store::Memory(Memory::new(CAPACITY)))
    }

    /// Drafts in the table `frontdesk_drafts` of a database, which is made when the first draft comes: 100,000 at most, of
    /// 1 GiB altogether; the oldest go first.
    ///
    /// Visitors who are not signed in count as a new owner with each new cookie, so limit how often an address may save
    /// where strangers reach the form.
    pub fn database(db: &Db) -> Self {
        Self::of(Store::Database(Database::new(db.clone(), CAPACITY_OF_DATABASE)))
    }

    /// The table of drafts in a database, as it is made when it is needed: to make it before, or to see how.
    pub const fn own_tables() -> OwnTables {
        database::TABLES
    }

    fn of(store: Store) -> Self {
        let signer = Signer::new(Secret::random());
        let inner = Inner {
            store,
            sealer: signer.sealer("draft"),
            places: signer.purpose("draft"),
            kept: KEPT,
            per_owner: PER_OWNER,
            largest: LARGEST,
        };
        Self(Arc::new(inner))
    }

    /// Sets the secrets by which drafts are encrypted. [`Desk::keep_drafts`](crate::Desk::keep_drafts) does it. Without it they
    /// are random, and drafts end with the process.
    #[must_use]
    pub fn signer(mut self, signer: &Signer) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        (inner.sealer, inner.places) = (signer.sealer("draft"), signer.purpose("draft"));
        self
    }

    /// Sets how long a draft is kept after it was last saved. Default: 7 days.
    #[must_use]
    pub fn keep_for(mut self, kept: Duration) -> Self {
        Arc::make_mut(&mut self.0).kept = kept;
        self
    }

    /// Sets how many drafts an owner has at most; the one that was not saved for longest goes first. Default: 50.
    #[must_use]
    pub fn per_owner(mut self, drafts: usize) -> Self {
        Arc::make_mut(&mut self.0).per_owner = drafts.max(1);
        self
    }

    /// Sets how many bytes the names and texts of a draft have at most. Default: 256 KiB.
    #[must_use]
    pub fn largest(mut self, bytes: usize) -> Self {
        Arc::make_mut(&mut self.0).largest = bytes;
        self
    }

    /// Sets how many drafts there are at most, of all owners together, and how many bytes they take in the store; those
    /// that were not saved for longest go first. Default: 10,000 and 64 MiB in memory, 100,000 and 1 GiB in a database.
    ///
    /// In a database this is looked after now and then: each process may add a sixteenth of it beforehand.
    ///
    /// ```
    /// use frontdesk_forms::{DraftOwner, Drafts};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let drafts = Drafts::memory().capacity(1, 1_000_000);
    /// let (ada, bob) = (DraftOwner::user("ada"), DraftOwner::user("bob"));
    /// drafts.save(&ada, "thing", "", [("name", "A")]).await.unwrap();
    /// drafts.save(&bob, "thing", "", [("name", "B")]).await.unwrap();
    /// assert!(drafts.load(&ada, "thing", "").await.unwrap().is_none());
    /// # });
    /// ```
    #[must_use]
    pub fn capacity(mut self, drafts: usize, bytes: usize) -> Self {
        match &mut Arc::make_mut(&mut self.0).store {
            Store::Memory(memory) => memory.capacity((drafts, bytes)),
            Store::Database(database) => database.capacity = (drafts, bytes),
        }
        self
    }

    /// How long a draft is kept after it was last saved.
    pub fn kept(&self) -> Duration {
        self.0.kept
    }

    /// Saves what was typed, in the place of an earlier draft of that owner, form and record. `record` is the text of
    /// the record's identity, empty for a new one.
    ///
    /// # Errors
    /// [`DraftError`]. An earlier draft stays then.
    pub async fn save<N: Into<String>, T: Into<String>>(
        &self,
        owner: &DraftOwner,
        form: &str,
        record: &str,
        entries: impl IntoIterator<Item = (N, T)>,
    ) -> Result<(), DraftError> {
        let entries = entries.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        self.save_from(owner, form, record, entries, None).await
    }

    /// As [`save`](Self::save), with what the form knew of its record.
    pub(crate) async fn save_from(
        &self,
        owner: &DraftOwner,
        form: &str,
        record: &str,
        entries: Vec<(String, String)>,
        base: Option<String>,
    ) -> Result<(), DraftError> {
        if entries.iter().any(|(name, _)| name.starts_with('_')) {
            return Err(DraftError::Reserved);
        }
        let size = entries.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>();
        // What stood in the form when it was drawn has as much room as what was typed.
        if size > self.0.largest || base.as_ref().is_some_and(|base| base.len() > self.0.largest) {
            return Err(DraftError::TooLarge(self.0.largest));
        }
        self.put(owner, form, record, &Draft { entries, saved: Timestamp::now(), base }).await?;
        Ok(())
    }

    async fn put(
        &self,
        owner: &DraftOwner,
        form: &str,
        record: &str,
        draft: &Draft,
    ) -> Result<(), FormError> {
        let Draft { entries, saved, base } = draft;
        // The form and record are within, so that a draft can be handed on to another owner.
        let text = serde_json::json!([form, record, saved.as_millisecond(), entries, base]).to_string();
        let mut places = self.places(owner, form, record);
        let Some(place) = places.next() else { return Ok(()) };
        let kept = Kept {
            owner: self.0.places.token(&[b"owner", owner.as_bytes()]),
            sealed: STANDARD_NO_PAD.encode(self.0.sealer.seal(text.as_bytes(), place.as_bytes())),
            place,
            saved: saved.as_millisecond(),
            expires: saved.as_millisecond().saturating_add(millis(self.0.kept)),
        };
        let older: Vec<String> = places.collect();
        match &self.0.store {
            Store::Memory(memory) => {
                memory.put(kept, self.0.per_owner);
                memory.remove(&older);
            }
            Store::Database(database) => {
                database.put(kept, self.0.per_owner).await?;
                database.remove(&older).await?;
            }
        }
        Ok(())
    }

    /// The draft of that owner, form and record, unless there is none, or it is too old, or its secret is not known any
    /// more.
    ///
    /// # Errors
    /// [`FormError`], if the store is in trouble.
    pub async fn load(
        &self,
        owner: &DraftOwner,
        form: &str,
        record: &str,
    ) -> Result<Option<Draft>, FormError> {
        for place in self.places(owner, form, record) {
            let sealed = match &self.0.store {
                Store::Memory(memory) => memory.get(&place),
                Store::Database(database) => database.get(&place).await?,
            };
            if let Some((.., draft)) = sealed.and_then(|sealed| self.open(&place, &sealed)) {
                return Ok(Some(draft));
            }
        }
        Ok(None)
    }

    /// Removes the draft of that owner, form and record; tells whether there was one.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub async fn discard(&self, owner: &DraftOwner, form: &str, record: &str) -> Result<bool, FormError> {
        let places: Vec<String> = self.places(owner, form, record).collect();
        match &self.0.store {
            Store::Memory(memory) => Ok(memory.remove(&places) > 0),
            Store::Database(database) => Ok(database.remove(&places).await? > 0),
        }
    }

    /// Removes all drafts of an owner, and returns how many there were.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub async fn erase(&self, owner: &DraftOwner) -> Result<u64, FormError> {
        let owners = self.owners(owner);
        match &self.0.store {
            Store::Memory(memory) => Ok(memory.erase(&owners)),
            Store::Database(database) => database.erase(&owners).await,
        }
    }

    /// Hands all drafts of one owner to another one, as when a visitor signs in, and returns how many there were. Where
    /// both have a draft of the same form and record, the one saved last stays.
    ///
    /// # Errors
    /// As [`load`](Self::load). Some may have changed hands then; calling it again does the rest.
    pub async fn hand_over(&self, from: &DraftOwner, to: &DraftOwner) -> Result<u64, FormError> {
        if from == to {
            return Ok(0);
        }
        let owners = self.owners(from);
        let all = match &self.0.store {
            Store::Memory(memory) => memory.all(&owners),
            Store::Database(database) => database.all(&owners).await?,
        };
        let mut handed = 0;
        for (place, sealed) in all {
            if let Some((form, record, draft)) = self.open(&place, &sealed) {
                let theirs = self.load(to, &form, &record).await?;
                if theirs.is_none_or(|theirs| theirs.saved < draft.saved) {
                    self.put(to, &form, &record, &draft).await?;
                }
                handed += 1;
            }
        }
        self.erase(from).await?;
        Ok(handed)
    }

    /// Removes drafts that are too old, and returns how many there were. Saving also does so now and then, a part at a
    /// time.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub async fn sweep(&self) -> Result<u64, FormError> {
        match &self.0.store {
            Store::Memory(memory) => Ok(memory.sweep()),
            Store::Database(database) => database.sweep_all().await,
        }
    }

    /// Where a draft may be: by the current secret first, then by older ones.
    fn places(&self, owner: &DraftOwner, form: &str, record: &str) -> impl Iterator<Item = String> {
        let parts = [b"place".as_slice(), owner.as_bytes(), form.as_bytes(), record.as_bytes()];
        self.0.places.tokens(&parts).collect::<Vec<_>>().into_iter()
    }

    fn owners(&self, owner: &DraftOwner) -> Vec<String> {
        self.0.places.tokens(&[b"owner", owner.as_bytes()]).collect()
    }

    fn open(&self, place: &str, sealed: &str) -> Option<(String, String, Draft)> {
        let sealed = STANDARD_NO_PAD.decode(sealed).ok()?;
        let text = self.0.sealer.open(&sealed, place.as_bytes())?;
        let (form, record, saved, entries, base) = serde_json::from_slice(&text).ok()?;
        Some((form, record, Draft { entries, saved: Timestamp::from_millisecond(saved).ok()?, base }))
    }
}

impl Default for Drafts {
    fn default() -> Self {
        Self::memory()
    }
}

impl fmt::Debug for Drafts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.store {
            Store::Memory(_) => f.write_str("Drafts::memory(..)"),
            Store::Database(database) => f.debug_tuple("Drafts::database").field(database.db()).finish(),
        }
    }
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
