use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{mpsc, watch};

use super::{Mail, MailError, MailTransport};
use crate::AuthError;

/// How many pieces of work may wait.
const CAPACITY: usize = 1000;
/// How many are done at once: a slow server does not hold up all the others.
const AT_ONCE: usize = 8;
/// How long to wait before a mail is tried again.
const PAUSES: [Duration; 3] = [Duration::from_secs(10), Duration::from_mins(1), Duration::from_mins(10)];
/// How long one delivery may take.
const MOST_TIME: Duration = Duration::from_secs(60);

type Work = BoxFuture<'static, ()>;

/// Work that waits, and the task that does it, which begins with the first piece.
pub(super) struct Queue {
    worker: OnceLock<mpsc::Sender<Work>>,
    open: watch::Sender<usize>,
}

impl Default for Queue {
    fn default() -> Self {
        Self { worker: OnceLock::new(), open: watch::Sender::new(0) }
    }
}

impl Queue {
    /// # Errors
    /// [`AuthError::Unavailable`], if too much waits already.
    pub(super) fn push(&self, work: Work) -> Result<(), AuthError> {
        let worker = self.worker.get_or_init(|| self.start());
        self.open.send_modify(|open| *open += 1);
        worker.try_send(work).map_err(|error| {
            self.open.send_modify(|open| *open -= 1);
            AuthError::Unavailable(format!("the queue of mails takes no more: {error}"))
        })
    }

    fn start(&self) -> mpsc::Sender<Work> {
        let (sender, receiver) = mpsc::channel::<Work>(CAPACITY);
        let open = self.open.clone();
        tokio::spawn(async move {
            let all = futures_util::stream::unfold(receiver, async |mut receiver| {
                let work = receiver.recv().await?;
                Some((work, receiver))
            });
            all.for_each_concurrent(AT_ONCE, |work| async {
                if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                    tracing::error!("what was to be mailed could not be worked out: it panicked");
                }
                open.send_modify(|open| *open -= 1);
            })
            .await;
        });
        sender
    }

    pub(super) async fn flush(&self) {
        let mut open = self.open.subscribe();
        // The sender is ours, so that it cannot be gone.
        let _ = open.wait_for(|open| *open == 0).await;
    }
}

/// Delivers a mail, after some more tries where that may help.
pub(super) async fn deliver(transport: &dyn MailTransport, mail: &Mail) {
    let mut pauses = PAUSES.iter();
    loop {
        let delivery = tokio::time::timeout(MOST_TIME, transport.deliver(mail)).await;
        let error = match delivery {
            Ok(Ok(())) => return,
            Ok(Err(MailError::Never(error))) => {
                tracing::error!(%error, subject = mail.subject, "a mail cannot be delivered");
                return;
            }
            Ok(Err(MailError::Later(error))) => error,
            Err(_) => "it took too long".to_owned(),
        };
        match pauses.next() {
            Some(pause) => {
                tracing::warn!(%error, "a mail could not be delivered; it will be tried again");
                tokio::time::sleep(*pause).await;
            }
            None => {
                tracing::error!(%error, subject = mail.subject, "a mail was given up");
                return;
            }
        }
    }
}
