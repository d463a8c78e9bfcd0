use std::io;

use axum::body::BodyDataStream;
use frontdesk_validate::FileValue;
use futures_util::{Stream, StreamExt};
use multer::Multipart;

use super::{Entry, Limits, Submission, Trouble};
use crate::UploadStore;

/// Reads `multipart/form-data` part by part: texts into memory, files into the upload folder's quarantine.
///
/// A file over its limit, or of a field that takes none, is read and dropped, so that the texts behind it are kept and
/// the browser gets to see the answer.
pub(crate) struct Reader {
    parts: Multipart<'static>,
    limits: Limits,
    uploads: UploadStore,
    entries: Vec<(String, Entry)>,
    count: usize,
    text_bytes: usize,
    dropped: u64,
}

/// How many bytes the file of a field may have; `None` if the field takes no files.
pub(crate) type FileLimit<'a> = &'a (dyn Fn(&str) -> Option<u64> + Sync);

impl Reader {
    pub(crate) fn new(body: BodyDataStream, boundary: String, limits: Limits, uploads: UploadStore) -> Self {
        let idle = limits.idle;
        let body = within(body, idle);
        Self {
            parts: Multipart::new(body, boundary),
            limits,
            uploads,
            entries: Vec::new(),
            count: 0,
            text_bytes: 0,
            dropped: 0,
        }
    }

    /// Reads up to and with the part called `name`, which must come before any file.
    pub(crate) async fn read_to(&mut self, name: &str) -> Result<Option<String>, Trouble> {
        while let Some(part) = self.next_part(&|_| None).await? {
            if part == name {
                return Ok(self.entries.last().and_then(|(_, entry)| match entry {
                    Entry::Text(text) => Some(text.clone()),
                    _ => None,
                }));
            }
        }
        Ok(None)
    }

    /// Reads the rest.
    pub(crate) async fn finish(mut self, file_limit: FileLimit<'_>) -> Submission {
        let trouble = loop {
            match self.next_part(file_limit).await {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(trouble) => break Some(trouble),
            }
        };
        if matches!(trouble, Some(Trouble::TooLarge | Trouble::Storage)) {
            self.drain().await;
        }
        Submission { entries: self.entries, trouble, is_json: false }
    }

    /// Reads one part; gives its name.
    async fn next_part(&mut self, file_limit: FileLimit<'_>) -> Result<Option<String>, Trouble> {
        let Some(mut part) = self.parts.next_field().await.map_err(trouble)? else { return Ok(None) };
        self.count += 1;
        if self.count > self.limits.entries {
            return Err(Trouble::TooLarge);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file_name) = part.file_name().map(base_name) else {
            let mut text = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(trouble)? {
                self.text_bytes += chunk.len();
                if self.text_bytes > self.limits.text_bytes {
                    return Err(Trouble::TooLarge);
                }
                text.extend_from_slice(&chunk);
            }
            let text = String::from_utf8(text)
                .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
            self.entries.push((name.clone(), Entry::Text(text)));
            return Ok(Some(name));
        };
        let Some(limit) = file_limit(&name) else {
            while let Some(chunk) = part.chunk().await.map_err(trouble)? {
                self.dropped += chunk.len() as u64;
                if self.dropped > self.limits.drain_bytes {
                    return Err(Trouble::TooLarge);
                }
            }
            return Ok(Some(name));
        };
        let media_type = part.content_type().map(ToString::to_string);
        let mut spool = None;
        let mut size = 0;
        while let Some(chunk) = part.chunk().await.map_err(trouble)? {
            size += chunk.len() as u64;
            if size > limit {
                spool = None; // drops what was written
                self.dropped += chunk.len() as u64;
                if self.dropped > self.limits.drain_bytes {
                    self.entries.push((name, Entry::FileTooLarge { limit, name: file_name }));
                    return Err(Trouble::TooLarge);
                }
                continue;
            }
            let spool = match &mut spool {
                Some(spool) => spool,
                none => none.insert(self.uploads.receive().await.map_err(storage)?),
            };
            spool.write(&chunk).await.map_err(storage)?;
        }
        let entry = if size > limit {
            Entry::FileTooLarge { limit, name: file_name }
        } else if let Some(spool) = spool {
            let file = spool.finish(&file_name).await.map_err(storage)?;
            Entry::File(match media_type {
                Some(media_type) => file.with_media_type(media_type),
                None => file,
            })
        } else {
            // An input without a chosen file sends an empty part with an empty name.
            Entry::File(FileValue::in_memory(file_name, []))
        };
        self.entries.push((name.clone(), entry));
        Ok(Some(name))
    }

    /// Reads and drops what is left, within bounds.
    pub(crate) async fn drain(&mut self) {
        while self.dropped <= self.limits.drain_bytes {
            let Ok(Some(mut part)) = self.parts.next_field().await else { return };
            while let Ok(Some(chunk)) = part.chunk().await {
                self.dropped += chunk.len() as u64;
                if self.dropped > self.limits.drain_bytes {
                    return;
                }
            }
        }
    }
}

/// The stream, ended by an error when nothing comes for `idle`.
fn within(
    body: BodyDataStream,
    idle: std::time::Duration,
) -> impl Stream<Item = Result<bytes::Bytes, io::Error>> + Send + 'static {
    futures_util::stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match tokio::time::timeout(idle, body.next()).await {
            Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(body))),
            Ok(Some(Err(error))) => Some((Err(io::Error::other(error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    })
}

/// A file's name without any path that a client may have put before it.
fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Browsers write these three so, and only these.
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn storage(error: io::Error) -> Trouble {
    tracing::error!(%error, "an uploaded file cannot be kept");
    Trouble::Storage
}

fn trouble(error: multer::Error) -> Trouble {
    match error {
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

    async fn read(body: Vec<u8>, folder: &std::path::Path) -> Submission {
        let uploads = UploadStore::new(folder);
        let limits = Limits { drain_bytes: 4000, ..Limits::default() };
        let stream = Body::from(body).into_data_stream();
        Reader::new(stream, "XX".to_owned(), limits, uploads)
            .finish(&|name| (name == "file").then_some(1000))
            .await
    }

    #[tokio::test]
    async fn upld_texts_behind_a_file_that_is_too_large_are_kept() {
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
        assert_eq!(entry, &Entry::FileTooLarge { limit: 1000, name: "big.txt".to_owned() });
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
    async fn more_than_can_be_drained_is_too_large() {
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
            let read: Vec<_> = submission.entries.iter().map(|(_, entry)| match entry {
                Entry::Text(text) => text.clone(),
                other => panic!("{other:?}"),
            }).collect();
            prop_assert_eq!(read, texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
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
