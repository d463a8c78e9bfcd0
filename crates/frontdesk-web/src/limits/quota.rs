//! What is allowed, and the arithmetic of it, which is the same in all stores.

use std::time::Duration;

use jiff::Timestamp;

/// So many times within so long: `count` at once, and as many come back evenly within `per`.
///
/// This is the generic cell rate algorithm: whoever has used all up may go on once a share of `per` has passed, and nobody
/// gets twice as much around the edge of a window.
///
/// ```
/// use std::time::Duration;
/// use frontdesk_web::limits::Quota;
///
/// let quota = Quota::new(30, Duration::from_secs(15)); // 30 at once, and one more each half second
/// # let _ = quota;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub(super) count: u32,
    pub(super) per: Duration,
    pub(super) block: Duration,
}

impl Quota {
    /// `count` times at once, and as many within `per` from then on.
    ///
    /// # Panics
    /// If `count` or `per` is nothing.
    pub const fn new(count: u32, per: Duration) -> Self {
        assert!(count > 0 && !per.is_zero(), "a quota allows something within some time");
        Self { count, per, block: Duration::ZERO }
    }

    /// Whoever asks for more than that is refused for at least so long. What is asked meanwhile does not prolong it.
    /// Default: until there is room again.
    #[must_use]
    pub const fn block(mut self, time: Duration) -> Self {
        self.block = time;
        self
    }

    /// How many times at once.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Within how long they come back.
    pub const fn per(&self) -> Duration {
        self.per
    }

    pub(super) fn terms(&self) -> Terms {
        let interval = (micros(self.per) / i64::from(self.count)).max(1);
        Terms { interval, span: interval * i64::from(self.count), block: micros(self.block) }
    }
}

/// A quota in microseconds.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// How long until one more comes back.
    pub(super) interval: i64,
    /// How long until all have come back.
    pub(super) span: i64,
    pub(super) block: i64,
}

/// A delay that grows with each attempt: some are free, the next has to wait for [`first`](Self::first), and each further
/// one twice as long, up to [`most`](Self::most).
///
/// It slows down whoever guesses passwords, and it locks nobody out for good: what is refused is not counted.
///
/// # Defaults
/// 5 attempts are free, then 1 s, 2 s, 4 s … up to 15 minutes; forgotten 24 hours after the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub(super) free: u32,
    pub(super) first: Duration,
    pub(super) most: Duration,
    pub(super) forget: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            free: 5,
            first: Duration::from_secs(1),
            most: Duration::from_mins(15),
            forget: Duration::from_hours(24),
        }
    }
}

impl Backoff {
    /// How many attempts need not wait.
    #[must_use]
    pub const fn free(mut self, attempts: u32) -> Self {
        self.free = attempts;
        self
    }

    /// The first wait.
    #[must_use]
    pub const fn first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// The longest wait.
    #[must_use]
    pub const fn most(mut self, wait: Duration) -> Self {
        self.most = wait;
        self
    }

    /// How long after the last attempt all of them are forgotten.
    #[must_use]
    pub const fn forget(mut self, after: Duration) -> Self {
        self.forget = after;
        self
    }

    /// How long to wait after that many attempts.
    ///
    /// ```
    /// use std::time::Duration;
    /// use frontdesk_web::limits::Backoff;
    ///
    /// let waits = [5, 6, 7, 20].map(|attempts| Backoff::default().wait_after(attempts).as_secs());
    /// assert_eq!(waits, [1, 2, 4, 15 * 60]);
    /// assert_eq!(Backoff::default().wait_after(4), Duration::ZERO);
    /// ```
    pub fn wait_after(&self, attempts: u32) -> Duration {
        let Some(doublings) = attempts.checked_sub(self.free) else { return Duration::ZERO };
        if attempts == 0 {
            return Duration::ZERO;
        }
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }

    /// How many attempts it takes until the wait is the longest.
    fn steps(&self) -> u32 {
        (self.free..self.free.saturating_add(32)).find(|n| self.wait_after(*n) >= self.most).unwrap_or(32) + 1
    }
}

/// What a store keeps for a key. For a [`Quota`], `at` is when all will have come back, and `n` until when it is blocked;
/// for a [`Backoff`], `at` is when the last attempt was, and `n` their number. In microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) at: i64,
    pub(super) n: i64,
}

/// What a store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It may be done, and is counted.
    Pass {
        /// How many more may be done at once; for a [`Backoff`], how many attempts need not wait.
        remaining: u32,
        /// How long until all is as if nothing had been; for a [`Backoff`], until the next attempt.
        reset: Duration,
    },
    /// It may not be done before that has passed, and was not counted.
    Wait(Duration),
}

/// What becomes of a key by [`Quota`]. The state is another one where something is to be kept.
pub(super) fn take(state: Option<State>, quota: &Quota, now: i64) -> (State, Verdict) {
    let terms = quota.terms();
    let mut state = state.unwrap_or(State { at: 0, n: 0 });
    // No further ahead than it can be by itself, should the clock have been set back.
    state.at = state.at.min(now + terms.span);
    state.n = state.n.min(now + terms.block);
    if state.n > now {
        return (state, Verdict::Wait(duration(state.n - now)));
    }
    let next = state.at.max(now) + terms.interval;
    let room = now + terms.span - next;
    if room >= 0 {
        let remaining = u32::try_from(room / terms.interval).unwrap_or(u32::MAX);
        return (State { at: next, n: 0 }, Verdict::Pass { remaining, reset: duration(next - now) });
    }
    let wait = -room;
    if terms.block > wait {
        return (State { n: now + terms.block, ..state }, Verdict::Wait(duration(terms.block)));
    }
    (state, Verdict::Wait(duration(wait)))
}

/// What becomes of a key by [`Backoff`], when an attempt is made.
pub(super) fn begin(state: Option<State>, backoff: &Backoff, now: i64) -> (State, Verdict) {
    let mut state = current(state, backoff, now);
    state.at = state.at.min(now);
    let wait = state.at + micros(backoff.wait_after(attempts(state))) - now;
    if wait > 0 {
        return (state, Verdict::Wait(duration(wait)));
    }
    let state = State { at: now, n: state.n + 1 };
    (state, passed(backoff, attempts(state)))
}

/// The answer to an attempt that passes, with which there are `made`.
pub(super) fn passed(backoff: &Backoff, made: u32) -> Verdict {
    Verdict::Pass { remaining: backoff.free.saturating_sub(made), reset: backoff.wait_after(made) }
}

/// What becomes of a key when one attempt is taken back; `None` if nothing is left of it.
pub(super) fn undo(state: State, backoff: &Backoff, now: i64) -> Option<State> {
    let state = current(Some(state), backoff, now);
    (state.n > 1).then_some(State { n: state.n - 1, ..state })
}

/// The state, or a new one where the old is to be forgotten.
fn current(state: Option<State>, backoff: &Backoff, now: i64) -> State {
    let fresh = State { at: now, n: 0 };
    state.filter(|state| now - state.at < micros(backoff.forget)).unwrap_or(fresh)
}

fn attempts(state: State) -> u32 {
    u32::try_from(state.n).unwrap_or(u32::MAX)
}

impl Quota {
    /// When the state is as good as none.
    pub(super) fn expiry(&self, state: State) -> i64 {
        state.at.max(state.n)
    }
}

impl Backoff {
    /// When the state is as good as none.
    pub(super) fn expiry(&self, state: State) -> i64 {
        state.at.saturating_add(micros(self.forget))
    }

    /// Until when a state is worth more than those that last less long: the more attempts there were, the longer.
    pub(super) fn worth(&self, state: State) -> i64 {
        let steps = self.steps();
        let share = i64::from(attempts(state).min(steps));
        state.at.saturating_add(micros(self.forget) / i64::from(steps) * share)
    }
}

/// The longest duration that is reckoned with: 30 years.
const MOST_MICROS: i64 = 30 * 366 * 24 * 60 * 60 * 1_000_000;

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(MOST_MICROS).min(MOST_MICROS)
}

pub(super) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

pub(super) fn instant(now: Timestamp) -> i64 {
    now.as_microsecond()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn passes(verdict: Verdict) -> bool {
        matches!(verdict, Verdict::Pass { .. })
    }

    #[test]
    fn rate_01_a_block_lasts_and_is_not_prolonged() {
        let quota = Quota::new(2, Duration::from_secs(10)).block(Duration::from_mins(1));
        let mut state = None;
        let mut ask = |now: i64| {
            let (next, verdict) = take(state, &quota, now * SECOND);
            state = Some(next);
            verdict
        };
        assert!(passes(ask(100)) && passes(ask(100)));
        assert_eq!(ask(100), Verdict::Wait(Duration::from_mins(1)));
        assert_eq!(ask(130), Verdict::Wait(Duration::from_secs(30)));
        assert_eq!(ask(159), Verdict::Wait(Duration::from_secs(1)));
        assert!(passes(ask(160)));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let quota = Quota::new(2, Duration::from_secs(10)).block(Duration::from_secs(20));
        let late = State { at: 9000 * SECOND, n: 9000 * SECOND };
        assert_eq!(take(Some(late), &quota, SECOND).1, Verdict::Wait(Duration::from_secs(20)));
        let backoff = Backoff::default();
        let late = State { at: 9000 * SECOND, n: 6 };
        assert_eq!(begin(Some(late), &backoff, SECOND).1, Verdict::Wait(backoff.wait_after(6)));
    }

    #[test]
    fn auth_07_the_delay_grows_and_ends() {
        let backoff = Backoff::default();
        let (mut state, mut now, mut waits) = (None, 0, Vec::new());
        for _ in 0..20 {
            let (next, verdict) = begin(state, &backoff, now);
            match verdict {
                Verdict::Pass { .. } => {}
                Verdict::Wait(wait) => {
                    waits.push(wait.as_secs());
                    now += micros(wait);
                    assert!(passes(begin(Some(next), &backoff, now).1), "who waits may go on");
                }
            }
            state = Some(begin(state, &backoff, now).0);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
        let day = micros(backoff.forget);
        assert_eq!(begin(state, &backoff, now + day).1, begin(None, &backoff, 0).1, "all is forgotten");
    }

    #[test]
    fn auth_07_no_guesser_gets_far_in_a_day() {
        let backoff = Backoff::default();
        let (mut state, mut tries, mut now) = (None, 0, 0);
        while now < 24 * 3600 * SECOND {
            let (next, verdict) = begin(state, &backoff, now);
            state = Some(next);
            match verdict {
                Verdict::Pass { .. } => tries += 1,
                Verdict::Wait(wait) => now += micros(wait),
            }
        }
        assert!(tries <= 112, "{tries}");
    }

    proptest! {
        #[test]
        fn rate_01_nobody_gets_more_than_the_quota(
            count in 1..20_u32,
            seconds in 1..100_u64,
            steps in proptest::collection::vec(0..5_000_000_i64, 1..200),
        ) {
            let quota = Quota::new(count, Duration::from_secs(seconds));
            let (mut state, mut now, mut times) = (None, 1_000 * SECOND, Vec::new());
            for step in steps {
                now += step;
                let (next, verdict) = take(state, &quota, now);
                match verdict {
                    Verdict::Pass { .. } => times.push(now),
                    Verdict::Wait(wait) => {
                        prop_assert!(passes(take(Some(next), &quota, now + micros(wait)).1));
                        prop_assert!(!passes(take(Some(next), &quota, now + micros(wait) - 1).1));
                    }
                }
                state = Some(next);
            }
            // In no stretch of time more than what was there at once, and what came back meanwhile.
            let interval = quota.terms().interval;
            for (index, start) in times.iter().enumerate() {
                for (further, end) in times[index..].iter().enumerate() {
                    prop_assert!(further as i64 <= i64::from(count) - 1 + (end - start) / interval + 1);
                }
            }
        }
    }
}
