//! Time limits of a connection without a timer for each request.
//!
//! Hyper sets its limit for a request's head anew for each request, and each setting and unsetting of a runtime's timer
//! takes a lock. Here a deadline is a number, and one alarm of the runtime's for the connection rings at it or before it:
//! where the deadline has moved on, it is set anew, which is once in a whole time limit instead of twice a request.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// The deadline of one connection.
#[derive(Debug)]
pub(crate) struct Deadline {
    began: Instant,
    /// In nanoseconds since it began.
    at: AtomicU64,
    /// Whether the alarm has rung just now: only then is it worth looking at the clock.
    rang: AtomicBool,
}

const NONE: u64 = u64::MAX;

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl Deadline {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { began: now(), at: AtomicU64::new(NONE), rang: AtomicBool::new(false) })
    }

    /// The timer that hyper is given for this connection: it waits for one thing at a time.
    pub(crate) fn timer(self: &Arc<Self>) -> impl Timer + Send + Sync + 'static {
        DeadlineTimer(Arc::clone(self))
    }

    fn set(&self, at: Instant) {
        let since = u64::try_from(at.saturating_duration_since(self.began).as_nanos()).unwrap_or(NONE - 1);
        self.at.store(since, Ordering::Relaxed);
    }

    fn get(&self) -> Option<Instant> {
        let at = self.at.load(Ordering::Relaxed);
        (at != NONE).then(|| self.began + Duration::from_nanos(at))
    }

    /// Runs a connection that waits by [`timer`](Self::timer).
    pub(crate) async fn run<C: Future>(&self, connection: C) -> C::Output {
        let mut connection = pin!(connection);
        let mut alarm = pin!(tokio::time::sleep_until(self.began.into()));
        let mut rings: Option<Instant> = None;
        std::future::poll_fn(|context| {
            loop {
                if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                    return Poll::Ready(ended);
                }
                self.rang.store(false, Ordering::Relaxed);
                let Some(deadline) = self.get() else { return Poll::Pending };
                if rings.is_none_or(|rings| rings > deadline) {
                    alarm.as_mut().reset(deadline.into());
                    rings = Some(deadline);
                }
                if alarm.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                // The connection looks whether its time is over; if not, the alarm is set anew.
                rings = None;
                self.rang.store(true, Ordering::Relaxed);
            }
        })
        .await
    }
}

struct DeadlineTimer(Arc<Deadline>);

impl Timer for DeadlineTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Wait { deadline: Arc::clone(&self.0), until: deadline, is_set: false })
    }

    fn now(&self) -> Instant {
        now()
    }
}

struct Wait {
    deadline: Arc<Deadline>,
    until: Instant,
    is_set: bool,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // The alarm of the connection wakes it, at once if it is too late already.
        if !self.is_set {
            self.deadline.set(self.until);
            self.is_set = true;
            return Poll::Pending;
        }
        if self.deadline.rang.load(Ordering::Relaxed) && now() >= self.until {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Sleep for Wait {}

impl Drop for Wait {
    fn drop(&mut self) {
        if self.is_set {
            self.deadline.at.store(NONE, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_at_its_deadline_and_a_later_one_at_its_own() {
        let deadline = Deadline::new();
        let timer = deadline.timer();
        let began = Instant::now();
        let (first, second) = deadline
            .run(async {
                timer.sleep(Duration::from_millis(200)).await;
                let first = began.elapsed();
                // One that is given up does not end the next.
                let given_up = timer.sleep(Duration::from_millis(100));
                let _ = tokio::time::timeout(Duration::from_millis(50), given_up).await;
                timer.sleep(Duration::from_millis(300)).await;
                (first, began.elapsed())
            })
            .await;
        assert!((200..400).contains(&first.as_millis()), "{first:?}");
        assert!((550..950).contains(&second.as_millis()), "{second:?}");
    }

    #[tokio::test]
    async fn an_alarm_that_rings_early_is_set_anew() {
        let deadline = Deadline::new();
        let timer = deadline.timer();
        let began = Instant::now();
        deadline
            .run(async {
                for _ in 0..50 {
                    // Requests come and go, each before its time is over.
                    let wait = timer.sleep(Duration::from_millis(100));
                    let _ = tokio::time::timeout(Duration::from_millis(9), wait).await;
                }
                timer.sleep(Duration::from_millis(100)).await;
            })
            .await;
        let took = began.elapsed().as_millis();
        assert!((550..2000).contains(&took), "{took}");
    }
}
