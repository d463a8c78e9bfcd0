//! Where passwords are hashed: off the async threads, and no more at once than there are cores.

use std::sync::LazyLock;
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::Unavailable;

/// Shared by the whole process: more hashes at once than cores would only make each slower, and each takes 19 MiB.
static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, std::num::NonZero::get)));

/// Runs `work` on a thread where it may take its time. Outside a tokio runtime there is only this thread.
pub(super) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unavailable> {
    let Ok(runtime) = Handle::try_current() else {
        return Ok(work());
    };
    let permit = PERMITS.acquire().await.map_err(|error| Unavailable(error.to_string()))?;
    let work = move || {
        // Held until the work is done, even if nobody waits for it any more.
        let _permit = permit;
        work()
    };
    runtime.spawn_blocking(work).await.map_err(|error| Unavailable(format!("password hashing: {error}")))
}
