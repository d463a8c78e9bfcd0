//! Finding the token in a form, and handing the form on whole.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http::header::CONTENT_TYPE;

/// How long a client may take to send the beginning of a form, with the token in it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of a refused body is read, and for how long: a browser that is answered while it still sends shows a lost
/// connection instead of the answer.
const DRAINED: usize = 1 << 20;
const DRAINING: Duration = Duration::from_secs(2);

/// The value of the first field of that name within the first `limit` bytes of a form, and the request with its whole body.
pub(super) async fn find(request: Request, name: &str, limit: usize) -> (Request, Option<String>) {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let boundary = match &*essence {
        "application/x-www-form-urlencoded" => None,
        "multipart/form-data" => match multer::parse_boundary(kind) {
            Ok(boundary) => Some(boundary),
            Err(_) => return (request, None),
        },
        _ => return (request, None),
    };
    let (head, body) = request.into_parts();
    let recorder = Recorder::new(body, limit);
    let searched = tokio::time::timeout(PATIENCE, async {
        match boundary {
            None => in_pairs(&recorder, name).await,
            Some(boundary) => in_parts(&recorder, boundary, name).await,
        }
    });
    let found = searched.await.unwrap_or(None);
    (Request::from_parts(head, recorder.into_body()), found)
}

/// Reads and drops a body, within bounds.
pub(super) async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    let read = async {
        let mut dropped = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            dropped += chunk.len();
            if dropped > DRAINED {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DRAINING, read).await;
}

async fn in_pairs(recorder: &Recorder, name: &str) -> Option<String> {
    let mut stream = recorder.clone();
    let mut rest: Vec<u8> = Vec::new();
    loop {
        let chunk = stream.next().await;
        let is_end = chunk.is_none();
        let from = rest.len();
        rest.extend_from_slice(&chunk.transpose().ok()?.unwrap_or_default());
        let mut start = 0;
        // What stood there before has no end of a pair in it.
        let mut at = from;
        while let Some(length) = memchr::memchr(b'&', &rest[at..]) {
            let pair = &rest[start..at + length];
            if let Some(value) = value_of(pair, name) {
                return Some(value);
            }
            at += length + 1;
            start = at;
        }
        if is_end {
            // Where the limit has cut it off, the last pair is none.
            return if recorder.has_ended() { value_of(&rest[start..], name) } else { None };
        }
        rest.drain(..start);
    }
}

fn value_of(pair: &[u8], name: &str) -> Option<String> {
    let (key, value) = form_urlencoded::parse(pair).next()?;
    (key == name).then(|| value.into_owned())
}

async fn in_parts(recorder: &Recorder, boundary: String, name: &str) -> Option<String> {
    let mut parts = multer::Multipart::new(recorder.clone(), boundary);
    while let Some(part) = parts.next_field().await.ok()? {
        if part.name() == Some(name) && part.file_name().is_none() {
            return part.text().await.ok();
        }
    }
    None
}

/// A body of which it is known what was read.
#[derive(Clone)]
struct Recorder(Arc<Mutex<Recorded>>);

struct Recorded {
    stream: BodyDataStream,
    chunks: Vec<Bytes>,
    /// How many bytes may be read yet.
    left: usize,
    has_ended: bool,
    failed: Option<axum::Error>,
    /// Whether the next chunk is given only when it is asked for once more: multer takes all that there is before it looks
    /// at any of it.
    rests: bool,
}

/// The body has failed.
#[derive(Debug, thiserror::Error)]
#[error("the body is read no further")]
struct Stopped;

impl Recorder {
    fn new(body: Body, limit: usize) -> Self {
        let stream = body.into_data_stream();
        let recorded = Recorded {
            stream,
            chunks: Vec::new(),
            left: limit,
            has_ended: false,
            failed: None,
            rests: false,
        };
        Self(Arc::new(Mutex::new(recorded)))
    }

    fn has_ended(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).has_ended
    }

    /// What was read, and all that follows.
    fn into_body(self) -> Body {
        let recorded = Recorded {
            stream: Body::empty().into_data_stream(),
            chunks: Vec::new(),
            left: 0,
            has_ended: true,
            failed: None,
            rests: false,
        };
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recorded = std::mem::replace(&mut *shared, recorded);
        if recorded.has_ended && recorded.failed.is_none() && recorded.chunks.len() <= 1 {
            return recorded.chunks.pop().map_or(Body::empty(), Body::from);
        }
        let failed = recorded.failed.map(Err);
        let read = stream::iter(recorded.chunks.into_iter().map(Ok).chain(failed));
        if recorded.has_ended {
            Body::from_stream(read)
        } else {
            Body::from_stream(read.chain(recorded.stream))
        }
    }
}

impl Stream for Recorder {
    type Item = Result<Bytes, Stopped>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recorded.has_ended || recorded.left == 0 {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut recorded.rests) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let chunk = ready!(recorded.stream.poll_next_unpin(context));
        Poll::Ready(match chunk {
            Some(Ok(chunk)) => {
                recorded.left = recorded.left.saturating_sub(chunk.len());
                recorded.chunks.push(chunk.clone());
                recorded.rests = true;
                Some(Ok(chunk))
            }
            Some(Err(error)) => {
                (recorded.failed, recorded.has_ended) = (Some(error), true);
                Some(Err(Stopped))
            }
            None => {
                recorded.has_ended = true;
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use proptest::prelude::*;

    use super::*;

    fn found(kind: &str, body: &[u8], piece: usize, limit: usize) -> (Option<String>, Vec<u8>) {
        let pieces: Vec<_> =
            body.chunks(piece).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
        let body = Body::from_stream(stream::iter(pieces));
        let request = Request::post("/").header(CONTENT_TYPE, kind).body(body).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (request, token) = find(request, "t", limit).await;
            (token, request.into_body().collect().await.unwrap().to_bytes().to_vec())
        })
    }

    proptest! {
        #[test]
        fn csrf_01_of_pairs_the_first_counts_and_every_byte_is_handed_on(
            body in "[t=&%41+a\u{e9}]{0,80}",
            piece in 1..90_usize,
        ) {
            let first = form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "t");
            let expected = first.map(|(_, value)| value.into_owned());
            let (token, rest) = found("application/x-www-form-urlencoded", body.as_bytes(), piece, 1000);
            prop_assert_eq!(token, expected);
            prop_assert_eq!(rest, body.into_bytes());
        }

        #[test]
        fn csrf_01_of_anything_every_byte_is_handed_on(
            body in proptest::collection::vec(any::<u8>(), 0..300),
            parts in "(--x(\r\n|--)|Content-Disposition: form-data; name=\"t\"|\r\n|[a-z;]{0,5}){0,12}",
            piece in 1..90_usize,
            limit in 0..400_usize,
        ) {
            for body in [body, parts.into_bytes()] {
                for kind in ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"] {
                    prop_assert_eq!(&found(kind, &body, piece, limit).1, &body, "{}", kind);
                }
            }
        }
    }
}
