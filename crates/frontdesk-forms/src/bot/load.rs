use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// How much work a proof of work asks for: how many numbers a browser tries at most, and half of that on average.
///
/// Our script tries about a million in a second on a desktop computer; ALTCHA's widget fewer, on several cores. A small
/// telephone may be ten times slower.
#[derive(Clone, Debug)]
pub struct Difficulty {
    easy: u32,
    /// `None` if it is always the same.
    by_load: Option<ByLoad>,
}

#[derive(Clone, Debug)]
struct ByLoad {
    hard: u32,
    calm: u32,
    /// Shared by all clones.
    window: Arc<Mutex<Window>>,
}

/// How many challenges were asked for in this minute and the last.
#[derive(Debug, Default)]
struct Window {
    minute: i64,
    now: u64,
    before: u64,
}

impl Difficulty {
    /// The least and the most numbers that can be asked for.
    pub const RANGE: std::ops::RangeInclusive<u32> = 1_000..=50_000_000;

    /// Always the same: `numbers` at most. What is out of [`RANGE`](Self::RANGE) is brought into it.
    pub fn fixed(numbers: u32) -> Self {
        Self { easy: within(numbers), by_load: None }
    }

    /// As many as `easy` while no more than `calm` challenges a minute are asked for; above that, more in proportion, up
    /// to `hard`. Each process counts its own.
    ///
    /// ```
    /// use frontdesk_forms::Difficulty;
    ///
    /// // Twice the usual at 120 forms a minute, twenty times at 1,200 and above.
    /// let difficulty = Difficulty::by_load(50_000, 1_000_000, 60);
    /// ```
    pub fn by_load(easy: u32, hard: u32, calm: u32) -> Self {
        let easy = within(easy);
        let by_load = ByLoad { hard: within(hard).max(easy), calm: calm.max(1), window: Arc::default() };
        Self { easy, by_load: Some(by_load) }
    }

    /// How many numbers the next challenge asks for.
    pub(super) fn next(&self, now: Timestamp) -> u32 {
        let Some(ByLoad { hard, calm, window }) = &self.by_load else { return self.easy };
        let load =
            window.lock().unwrap_or_else(PoisonError::into_inner).count(now.as_second().div_euclid(60));
        let numbers = u64::from(self.easy).saturating_mul(load) / u64::from(*calm);
        u32::try_from(numbers).unwrap_or(u32::MAX).clamp(self.easy, *hard)
    }
}

impl Default for Difficulty {
    /// 100,000 numbers at most.
    fn default() -> Self {
        Self::fixed(100_000)
    }
}

impl Window {
    /// Counts one more, and tells how many there are in a minute.
    fn count(&mut self, minute: i64) -> u64 {
        if minute != self.minute {
            self.before = if minute == self.minute.saturating_add(1) { self.now } else { 0 };
            (self.minute, self.now) = (minute, 0);
        }
        self.now = self.now.saturating_add(1);
        self.now.max(self.before)
    }
}

fn within(numbers: u32) -> u32 {
    numbers.clamp(*Difficulty::RANGE.start(), *Difficulty::RANGE.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn capt_01_the_more_forms_are_fetched_the_harder_they_become() {
        let difficulty = Difficulty::by_load(50_000, 200_000, 10);
        let clone = difficulty.clone();
        for _ in 0..10 {
            assert_eq!(difficulty.next(at(60)), 50_000);
        }
        for _ in 0..9 {
            clone.next(at(61));
        }
        assert_eq!(difficulty.next(at(62)), 100_000);
        for _ in 0..1000 {
            clone.next(at(63));
        }
        assert_eq!(difficulty.next(at(119)), 200_000);
        assert_eq!(difficulty.next(at(120)), 200_000, "the last minute still counts");
        assert_eq!(difficulty.next(at(180)), 50_000);
        assert_eq!(difficulty.next(at(1_000_000)), 50_000);
    }

    #[test]
    fn capt_01_no_difficulty_is_nothing_or_endless() {
        assert_eq!(Difficulty::fixed(0).next(at(0)), 1_000);
        assert_eq!(Difficulty::fixed(u32::MAX).next(at(0)), 50_000_000);
        assert_eq!(Difficulty::by_load(5_000, 0, 0).next(at(0)), 5_000);
    }
}
