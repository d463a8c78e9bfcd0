//! Mails: what is sent, by whom, and the queue before that.

mod folder;
mod letter;
mod outbox;
mod queue;
#[cfg(feature = "smtp")]
mod smtp;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use self::folder::Folder;
pub use self::outbox::Outbox;
use self::queue::Queue;
use crate::AuthError;

/// A mail: plain text for one reader. Its `Debug` output leaves out the text, which may hold a link.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// Who sends it: `Shop <shop@example.com>`.
    pub from: String,
    /// The reader's address.
    pub to: String,
    /// The subject, in one line.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Mail {
    /// A mail from the mailer's own sender.
    pub fn new(to: impl Into<String>, subject: &str, text: impl Into<String>) -> Self {
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { from: String::new(), to: to.into(), subject, text: text.into() }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("to", &self.to).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a mail was not delivered. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// It may work in a while: the mail stays in the queue for some time.
    #[error("the mail cannot be delivered just now: {0}")]
    Later(String),
    /// It will never work.
    #[error("the mail cannot be delivered: {0}")]
    Never(String),
}

/// What takes mails to where they are read: a mail server, a folder, an outbox for tests, or something of the
/// application's own.
pub trait MailTransport: Send + Sync + 'static {
    /// Takes one mail.
    fn deliver<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// Sends mails, behind a queue: the answer to a visitor does not wait for a mail, and its time does not tell whether one
/// was sent.
///
/// The queue is in memory and takes 1,000 mails. One that cannot be delivered is tried again after 10 seconds, a minute and
/// ten minutes. Call [`flush`](Self::flush) before the process ends.
///
/// ```
/// use frontdesk_auth::{Mail, Mailer};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let (mailer, outbox) = Mailer::outbox();
/// mailer.send(Mail::new("ada@example.com", "Hello", "How are you?")).unwrap();
/// mailer.flush().await;
/// assert_eq!(outbox.mails()[0].subject, "Hello");
/// # });
/// ```
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    transport: Arc<dyn MailTransport>,
    sender: String,
    queue: Queue,
}

impl Mailer {
    /// A mailer that delivers by that transport.
    pub fn new(transport: impl MailTransport) -> Self {
        let sender = "frontdesk <noreply@localhost>".to_owned();
        Self(Arc::new(Inner { transport: Arc::new(transport), sender, queue: Queue::default() }))
    }

    /// A mailer that keeps the last 1,000 mails in memory, for tests and development.
    pub fn outbox() -> (Self, Outbox) {
        let outbox = Outbox::default();
        (Self::new(outbox.clone()), outbox)
    }

    /// A mailer that writes each mail to a file `….eml` in a folder, for development. The folder is made when it is
    /// needed.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::new(Folder::new(path.into()))
    }

    /// A mailer that gives mails to an SMTP server: `smtps://name:password@mail.example.com`, or
    /// `smtp://…:587?tls=required` for STARTTLS. Name and password are percent-encoded.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if the address of the server or that of the sender is none.
    #[cfg(feature = "smtp")]
    pub fn smtp(url: &str, sender: &str) -> Result<Self, AuthError> {
        Ok(Self::new(smtp::Smtp::new(url, sender)?).sender(sender))
    }

    /// Sets who sends the mails: `Shop <shop@example.com>`, or an address alone. Set it before the first mail. Default:
    /// `frontdesk <noreply@localhost>`.
    #[must_use]
    pub fn sender(self, sender: impl Into<String>) -> Self {
        let transport = Arc::clone(&self.0.transport);
        Self(Arc::new(Inner { transport, sender: sender.into(), queue: Queue::default() }))
    }

    /// Puts a mail into the queue.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if the queue is full.
    pub fn send(&self, mail: Mail) -> Result<(), AuthError> {
        self.later(async { Ok(vec![mail]) })
    }

    /// Works out behind the queue what is to be sent: so that an answer takes the same time whether there is somebody to
    /// write to or not. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`], if the queue is full.
    pub fn later(
        &self,
        work: impl Future<Output = Result<Vec<Mail>, AuthError>> + Send + 'static,
    ) -> Result<(), AuthError> {
        let (transport, sender) = (Arc::clone(&self.0.transport), self.0.sender.clone());
        self.0.queue.push(Box::pin(async move {
            let mails = match work.await {
                Ok(mails) => mails,
                Err(error) => {
                    tracing::error!(%error, "what was to be mailed could not be worked out");
                    return;
                }
            };
            for mut mail in mails {
                if mail.from.is_empty() {
                    mail.from.clone_from(&sender);
                }
                queue::deliver(&*transport, &mail).await;
            }
        }))
    }

    /// Waits until the queue is empty.
    pub async fn flush(&self) {
        self.0.queue.flush().await;
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("sender", &self.0.sender).finish_non_exhaustive()
    }
}
