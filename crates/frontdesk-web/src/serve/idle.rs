//! The time limit of connections that wait, without a clock or a timer for each request.
//!
//! Hyper can limit how long it waits for a request's head. That makes it set a timer for each request, and look once more
//! for a next request that is not there yet: a twentieth of what a small answer costs. Here the connections of a server have
//! one clock in common, that moves on eight times in a time limit. A connection that begins to wait notes what it says, and
//! whenever it moves on, those are given up that began to wait more than eight of its steps ago. So a connection is given up
//! after its limit and before it waited an eighth longer.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use hyper::body::{Body, Frame, SizeHint};
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::{Interval, MissedTickBehavior};

/// How many steps of the clock a connection may wait.
const STEPS: u64 = 8;
/// How long a step is at most: a clock cannot tell a time that is farther away than it counts.
const LONGEST_STEP: Duration = Duration::from_hours(24 * 365);
/// What stands in the place of a time where nobody waits.
const NEVER: u64 = u64::MAX;

/// The connections of a server. Those that are open when it is dropped are given up.
#[derive(Debug)]
pub(super) struct Connections {
    clock: Arc<AtomicU64>,
    steps: Interval,
    tasks: JoinSet<()>,
    open: HashMap<Id, (Arc<Waiting>, AbortHandle)>,
}

/// Since when a connection waits for a request.
#[derive(Debug)]
pub(super) struct Waiting {
    clock: Arc<AtomicU64>,
    since: AtomicU64,
}

impl Connections {
    /// Those of a server where a connection may wait as long as `limit` for a request.
    pub(super) fn new(limit: Duration) -> Self {
        let step = (limit / STEPS as u32).clamp(Duration::from_millis(1), LONGEST_STEP);
        let mut steps = tokio::time::interval_at(tokio::time::Instant::now() + step, step);
        // A machine that slept for an hour gives nobody up for it.
        steps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { clock: Arc::default(), steps, tasks: JoinSet::new(), open: HashMap::new() }
    }

    /// What tells a new connection, which waits from now on, when requests come and go.
    pub(super) fn waiting(&self) -> Arc<Waiting> {
        let waiting = Waiting { clock: Arc::clone(&self.clock), since: AtomicU64::new(NEVER) };
        waiting.begin();
        Arc::new(waiting)
    }

    /// Runs a connection to its end, or until it has waited for too long.
    pub(super) fn run(
        &mut self,
        waiting: Arc<Waiting>,
        connection: impl Future<Output = ()> + Send + 'static,
    ) {
        let task = self.tasks.spawn(connection);
        self.open.insert(task.id(), (waiting, task));
    }

    /// Gives up those that have waited for too long, for as long as it is awaited.
    pub(super) async fn tend(&mut self) {
        loop {
            tokio::select! {
                Some(ended) = self.tasks.join_next_with_id() => {
                    let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                    self.open.remove(&id);
                }
                _ = self.steps.tick() => self.step(),
            }
        }
    }

    fn step(&self) {
        let now = self.clock.load(Ordering::Relaxed) + 1;
        self.clock.store(now, Ordering::Relaxed);
        for (waiting, task) in self.open.values() {
            let since = waiting.since.load(Ordering::Relaxed);
            if since != NEVER && now - since > STEPS {
                tracing::debug!("a connection had no request for too long");
                task.abort();
            }
        }
    }
}

impl Waiting {
    /// The connection waits for a request from now on.
    fn begin(&self) {
        self.since.store(self.clock.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// A request is there: the connection waits for none until what this gives is dropped.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        self.since.store(NEVER, Ordering::Relaxed);
        Work(Arc::clone(self))
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(super) struct Work(Arc<Waiting>);

impl Work {
    /// Has the work go on until the answer has been given out.
    pub(super) fn until_sent(self, answer: Response) -> http::Response<Answer> {
        answer.map(|body| Answer { body, _work: self })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.begin();
    }
}

/// The body of an answer, which is dropped as soon as all of it has been given out.
#[derive(Debug)]
pub(super) struct Answer {
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
    use std::time::Instant;

    use tokio::sync::oneshot;

    use super::*;

    async fn sleep(millis: u64) {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }

    /// Runs a connection under a limit, until it ends or is given up. Gives after how many milliseconds that was.
    async fn run<F: Future<Output = ()> + Send + 'static>(
        limit: u64,
        connection: impl FnOnce(Arc<Waiting>) -> F,
    ) -> u128 {
        let mut connections = Connections::new(Duration::from_millis(limit));
        let waiting = connections.waiting();
        let connection = connection(Arc::clone(&waiting));
        let (gone, is_gone) = oneshot::channel::<()>();
        let began = Instant::now();
        connections.run(waiting, async move {
            let _gone = gone;
            connection.await;
        });
        tokio::select! {
            () = connections.tend() => {}
            _ = is_gone => {}
        }
        began.elapsed().as_millis()
    }

    #[tokio::test]
    async fn a_wait_ends_at_its_limit_and_a_later_one_at_its_own() {
        let first = run(200, |_| std::future::pending()).await;
        assert!((200..400).contains(&first), "{first}");

        let second = run(200, async |waiting: Arc<Waiting>| {
            sleep(100).await;
            let work = waiting.work();
            sleep(300).await; // longer than the limit: nobody waits for a request meanwhile
            drop(work);
            std::future::pending().await
        });
        let second = second.await;
        assert!((600..900).contains(&second), "{second}");
    }

    #[tokio::test]
    async fn requests_that_come_in_time_keep_a_connection() {
        let took = run(100, async |waiting: Arc<Waiting>| {
            for _ in 0..50 {
                sleep(9).await;
                drop(waiting.work());
            }
            std::future::pending().await
        });
        let took = took.await;
        assert!((550..2000).contains(&took), "{took}");
    }

    #[tokio::test]
    async fn a_limit_without_end_is_one_of_years() {
        let mut connections = Connections::new(Duration::MAX);
        let waiting = connections.waiting();
        connections.run(waiting, std::future::pending());
        assert!(tokio::time::timeout(Duration::from_millis(20), connections.tend()).await.is_err());
        assert_eq!(connections.open.len(), 1);
    }

    #[tokio::test]
    async fn nothing_is_kept_of_a_connection_that_ended() {
        let mut connections = Connections::new(Duration::from_millis(500));
        for _ in 0..10 {
            let waiting = connections.waiting();
            connections.run(waiting, async {});
        }
        let tended = tokio::time::timeout(Duration::from_millis(100), connections.tend());
        assert!(tended.await.is_err());
        assert!(connections.open.is_empty() && connections.tasks.is_empty());
    }
}
