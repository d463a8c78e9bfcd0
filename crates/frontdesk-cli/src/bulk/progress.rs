//! How far it is, on a terminal.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::{number, rows};

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on standard error that tells how far it is; nothing where that is no terminal.
pub(super) struct Progress {
    is_shown: bool,
    begun: Instant,
    next: Instant,
    /// How many bytes there are in all, where that is known.
    total: Option<u64>,
    is_drawn: bool,
}

impl Progress {
    pub(super) fn new(total: Option<u64>) -> Self {
        let now = Instant::now();
        let total = total.filter(|total| *total > 0);
        // Work that takes no time shows nothing.
        Self {
            is_shown: std::io::stderr().is_terminal(),
            begun: now,
            next: now + EVERY,
            total,
            is_drawn: false,
        }
    }

    /// Notes how many rows and bytes are done.
    pub(super) fn tick(&mut self, done: u64, bytes: u64) {
        if !self.is_shown {
            return;
        }
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + EVERY;
        self.is_drawn = true;
        let line = line(done, bytes, self.total, now - self.begun);
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "\r\x1b[K{line}").and_then(|()| out.flush());
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn line(done: u64, bytes: u64, total: Option<u64>, time: Duration) -> String {
    const WIDTH: u64 = 24;
    let rate = done * 1000 / u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    let told = format!("{}, {} a second", rows(done), number(rate));
    let Some(total) = total else { return told };
    let part = bytes.min(total);
    let full = part * WIDTH / total;
    let bar: String = (0..WIDTH).map(|at| if at < full { '#' } else { '.' }).collect();
    let left = match part {
        0 => String::new(),
        _ => format!(", {} left", clock(time.as_secs() * (total - part) / part)),
    };
    format!("[{bar}] {}%  {told}{left}", part * 100 / total)
}

fn clock(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is() {
        let time = Duration::from_secs(10);
        assert_eq!(line(5000, 0, None, time), "5,000 rows, 500 a second");
        assert_eq!(
            line(5000, 25, Some(100), time),
            "[######..................] 25%  5,000 rows, 500 a second, 30 s left"
        );
        assert_eq!((clock(61), clock(7260)), ("1:01 min".to_owned(), "2:01 h".to_owned()));
        // A file that grows while it is read.
        assert!(line(1, 300, Some(100), time).contains("100%"));
    }
}
