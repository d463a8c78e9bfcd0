//! How much may lie in the quarantine.

use std::collections::HashMap;
use std::time::Duration;

use super::owner::Owner;

/// What the quarantine of an [`UploadStore`](super::UploadStore) holds at most, and how long.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_forms::{QuarantineOptions, UploadStore};
///
/// let options = QuarantineOptions::default().lifetime(Duration::from_secs(3600)).visitor_files(10);
/// let store = UploadStore::new("uploads").quarantine(options);
/// assert_eq!(store.quarantine_options().visitor_files, 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuarantineOptions {
    /// How long a file is kept for a form that was refused, from when the form was last shown. Default: 24 hours.
    pub lifetime: Duration,
    /// The bytes of all files in the quarantine. Default: 10 GiB.
    pub total_bytes: u64,
    /// The number of all files in the quarantine. Default: 100,000.
    pub total_files: usize,
    /// The bytes of one visitor's files in the quarantine. Default: 2 GiB.
    pub visitor_bytes: u64,
    /// The number of one visitor's files in the quarantine, those that are still coming in among them. Default: 100.
    pub visitor_files: usize,
    /// The number of files that may be coming in at the same time, of all visitors together. Default: 1,000.
    pub open_files: usize,
    /// How long a file that waits for its row, or an old one that a row let go, is left alone by a sweep. It has to be
    /// longer than any transaction. Default: 1 hour.
    pub grace: Duration,
    /// Whether a file is on the disk, and not only with the operating system, before its row is written. Without it a
    /// power failure may leave a row whose file is empty or missing; a crash of the program does not. Each accepted file
    /// costs two waits for the disk. Default: true.
    pub write_through: bool,
}

impl Default for QuarantineOptions {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(24 * 3600),
            total_bytes: 10 << 30,
            total_files: 100_000,
            visitor_bytes: 2 << 30,
            visitor_files: 100,
            open_files: 1000,
            grace: Duration::from_secs(3600),
            write_through: true,
        }
    }
}

impl QuarantineOptions {
    /// Sets how long a file is kept for a form that was refused.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets whether a file is on the disk before its row is written.
    #[must_use]
    pub fn write_through(mut self, write_through: bool) -> Self {
        self.write_through = write_through;
        self
    }

    /// Sets the bytes of all files in the quarantine.
    #[must_use]
    pub fn total_bytes(mut self, bytes: u64) -> Self {
        self.total_bytes = bytes;
        self
    }

    /// Sets the number of all files in the quarantine.
    #[must_use]
    pub fn total_files(mut self, files: usize) -> Self {
        self.total_files = files;
        self
    }

    /// Sets the bytes of one visitor's files in the quarantine.
    #[must_use]
    pub fn visitor_bytes(mut self, bytes: u64) -> Self {
        self.visitor_bytes = bytes;
        self
    }

    /// Sets the number of one visitor's files in the quarantine.
    #[must_use]
    pub fn visitor_files(mut self, files: usize) -> Self {
        self.visitor_files = files;
        self
    }

    /// Sets the number of files that may be coming in at the same time.
    #[must_use]
    pub fn open_files(mut self, files: usize) -> Self {
        self.open_files = files;
        self
    }

    /// Sets how long a sweep leaves alone what waits for its row.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }
}

/// Whose limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The visitor's.
    Visitor,
    /// That of the quarantine as a whole.
    Total,
}

/// What lies in the quarantine, by the files' names there.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// Whether the folder was looked through.
    pub(super) is_seeded: bool,
    files: HashMap<Box<str>, Known>,
    visitors: HashMap<Owner, Share>,
    bytes: u64,
    open: usize,
}

#[derive(Debug)]
struct Known {
    owner: Owner,
    bytes: u64,
    is_open: bool,
}

#[derive(Debug, Default)]
struct Share {
    bytes: u64,
    files: usize,
}

impl Usage {
    /// Counts a file that begins to come in.
    pub(super) fn begin(
        &mut self,
        name: &str,
        owner: Owner,
        options: &QuarantineOptions,
    ) -> Result<(), Over> {
        if self.visitors.get(&owner).is_some_and(|share| share.files >= options.visitor_files)
            || options.visitor_files == 0
        {
            return Err(Over::Visitor);
        }
        if self.files.len() >= options.total_files || self.open >= options.open_files {
            return Err(Over::Total);
        }
        self.add(name, owner, 0);
        if let Some(known) = self.files.get_mut(name) {
            known.is_open = true;
            self.open += 1;
        }
        Ok(())
    }

    /// Counts bytes of a file that is coming in.
    pub(super) fn grow(&mut self, name: &str, more: u64, options: &QuarantineOptions) -> Result<(), Over> {
        let Some(known) = self.files.get_mut(name) else { return Ok(()) };
        let share = self.visitors.entry(known.owner).or_default();
        if share.bytes.saturating_add(more) > options.visitor_bytes {
            return Err(Over::Visitor);
        }
        if self.bytes.saturating_add(more) > options.total_bytes {
            return Err(Over::Total);
        }
        known.bytes += more;
        share.bytes += more;
        self.bytes += more;
        Ok(())
    }

    /// Notes that a file has come in, or that nobody sends it any more.
    pub(super) fn close(&mut self, name: &str) {
        if let Some(known) = self.files.get_mut(name).filter(|known| known.is_open) {
            known.is_open = false;
            self.open -= 1;
        }
    }

    /// Counts a file that is there, whatever the limits say.
    pub(super) fn add(&mut self, name: &str, owner: Owner, bytes: u64) {
        self.forget(name);
        self.files.insert(name.into(), Known { owner, bytes, is_open: false });
        let share = self.visitors.entry(owner).or_default();
        share.files += 1;
        share.bytes += bytes;
        self.bytes += bytes;
    }

    /// Stops counting a file.
    pub(super) fn forget(&mut self, name: &str) {
        self.close(name);
        let Some(known) = self.files.remove(name) else { return };
        self.bytes -= known.bytes;
        if let Some(share) = self.visitors.get_mut(&known.owner) {
            share.bytes -= known.bytes;
            share.files -= 1;
            if share.files == 0 {
                self.visitors.remove(&known.owner);
            }
        }
    }

    /// How many files are coming in.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Whether a file of that name is coming in.
    pub(super) fn is_open(&self, name: &str) -> bool {
        self.files.get(name).is_some_and(|known| known.is_open)
    }

    /// Whether a file of that name is counted.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The number of files and their bytes.
    #[cfg(test)]
    pub(super) fn total(&self) -> (usize, u64) {
        (self.files.len(), self.bytes)
    }

    /// The names of the files that have come in.
    pub(super) fn closed(&self) -> Vec<Box<str>> {
        let closed = self.files.iter().filter(|(_, known)| !known.is_open);
        closed.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upld_08_each_limit_is_told_and_what_leaves_makes_room() {
        let options = QuarantineOptions::default()
            .total_bytes(100)
            .total_files(4)
            .visitor_bytes(60)
            .visitor_files(2)
            .open_files(3);
        let (ada, bob) = (Owner::of("ada"), Owner::of("bob"));
        let mut usage = Usage::default();
        usage.begin("a1", ada, &options).unwrap();
        usage.begin("a2", ada, &options).unwrap();
        assert_eq!(usage.begin("a3", ada, &options), Err(Over::Visitor));
        usage.begin("b1", bob, &options).unwrap();
        assert_eq!(usage.begin("b2", bob, &options), Err(Over::Total), "three come in already");
        usage.grow("a1", 50, &options).unwrap();
        assert_eq!(usage.grow("a2", 11, &options), Err(Over::Visitor));
        assert_eq!(usage.grow("b1", 51, &options), Err(Over::Total));
        usage.grow("b1", 50, &options).unwrap();
        usage.close("a1");
        assert_eq!((usage.open(), usage.total()), (2, (3, 100)));
        usage.begin("b2", bob, &options).unwrap();
        for name in ["a1", "a2", "b1", "b2", "b2"] {
            usage.forget(name);
        }
        assert_eq!((usage.open(), usage.total(), usage.visitors.len()), (0, (0, 0), 0));
    }
}
