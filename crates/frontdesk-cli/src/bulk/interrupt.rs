//! Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::CliError;

/// How long the work has to end by itself once Ctrl-C was pressed.
const GRACE: Duration = Duration::from_secs(2);

/// Whether Ctrl-C was pressed. From the first one on it no longer ends the program at once: the work ends by itself, with
/// nothing half-done.
#[derive(Clone)]
pub(super) struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    pressed: AtomicBool,
    notify: Notify,
    /// Whether the work is past the point at which it can be given up.
    ending: AtomicU8,
}

impl Interrupt {
    /// Listens from now on.
    pub(super) fn listen() -> Self {
        let state = Arc::new(State::default());
        let own = Arc::clone(&state);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_err() {
                return;
            }
            own.pressed.store(true, Ordering::Release);
            own.notify.notify_waiters();
            own.notify.notify_one();
            tokio::time::sleep(GRACE).await;
            // It may wait for who never writes or reads. What is open in the database is rolled back all the same.
            if own.ending.load(Ordering::Acquire) == 0 {
                eprintln!("frontdesk: interrupted");
                std::process::exit(CliError::INTERRUPTED.into());
            }
        });
        Self(state)
    }

    pub(super) fn is_pressed(&self) -> bool {
        self.0.pressed.load(Ordering::Acquire)
    }

    /// Waits for it.
    pub(super) async fn pressed(&self) {
        while !self.is_pressed() {
            self.0.notify.notified().await;
        }
    }

    /// From now on the work goes to its end.
    pub(super) fn is_too_late(&self) {
        self.0.ending.store(1, Ordering::Release);
    }
}
