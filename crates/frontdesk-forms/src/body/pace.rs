//! Bodies that keep coming.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep};

use super::Limits;

/// A body that ends with [`TimedOut`](io::ErrorKind::TimedOut) when its sender says nothing for too long, or dribbles.
///
/// Only the time in which we wait for the sender counts, not that in which the sender waits for us.
pub(crate) struct Paced {
    body: BodyDataStream,
    idle: Duration,
    least_rate: u32,
    deadline: Pin<Box<Sleep>>,
    /// Since when we wait for the sender.
    since: Option<Instant>,
    /// How long we waited in this stretch, and how much came in it.
    waited: Duration,
    came: u64,
}

impl Paced {
    pub(crate) fn new(body: BodyDataStream, limits: &Limits) -> Self {
        Self {
            body,
            idle: limits.idle,
            least_rate: limits.least_rate,
            deadline: Box::pin(tokio::time::sleep(limits.idle)),
            since: None,
            waited: Duration::ZERO,
            came: 0,
        }
    }

    /// Counts what came, and how long it took; whether that is fast enough.
    fn count(&mut self, bytes: usize) -> bool {
        let Some(since) = self.since.take() else { return true };
        self.waited += since.elapsed();
        self.came += bytes as u64;
        if self.waited < self.idle {
            return true;
        }
        let least = u128::from(self.least_rate) * self.waited.as_millis() / 1000;
        let is_enough = u128::from(self.came) >= least;
        self.waited = Duration::ZERO;
        self.came = 0;
        is_enough
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.body).poll_next(context) {
            Poll::Ready(Some(Ok(chunk))) => {
                if self.count(chunk.len()) {
                    Poll::Ready(Some(Ok(chunk)))
                } else {
                    Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())))
                }
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(io::Error::other(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                if self.since.is_none() {
                    let now = Instant::now();
                    self.since = Some(now);
                    let deadline = now + self.idle;
                    self.deadline.as_mut().reset(deadline);
                }
                match Future::poll(self.deadline.as_mut(), context) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into()))),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::StreamExt;

    use super::*;

    /// How many pieces get through, and whether the body came to its end.
    async fn read(pause: Duration, piece: usize, pieces: usize) -> (usize, bool) {
        let stream = futures_util::stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, io::Error>(Bytes::from(vec![b'x'; piece]))
        });
        let mut body = Paced::new(Body::from_stream(stream).into_data_stream(), &Limits::default());
        let mut read = 0;
        while let Some(chunk) = body.next().await {
            if let Err(error) = chunk {
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                return (read, false);
            }
            read += 1;
        }
        (read, true)
    }

    #[tokio::test(start_paused = true)]
    async fn upld_08_who_sends_nothing_or_dribbles_is_cut() {
        let second = Duration::from_secs(1);
        assert_eq!(read(31 * second, 1 << 20, 2).await, (0, false), "nothing for 30 seconds");
        let (pieces, whole) = read(second, 100, 1000).await;
        assert!(!whole && pieces < 40, "100 bytes a second: {pieces}");
        let (pieces, whole) = read(29 * second, 1, 1000).await;
        assert!(!whole && pieces < 4, "one byte now and then: {pieces}");
        assert_eq!(read(second, 2000, 1000).await, (1000, true), "slow, but going on");
        assert_eq!(read(second, 1, 20).await, (20, true), "short");
        assert_eq!(read(20 * second, 40_000, 50).await, (50, true), "in gusts");
    }
}
