//! Places where a test can stop the process, to see what a crash leaves behind.

/// Stops here for ever if the environment variable `FRONTDESK_FAULT` names this place, after saying so on standard error;
/// whoever set it then ends the process. Does nothing unless the feature `fault-points` is on, which is for tests alone.
#[cfg(feature = "fault-points")]
pub(crate) fn point(name: &str) {
    use std::sync::LazyLock;
    static CHOSEN: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("FRONTDESK_FAULT").ok());
    if CHOSEN.as_deref() == Some(name) {
        eprintln!("fault point: {name}");
        loop {
            std::thread::park();
        }
    }
}

/// Does nothing: the feature `fault-points` is off.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) fn point(_: &str) {}
