use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::BodyDataStream;
use bytes::Bytes;
use frontdesk_data::{Field, FieldType};
use frontdesk_validate::FileValue;
use futures_util::Stream;
use http::header::CONTENT_DISPOSITION;
use multer::Multipart;

use super::pace::Paced;
use super::{Entry, Limits, Other, Submission, Trouble};
use crate::UploadStore;
use crate::upload::{Over, Owner, Spool, SpoolError};

/// Reads `multipart/form-data` part by part: texts into memory, files into the upload folder's quarantine.
///
/// A file over its limit, or of a field that takes none, is read and dropped, so that the texts behind it are kept and
/// the browser gets to see the answer.
pub(crate) struct Reader {
    parts: Multipart<'static>,
    limits: Limits,
    uploads: UploadStore,
    /// What was read so far.
    submission: Submission,
    count: usize,
    text_bytes: usize,
    file_bytes: u64,
    dropped: u64,
    /// Why files are dropped from here on, while the texts behind them are still read.
    trouble: Option<Trouble>,
    /// How many bytes came since a part was found, shared with the [`Gate`].
    unread: Arc<AtomicU64>,
    /// Whether files are taken, once the form's key came, and how many came of each name: to find it out for each of
    /// thousands of files would take longer the more there are.
    admitted: Option<bool>,
    files: HashMap<String, u32>,
}

/// What a field takes of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FilePolicy {
    /// The bytes of each file.
    pub(crate) max_bytes: u64,
    /// The number of files.
    pub(crate) max_files: u32,
}

impl FilePolicy {
    /// What a field of that definition takes.
    pub(crate) fn of(field: &Field) -> Self {
        let max_files = if field.kind == FieldType::ListUpload { field.upload.max_files } else { 1 };
        Self { max_bytes: field.upload.max_bytes, max_files }
    }
}

/// What each field takes.
pub(crate) type Policy<'a> = &'a (dyn Fn(&str) -> Option<FilePolicy> + Sync);
/// Whether files are taken at all.
pub(crate) type Admission<'a> = &'a (dyn Fn(&Submission) -> bool + Sync);

/// How the files of a form are taken.
#[derive(Clone, Copy)]
pub(crate) struct Intake<'a> {
    /// Whose files they are.
    pub(crate) owner: Owner,
    /// What a field takes; `None` if it takes no files.
    pub(crate) policy: Policy<'a>,
    /// Whether a form may bring files, by the texts that came before the first of them.
    pub(crate) admission: Admission<'a>,
}

impl Intake<'_> {
    /// No file is taken.
    pub(crate) const NOTHING: Self =
        Self { owner: Owner::nobody(), policy: &|_| None, admission: &|_| false };
}

impl Reader {
    pub(crate) fn new(body: BodyDataStream, boundary: String, limits: Limits, uploads: UploadStore) -> Self {
        let unread = Arc::new(AtomicU64::new(0));
        let gate = Gate { body: Paced::new(body, &limits), unread: Arc::clone(&unread), stopped: false };
        Self {
            parts: Multipart::new(gate, boundary),
            limits,
            uploads,
            submission: Submission::default(),
            count: 0,
            text_bytes: 0,
            file_bytes: 0,
            dropped: 0,
            trouble: None,
            unread,
            admitted: None,
            files: HashMap::new(),
        }
    }

    /// Reads up to and with the part called `name`, which must come before any file.
    pub(crate) async fn read_to(&mut self, name: &str) -> Result<Option<String>, Trouble> {
        while let Some(part) = self.next_part(None).await? {
            if part == name {
                return Ok(self.submission.entries().last().and_then(|(_, entry)| match entry {
                    Entry::Text(text) => Some(text.to_owned()),
                    _ => None,
                }));
            }
        }
        Ok(None)
    }

    /// Whether any part came.
    pub(crate) fn has_parts(&self) -> bool {
        self.count > 0
    }

    /// Reads the rest.
    pub(crate) async fn finish(mut self, intake: Intake<'_>) -> Submission {
        let trouble = loop {
            match self.next_part(Some(intake)).await {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(trouble) => break Some(trouble),
            }
        };
        if matches!(trouble, Some(Trouble::TooLarge)) {
            self.drain().await;
        }
        Submission { trouble: self.trouble.or(trouble), ..self.submission }
    }

    /// Reads one part; gives its name.
    async fn next_part(&mut self, intake: Option<Intake<'_>>) -> Result<Option<String>, Trouble> {
        let found = self.parts.next_field().await.map_err(trouble)?;
        self.unread.store(0, Ordering::Relaxed);
        let Some(mut part) = found else { return Ok(None) };
        self.count += 1;
        if self.count > self.limits.entries {
            return Err(Trouble::TooLarge);
        }
        let disposition =
            part.headers().get(CONTENT_DISPOSITION).map(|value| value.as_bytes()).unwrap_or_default();
        let disposition = String::from_utf8_lossy(disposition).into_owned();
        let name = parameter(&disposition, "name").unwrap_or_default();
        let file_name = parameter(&disposition, "filename").map(|name| base_name(&name));
        // Names are kept in memory as texts are.
        for name in [Some(&name), file_name.as_ref()].into_iter().flatten() {
            self.text_bytes += name.len();
            if name.len() > self.limits.name_bytes || self.text_bytes > self.limits.text_bytes {
                return Err(Trouble::TooLarge);
            }
        }
        let Some(file_name) = file_name else {
            let mut text = Vec::new();
            while let Some(chunk) = next_chunk(&mut part, &self.unread).await? {
                self.text_bytes += chunk.len();
                if self.text_bytes > self.limits.text_bytes {
                    return Err(Trouble::TooLarge);
                }
                text.extend_from_slice(&chunk);
            }
            let text = String::from_utf8(text)
                .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
            self.submission.push_text(&name, &text);
            return Ok(Some(name));
        };
        let Some(intake) = intake else {
            if file_name.is_empty() {
                return Ok(Some(name));
            }
            return Err(Trouble::Malformed("the form's name must come before its files".to_owned()));
        };
        self.read_file(part, name, file_name, intake).await.map(Some)
    }

    /// Reads a part that is a file.
    async fn read_file(
        &mut self,
        mut part: multer::Field<'static>,
        name: String,
        file_name: String,
        intake: Intake<'_>,
    ) -> Result<String, Trouble> {
        let before = self.files.get(&name).copied().unwrap_or_default();
        let policy = (intake.policy)(&name).filter(|_| self.trouble.is_none());
        let policy = policy.filter(|_| self.admits(intake));
        let Some(policy) = policy.filter(|policy| before < policy.max_files) else {
            while let Some(chunk) = next_chunk(&mut part, &self.unread).await? {
                self.drop_bytes(&chunk)?;
            }
            if policy.is_some() && !file_name.is_empty() {
                // Noted, so that the field can say how many it takes.
                self.push_file(name.clone(), Other::File(FileValue::in_memory(file_name, [])));
            }
            return Ok(name);
        };
        let media_type = part.content_type().map(ToString::to_string);
        let limit = policy.max_bytes;
        let mut spool = None;
        let mut size = 0;
        while let Some(chunk) = next_chunk(&mut part, &self.unread).await? {
            size += chunk.len() as u64;
            if size > limit || self.trouble.is_some() {
                spool = None; // drops what was written
                if let Err(trouble) = self.drop_bytes(&chunk) {
                    self.push_file(name, Other::FileTooLarge { limit, name: file_name });
                    return Err(trouble);
                }
                continue;
            }
            if let Err(trouble) = self.spool(&mut spool, &chunk, intake.owner).await {
                // The texts behind it are still wanted.
                spool = None;
                self.trouble = Some(trouble);
            }
        }
        let entry = if size > limit {
            Other::FileTooLarge { limit, name: file_name }
        } else if self.trouble.is_some() {
            return Ok(name);
        } else if let Some(spool) = spool {
            match spool.finish(&file_name).await {
                Ok(file) => Other::File(match media_type {
                    Some(media_type) => file.with_media_type(media_type),
                    None => file,
                }),
                Err(error) => {
                    self.trouble = Some(storage(error));
                    return Ok(name);
                }
            }
        } else {
            // An input without a chosen file sends an empty part with an empty name.
            Other::File(FileValue::in_memory(file_name, []))
        };
        self.push_file(name.clone(), entry);
        Ok(name)
    }

    /// Whether files are taken. It is the first key that counts.
    fn admits(&mut self, intake: Intake<'_>) -> bool {
        if let Some(known) = self.admitted {
            return known;
        }
        let admits = (intake.admission)(&self.submission);
        if self.submission.text("_formkey").is_some() {
            self.admitted = Some(admits);
        }
        admits
    }

    fn push_file(&mut self, name: String, file: Other) {
        let counts = match &file {
            Other::File(file) => !file.name().is_empty() || file.size() > 0,
            _ => true,
        };
        self.submission.push(&name, file);
        if counts {
            *self.files.entry(name).or_default() += 1;
        }
    }

    /// Takes a piece of a file.
    async fn spool(&mut self, spool: &mut Option<Spool>, chunk: &Bytes, owner: Owner) -> Result<(), Trouble> {
        self.file_bytes += chunk.len() as u64;
        if self.file_bytes > self.limits.file_bytes {
            return Err(Trouble::TooLarge);
        }
        let spool = match spool {
            Some(spool) => spool,
            none => none.insert(self.uploads.receive(owner).await.map_err(storage)?),
        };
        spool.write(chunk).await.map_err(storage)
    }

    /// Counts bytes that are read for nothing.
    fn drop_bytes(&mut self, chunk: &Bytes) -> Result<(), Trouble> {
        self.dropped += chunk.len() as u64;
        if self.dropped > self.limits.drain_bytes { Err(Trouble::TooLarge) } else { Ok(()) }
    }

    /// Reads and drops what is left, within bounds.
    pub(crate) async fn drain(&mut self) {
        while let Ok(Some(mut part)) = self.parts.next_field().await {
            self.unread.store(0, Ordering::Relaxed);
            self.count += 1;
            while let Ok(Some(chunk)) = next_chunk(&mut part, &self.unread).await {
                if self.drop_bytes(&chunk).is_err() {
                    return;
                }
            }
            if self.count > 10 * self.limits.entries {
                return;
            }
        }
    }
}

async fn next_chunk(part: &mut multer::Field<'_>, unread: &AtomicU64) -> Result<Option<Bytes>, Trouble> {
    let chunk = part.chunk().await.map_err(trouble)?;
    unread.store(0, Ordering::Relaxed);
    Ok(chunk)
}

/// A body that is let through no faster than it is read.
///
/// The parser takes all that is ready into memory before it looks for the next part, and looks through all of it each
/// time. So the gate pauses after each 256 KiB until something was found in them, and ends a body in which nothing is.
struct Gate {
    body: Paced,
    unread: Arc<AtomicU64>,
    /// Paused; if nothing was read when it is asked again, there is nothing to be found.
    stopped: bool,
}

/// How much the parser may hold without finding a part or a piece of one.
const WINDOW: u64 = 256 * 1024;

impl Stream for Gate {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.unread.load(Ordering::Relaxed) >= WINDOW {
            if self.stopped {
                return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::InvalidData))));
            }
            self.stopped = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.stopped = false;
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.unread.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                Poll::Ready(Some(Ok(chunk)))
            }
            other => other,
        }
    }
}

/// A file's name without any path that a client may have put before it.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// A parameter of a part's `Content-Disposition`, as browsers write it: in quotes, with `"`, CR and LF percent-encoded
/// and nothing else ([HTML, multipart form data]). A backslash is one; older clients write `\"` for a quote.
///
/// [HTML, multipart form data]: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
fn parameter(disposition: &str, name: &str) -> Option<String> {
    let start = format!("{name}=");
    let at = disposition
        .match_indices(&start)
        .map(|(at, _)| at)
        .find(|&at| disposition[..at].ends_with([';', ' ', '\t']))?;
    let value = &disposition[at + start.len()..];
    let Some(quoted) = value.strip_prefix('"') else {
        return Some(value.split(';').next().unwrap_or_default().trim().to_owned());
    };
    // The quote that ends it is followed by the next parameter or by nothing.
    let end = quoted
        .match_indices('"')
        .map(|(end, _)| end)
        .find(|&end| {
            let rest = quoted[end + 1..].trim_start();
            rest.is_empty() || rest.starts_with(';')
        })
        .unwrap_or(quoted.len());
    let text = quoted[..end].replace("\\\"", "\"");
    Some(if text.contains('%') { decoded(&text) } else { text })
}

/// A name as it was before the browser wrote it into a header.
fn decoded(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn storage(error: SpoolError) -> Trouble {
    match error {
        SpoolError::Over(Over::Visitor) => Trouble::Quota,
        SpoolError::Over(Over::Total) => {
            tracing::warn!("the quarantine for uploaded files is full");
            Trouble::Storage
        }
        SpoolError::Io(error) => {
            tracing::error!(%error, "an uploaded file cannot be kept");
            Trouble::Storage
        }
    }
}

fn trouble(error: multer::Error) -> Trouble {
    match error {
        multer::Error::StreamReadFailed(source)
            if source.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::InvalidData) =>
        {
            Trouble::Malformed("a part or its head has no end".to_owned())
        }
        multer::Error::StreamReadFailed(_)
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteStream => Trouble::Incomplete,
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => {
            Trouble::TooLarge
        }
        other => Trouble::Malformed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use proptest::prelude::*;

    use super::*;

    fn body(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
        let escaped = |name: &str| name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut body = Vec::new();
        for (name, file, content) in parts {
            body.extend(
                format!("--XX\r\nContent-Disposition: form-data; name=\"{}\"", escaped(name)).as_bytes(),
            );
            if let Some(file) = file {
                body.extend(format!("; filename=\"{}\"", escaped(file)).as_bytes());
            }
            body.extend(b"\r\n\r\n");
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--XX--\r\n");
        body
    }

    fn taking<'a>(policy: &'a (dyn Fn(&str) -> Option<FilePolicy> + Sync)) -> Intake<'a> {
        Intake { owner: Owner::of("ada"), policy, admission: &|_| true }
    }

    async fn read(body: Vec<u8>, folder: &std::path::Path) -> Submission {
        let uploads = UploadStore::new(folder);
        let limits = Limits { drain_bytes: 4000, ..Limits::default() };
        let stream = Body::from(body).into_data_stream();
        Reader::new(stream, "XX".to_owned(), limits, uploads)
            .finish(taking(&|name| (name == "file").then_some(FilePolicy { max_bytes: 1000, max_files: 1 })))
            .await
    }

    #[tokio::test]
    async fn upld_01_texts_behind_a_file_that_is_too_large_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let submission = read(
            body(&[
                ("a", None, b"1"),
                ("file", Some("C:\\x\\big.txt"), &[b'x'; 2000]),
                ("b", None, "é".as_bytes()),
            ]),
            folder.path(),
        )
        .await;
        assert_eq!(submission.trouble, None);
        assert_eq!(submission.text("a").zip(submission.text("b")), Some(("1", "é")));
        let entry = submission.all("file").next().unwrap();
        assert_eq!(entry, Entry::FileTooLarge { limit: 1000, name: "big.txt" });
        drop(submission);
        let left = std::fs::read_dir(folder.path().join(".incoming")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "what was dropped is gone");
    }

    #[tokio::test]
    async fn a_file_is_kept_until_nobody_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let submission = read(body(&[("file", Some("a.txt"), b"hello")]), folder.path()).await;
        let Some(Entry::File(file)) = submission.all("file").next() else { panic!() };
        assert_eq!((file.name(), file.size(), file.head()), ("a.txt", 5, &b"hello"[..]));
        let incoming = folder.path().join(".incoming");
        assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 1);
        drop(submission);
        assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_incomplete() {
        let folder = tempfile::tempdir().unwrap();
        let mut half = body(&[("a", None, b"1"), ("file", Some("a.txt"), &[b'x'; 500])]);
        half.truncate(half.len() / 2);
        let submission = read(half, folder.path()).await;
        assert_eq!(submission.trouble, Some(Trouble::Incomplete));
        assert_eq!(submission.text("a"), Some("1"));
    }

    #[tokio::test]
    async fn form_12_a_body_without_parts_or_a_head_without_end_is_given_up_early() {
        let folder = tempfile::tempdir().unwrap();
        for start in ["", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nX-Long: "] {
            let pieces = (0..2000).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b'x'; 16 * 1024])));
            let taken = Arc::new(AtomicU64::new(0));
            let counted = {
                let taken = Arc::clone(&taken);
                pieces.inspect(move |_| {
                    taken.fetch_add(1, Ordering::Relaxed);
                })
            };
            let start = std::iter::once(Ok(Bytes::from(start)));
            let body = Body::from_stream(futures_util::stream::iter(start.chain(counted)));
            let limits = Limits::default();
            let reader = Reader::new(
                body.into_data_stream(),
                "XX".to_owned(),
                limits,
                UploadStore::new(folder.path()),
            );
            let submission = reader.finish(taking(&|_| None)).await;
            assert!(matches!(submission.trouble, Some(Trouble::Malformed(_))), "{:?}", submission.trouble);
            assert!(taken.load(Ordering::Relaxed) < 40, "{taken:?} pieces of 16 KiB");
        }
    }

    #[tokio::test]
    async fn upld_01_upld_02_a_form_brings_one_file_a_name_and_no_more_than_fits_a_request() {
        let folder = tempfile::tempdir().unwrap();
        let twice = body(&[("file", Some("a.txt"), b"one"), ("file", Some("b.txt"), b"two")]);
        let submission = read(twice, folder.path()).await;
        assert_eq!(submission.all("file").count(), 2, "the field can say that it takes one");
        assert_eq!(std::fs::read_dir(folder.path().join(".incoming")).unwrap().count(), 1);

        let stream = Body::from(body(&[("file", Some("a.txt"), &[b'x'; 900])])).into_data_stream();
        let limits = Limits { file_bytes: 500, ..Limits::default() };
        let reader = Reader::new(stream, "XX".to_owned(), limits, UploadStore::new(folder.path()));
        let submission = reader.finish(taking(&|_| Some(FilePolicy { max_bytes: 1000, max_files: 1 }))).await;
        assert_eq!(submission.trouble, Some(Trouble::TooLarge));
    }

    #[tokio::test]
    async fn a_key_is_looked_at_once_however_many_files_come() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts: Vec<(&str, Option<&str>, &[u8])> = vec![("_formkey", None, b"key")];
        parts.extend(std::iter::repeat_n(("file", Some("a.txt"), &b"x"[..]), 2000));
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let admission = |_: &Submission| {
            asked.fetch_add(1, Ordering::Relaxed);
            true
        };
        let policy = |_: &str| Some(FilePolicy { max_bytes: 10, max_files: 2 });
        let intake = Intake { owner: Owner::of("ada"), policy: &policy, admission: &admission };
        let stream = Body::from(body(&parts)).into_data_stream();
        let reader = Reader::new(stream, "XX".to_owned(), Limits::default(), UploadStore::new(folder.path()));
        let submission = reader.finish(intake).await;
        assert_eq!(asked.into_inner(), 1);
        let whole = |entry: &Entry<'_>| matches!(entry, Entry::File(file) if file.size() == 1);
        assert_eq!(submission.all("file").filter(whole).count(), 2);
        assert_eq!(submission.all("file").count(), 2000, "each is told of");
    }

    #[tokio::test]
    async fn form_12_more_than_can_be_drained_is_too_large() {
        let folder = tempfile::tempdir().unwrap();
        let submission =
            read(body(&[("a", None, b"1"), ("file", Some("a"), &[b'x'; 9000])]), folder.path()).await;
        assert_eq!(submission.trouble, Some(Trouble::TooLarge));
    }

    proptest! {
        #[test]
        fn form_05_multipart_round_trips(texts: Vec<(String, String)>) {
            let parts: Vec<_> = texts.iter().map(|(name, text)| (&**name, None, text.as_bytes())).collect();
            let folder = tempfile::tempdir().unwrap();
            let submission = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
                .block_on(read(body(&parts), folder.path()));
            prop_assert_eq!(&submission.trouble, &None);
            let read: Vec<_> = submission.entries().map(|(name, entry)| match entry {
                Entry::Text(text) => (name.to_owned(), text.to_owned()),
                other => panic!("{other:?}"),
            }).collect();
            // A name that holds what looks encoded is one that browsers cannot say.
            let said: Vec<_> = texts.into_iter().map(|(name, text)| (decoded(&name), text)).collect();
            prop_assert_eq!(read, said);
        }

        #[test]
        fn form_05_any_multipart_body_ends(bytes: Vec<u8>, prefix: bool) {
            let mut whole = if prefix { b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n".to_vec() } else { vec![] };
            whole.extend(bytes);
            let folder = tempfile::tempdir().unwrap();
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
                .block_on(read(whole, folder.path()));
        }
    }
}
