use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Mail, MailError, MailTransport};
use crate::AuthError;

/// How long one answer of the server may take.
const MOST_TIME: Duration = Duration::from_secs(20);

/// An SMTP server.
pub(super) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(super) fn new(url: &str, sender: &str) -> Result<Self, AuthError> {
        // The address may hold a password: neither it nor what the library says of it is repeated.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            AuthError::Setup(
                "the address of the mail server is none: write smtps://name:password@host".to_owned(),
            )
        })?;
        sender
            .parse::<Mailbox>()
            .map_err(|error| AuthError::Setup(format!("the sender of mails: {error}")))?;
        Ok(Self(server.timeout(Some(MOST_TIME)).build()))
    }
}

impl MailTransport for Smtp {
    fn deliver<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let never = |error: &dyn std::fmt::Display| MailError::Never(error.to_string());
            let message = Message::builder()
                .from(mail.from.parse().map_err(|error| never(&error))?)
                .to(mail.to.parse().map_err(|error| never(&error))?)
                .subject(&mail.subject)
                .header(ContentType::TEXT_PLAIN)
                .body(mail.text.clone())
                .map_err(|error| never(&error))?;
            match self.0.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(never(&error)),
                Err(error) => Err(MailError::Later(error.to_string())),
            }
        })
    }
}
