//! The queue in which statements wait for a thread.
//!
//! Unlike the channels at hand it has several receivers, a limit, and an end after which nothing stays in it unseen: who
//! waits for the answer to a job that is dropped learns of it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A queue of at most so many jobs.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    most: usize,
}

struct State<T> {
    jobs: VecDeque<T>,
    /// Threads that wait for a job: without any, nobody has to be woken, which is what costs.
    idle: usize,
    workers: usize,
    closed: bool,
}

/// How often a thread gives way to others before it sleeps.
const GIVE_WAY: usize = 4;

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let state = State { jobs: VecDeque::with_capacity(most.min(64)), idle: 0, workers: 0, closed: false };
        Arc::new(Self { state: Mutex::new(state), ready: Condvar::new(), most })
    }

    /// Adds a job; never waits.
    pub(super) fn push(&self, job: T) -> Result<(), Refused> {
        let mut state = self.state();
        if state.closed {
            return Err(Refused::Closed);
        }
        if state.jobs.len() >= self.most {
            return Err(Refused::Full);
        }
        state.jobs.push_back(job);
        let wake = state.idle > 0;
        drop(state);
        if wake {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Lets no more jobs in. Those that wait are still done.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.ready.notify_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// A thread that takes jobs.
    pub(super) fn worker(self: &Arc<Self>) -> Worker<T> {
        self.state().workers += 1;
        Worker(Arc::clone(self))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("most", &self.most).finish_non_exhaustive()
    }
}

/// What a thread takes jobs by. When the last one goes, the queue is at its end, and what is in it is dropped.
pub(super) struct Worker<T>(Arc<Queue<T>>);

impl<T> Worker<T> {
    /// The next job, awaited; `None` at the end.
    pub(super) fn next(&self) -> Option<T> {
        let mut state = self.0.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.0.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// As [`next`](Self::next), for a thread that does what waits together: one that sleeps is woken by the first job, often
    /// before there is a second. It gives way first to those who ask.
    pub(super) fn next_of_many(&self) -> Option<T> {
        for _ in 0..GIVE_WAY {
            let state = self.0.state();
            if !state.jobs.is_empty() || state.closed {
                break;
            }
            drop(state);
            std::thread::yield_now();
        }
        self.next()
    }

    /// Moves the jobs that wait to `taken`, as long as they are `wanted` and up to `most` in all.
    pub(super) fn take_while(&self, taken: &mut Vec<T>, most: usize, wanted: impl Fn(&T) -> bool) {
        let mut state = self.0.state();
        while taken.len() < most && state.jobs.front().is_some_and(&wanted) {
            taken.extend(state.jobs.pop_front());
        }
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.workers -= 1;
        if state.workers == 0 {
            state.closed = true;
            let left = std::mem::take(&mut state.jobs);
            // Not under the lock: dropping a job wakes whoever waits for its answer.
            drop(state);
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused_and_the_rest_is_done_before_the_end() {
        let queue = Queue::new(2);
        let worker = queue.worker();
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(Refused::Full));
        queue.close();
        assert_eq!(queue.push(4), Err(Refused::Closed));
        assert_eq!((worker.next(), worker.next(), worker.next()), (Some(1), Some(2), None));
    }

    #[test]
    fn nothing_stays_in_a_queue_that_nobody_works_off() {
        let queue = Queue::new(2);
        let worker = queue.worker();
        let job = Arc::new(());
        assert_eq!(queue.push(Arc::clone(&job)), Ok(()));
        drop(worker);
        assert_eq!(Arc::strong_count(&job), 1);
        assert_eq!(queue.push(job), Err(Refused::Closed));
    }

    #[test]
    fn jobs_are_taken_together_up_to_one_that_is_not_wanted() {
        let queue = Queue::new(9);
        let worker = queue.worker();
        (1..7).for_each(|job| queue.push(job).unwrap());
        let mut taken = Vec::new();
        worker.take_while(&mut taken, 9, |job| *job != 4);
        assert_eq!(taken, [1, 2, 3]);
        worker.take_while(&mut taken, 5, |_| true);
        assert_eq!(taken, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn many_threads_do_each_job_once() {
        let queue = Queue::new(10_000);
        let sum = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    let worker = queue.worker();
                    scope.spawn(move || std::iter::from_fn(|| worker.next()).sum::<usize>())
                })
                .collect();
            (0..1000).for_each(|job| queue.push(job).unwrap());
            queue.close();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum::<usize>()
        });
        assert_eq!(sum, 999 * 1000 / 2);
    }
}
