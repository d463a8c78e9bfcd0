use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::mpsc;

use crate::{Db, DbError, DbErrorKind, Row};

/// How many chunks of rows wait for the one who reads them.
const CHUNKS: usize = 2;

/// The rows of a [`Set`](crate::Set) one after the other, in constant memory however many there are: of
/// [`Set::stream`](crate::Set::stream).
///
/// All rows are as they were at one moment, whatever is written meanwhile. After an error there are no more rows. A
/// stream that is dropped ends its statement.
///
/// It is a [`Stream`] too, for what libraries do with those.
#[must_use = "a stream does nothing unless it is read"]
pub struct RowStream {
    chunks: mpsc::Receiver<Vec<Row>>,
    chunk: std::vec::IntoIter<Row>,
    ending: Arc<Ending>,
    /// The database lives as long as the stream does.
    _db: Db,
}

/// How the stream ended; `None` while it goes on, and if whoever fed it broke down.
type Ending = Mutex<Option<Result<(), DbError>>>;

/// Where a database puts the rows of a stream.
pub(crate) struct Feed {
    chunks: mpsc::Sender<Vec<Row>>,
    ending: Arc<Ending>,
}

impl Feed {
    /// The channel of the chunks: sending waits until the one who reads has room for more.
    pub(crate) fn chunks(&self) -> &mpsc::Sender<Vec<Row>> {
        &self.chunks
    }

    /// Ends the stream, after the chunks that were sent.
    pub(crate) fn end(self, ending: Result<(), DbError>) {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = Some(ending);
    }
}

impl RowStream {
    /// A stream, and what feeds it.
    pub(crate) fn new(db: Db) -> (Feed, Self) {
        let (sender, chunks) = mpsc::channel(CHUNKS);
        let ending = Arc::default();
        let feed = Feed { chunks: sender, ending: Arc::clone(&ending) };
        (feed, Self { chunks, chunk: Vec::new().into_iter(), ending, _db: db })
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// [`DbErrorKind::Timeout`] if one chunk of rows took longer than the statement time-out, or if nobody read for longer
    /// than the [idle time-out](crate::DbOptions::idle_timeout); `Unavailable` if the database was closed meanwhile; else
    /// as [`Db::get`].
    pub async fn next(&mut self) -> Option<Result<Row, DbError>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Row, DbError>>> {
        loop {
            if let Some(row) = self.chunk.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.chunks.poll_recv(context)) {
                Some(chunk) => self.chunk = chunk.into_iter(),
                None => return Poll::Ready(self.end()),
            }
        }
    }

    /// What comes after the last row: the error, once.
    fn end(&mut self) -> Option<Result<Row, DbError>> {
        let mut ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        let broken = || {
            let text = "reading the rows has failed unexpectedly; the log may say more";
            Err(DbError::new(DbErrorKind::Other, text))
        };
        match ending.replace(Ok(())).unwrap_or_else(broken) {
            Ok(()) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl Stream for RowStream {
    type Item = Result<Row, DbError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}
