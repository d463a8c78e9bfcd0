//! What the fuzz targets in `fuzz/` do with bytes. A test replays their corpus.

use std::convert::Infallible;
use std::path::Path;

use axum::body::Body;
use bytes::Bytes;

use crate::body::multipart::{FilePolicy, Intake, Reader};
use crate::body::urlencoded;
use crate::state::FormState;
use crate::upload::Owner;
use crate::{Entry, Limits, Submission, UploadStore};

/// What no submission may exceed, whatever it was made from.
fn check(submission: &Submission, limits: &Limits) {
    assert!(submission.entries().len() <= limits.entries);
    assert!(submission.entries().all(|(name, _)| name.len() <= limits.name_bytes));
    let texts = submission.entries().map(|(name, entry)| match entry {
        Entry::Text(text) => name.len() + text.len(),
        _ => name.len(),
    });
    // A byte that is no UTF-8 becomes three.
    assert!(texts.sum::<usize>() <= 3 * limits.text_bytes);
    // The rows of sub-forms are parts of it, and nothing else.
    for row in submission.rows("items").values() {
        assert!(row.entries().len() <= submission.entries().len());
    }
}

/// An urlencoded body: it decodes, and what it decodes to is encoded and decoded to the same.
pub fn decode_urlencoded(body: &[u8]) {
    let limits = Limits { entries: 200, text_bytes: 64 * 1024, ..Limits::default() };
    let submission = urlencoded::decode(body, &limits);
    check(&submission, &limits);
    if submission.trouble.is_none() {
        let mut encoder = form_urlencoded::Serializer::new(String::new());
        for (name, entry) in submission.entries() {
            let Entry::Text(text) = entry else { panic!("an urlencoded body has texts alone") };
            encoder.append_pair(name, text);
        }
        let again =
            urlencoded::decode(encoder.finish().as_bytes(), &Limits { text_bytes: usize::MAX, ..limits });
        assert!(again.entries().eq(submission.entries()));
    }
}

/// A multipart body, in pieces: it ends, within its limits, and leaves no file behind.
///
/// The first byte says how long the pieces are; the boundary is `X`.
pub fn read_multipart(body: &[u8], folder: &Path) {
    let Some((first, body)) = body.split_first() else { return };
    let limits = Limits {
        entries: 50,
        text_bytes: 16 * 1024,
        file_bytes: 8 * 1024,
        drain_bytes: 64 * 1024,
        ..Limits::default()
    };
    let pieces: Vec<Result<Bytes, Infallible>> =
        body.chunks(usize::from(*first).max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let body = Body::from_stream(futures_util::stream::iter(pieces)).into_data_stream();
    let store = UploadStore::new(folder);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
    runtime.block_on(async {
        let policy = |name: &str| (name == "file").then_some(FilePolicy { max_bytes: 1024, max_files: 2 });
        let intake = Intake { owner: Owner::of("fuzz"), policy: &policy, admission: &|_| true };
        let submission = Reader::new(body, "X".to_owned(), limits.clone(), store).finish(intake).await;
        check(&submission, &limits);
        for (_, entry) in submission.entries() {
            if let Entry::File(file) = entry {
                assert!(file.size() <= 1024);
            }
        }
    });
    let left = std::fs::read_dir(folder.join(".incoming")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a file that nobody keeps is removed");
}

/// A form's state, before anybody looked at its signature: it is one or none, and one that is written reads back.
pub fn decode_state(payload: &[u8]) {
    if let Some(state) = FormState::decode(payload) {
        let again = FormState::decode(&state.encode());
        assert_eq!(again.as_ref(), Some(&state));
    }
    if let Ok(text) = std::str::from_utf8(payload) {
        let _ = FormState::peek(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file of a target's corpus.
    fn replay(target: &str, run: impl Fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let mut count = 0;
        for file in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            run(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 0, "the corpus in {} is empty", folder.display());
    }

    #[test]
    fn form_05_the_corpus_of_urlencoded_bodies() {
        replay("urlencoded", decode_urlencoded);
    }

    #[test]
    fn form_05_the_corpus_of_multipart_bodies() {
        let folder = tempfile::tempdir().unwrap();
        replay("multipart", |body| read_multipart(body, folder.path()));
    }

    #[test]
    fn form_19_the_corpus_of_states() {
        replay("state", decode_state);
    }
}
