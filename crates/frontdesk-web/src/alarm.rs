//! The time limit of a connection without a timer for each request.
//!
//! Hyper can limit how long it waits for a request's head. That makes it set a timer for each request, and look once more
//! for a next request that is not there yet: a twentieth of what a small answer costs. Here a deadline is a number, that is
//! set when an answer has ended and taken away when the next request is there; and one alarm of the runtime's for the
//! connection rings at it or before it: where the deadline has moved on, the alarm is set anew, which is once in a whole
//! time limit instead of twice a request.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::response::Response;
use hyper::body::{Body, Frame, SizeHint};

/// The deadline of one connection.
#[derive(Debug)]
pub(crate) struct Deadline {
    began: Instant,
    limit: Duration,
    /// In nanoseconds since it began.
    at: AtomicU64,
}

const NONE: u64 = u64::MAX;

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Deadline {
    /// The deadline of a connection that waits for its first request from now on.
    pub(crate) fn new(limit: Duration) -> Arc<Self> {
        let deadline = Self { began: now(), limit, at: AtomicU64::new(NONE) };
        deadline.wait();
        Arc::new(deadline)
    }

    /// The connection waits for a request from now on.
    fn wait(&self) {
        let until = now().saturating_duration_since(self.began).saturating_add(self.limit);
        let until = u64::try_from(until.as_nanos()).unwrap_or(NONE - 1);
        self.at.store(until, Ordering::Relaxed);
    }

    /// A request is there: the connection waits for none until what this gives is dropped.
    pub(crate) fn work(self: &Arc<Self>) -> Work {
        self.at.store(NONE, Ordering::Relaxed);
        Work(Arc::clone(self))
    }

    fn get(&self) -> Option<Instant> {
        let at = self.at.load(Ordering::Relaxed);
        (at != NONE).then(|| self.began + Duration::from_nanos(at))
    }

    /// Runs a connection to its end, or gives it up at the deadline: `None`.
    pub(crate) async fn run<C: Future>(&self, connection: C) -> Option<C::Output> {
        let mut connection = pin!(connection);
        let mut alarm = pin!(tokio::time::sleep_until(self.began.into()));
        let mut rings: Option<Instant> = None;
        std::future::poll_fn(|context| {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                return Poll::Ready(Some(ended));
            }
            while let Some(deadline) = self.get() {
                if rings.is_none_or(|rings| rings > deadline) {
                    alarm.as_mut().reset(deadline.into());
                    rings = Some(deadline);
                }
                if alarm.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                if now() >= deadline {
                    return Poll::Ready(None);
                }
                // It has moved on since the alarm was set.
                rings = None;
            }
            Poll::Pending
        })
        .await
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(crate) struct Work(Arc<Deadline>);

impl Work {
    /// Has the work go on until the answer has been given out.
    pub(crate) fn until_sent(self, answer: Response) -> http::Response<Answer> {
        answer.map(|body| Answer { body, _work: self })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.wait();
    }
}

/// The body of an answer, which is dropped as soon as all of it has been given out.
#[derive(Debug)]
pub(crate) struct Answer {
    body: axum::body::Body,
    _work: Work,
}

impl Body for Answer {
    type Data = <axum::body::Body as Body>::Data;
    type Error = <axum::body::Body as Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sleep(millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    #[tokio::test]
    async fn a_wait_ends_at_its_deadline_and_a_later_one_at_its_own() {
        let began = Instant::now();
        let deadline = Deadline::new(Duration::from_millis(200));
        assert_eq!(deadline.run(std::future::pending::<()>()).await, None);
        let first = began.elapsed();
        assert!((200..400).contains(&first.as_millis()), "{first:?}");

        let began = Instant::now();
        let deadline = Deadline::new(Duration::from_millis(200));
        let connection = async {
            sleep(100).await;
            let work = deadline.work();
            sleep(300).await; // longer than the limit: nobody waits for a request meanwhile
            drop(work);
            std::future::pending::<()>().await;
        };
        assert_eq!(deadline.run(connection).await, None);
        let second = began.elapsed();
        assert!((600..900).contains(&second.as_millis()), "{second:?}");
    }

    #[tokio::test]
    async fn an_alarm_that_rings_early_is_set_anew() {
        let began = Instant::now();
        let deadline = Deadline::new(Duration::from_millis(100));
        let connection = async {
            for _ in 0..50 {
                // Requests come and go, each before its time is over.
                sleep(9).await;
                drop(deadline.work());
            }
            std::future::pending::<()>().await;
        };
        assert_eq!(deadline.run(connection).await, None);
        let took = began.elapsed().as_millis();
        assert!((550..2000).contains(&took), "{took}");
    }

    #[tokio::test]
    async fn a_connection_that_ends_by_itself_is_not_given_up() {
        let deadline = Deadline::new(Duration::from_millis(500));
        assert_eq!(deadline.run(async { 7 }).await, Some(7));
    }
}
