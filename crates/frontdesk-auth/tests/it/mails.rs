//! Mails: the queue, and where it leads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use frontdesk_auth::{AuthError, Mail, MailError, MailTransport, Mailer};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::site::Site;

/// Delivers at the third try.
struct Moody(Arc<AtomicU32>);

impl MailTransport for Moody {
    fn deliver<'a>(&'a self, _: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        let tries = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(std::future::ready(match tries {
            1 | 2 => Err(MailError::Later("busy".to_owned())),
            _ => Ok(()),
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_mail_is_tried_again_and_holds_up_no_other() {
    let tries = Arc::new(AtomicU32::new(0));
    let mailer = Mailer::new(Moody(Arc::clone(&tries)));
    let started = tokio::time::Instant::now();
    mailer.send(Mail::new("ada@example.com", "Hello", "How are you?")).unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "nobody waits for it");
    mailer.flush().await;
    assert_eq!(tries.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_says_so() {
    struct Stuck;
    impl MailTransport for Stuck {
        fn deliver<'a>(&'a self, _: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
            Box::pin(std::future::pending())
        }
    }
    let mailer = Mailer::new(Stuck);
    let full = (0..2000).find_map(|_| mailer.send(Mail::new("ada@example.com", "Hello", "x")).err());
    assert!(matches!(full, Some(AuthError::Unavailable(_))), "{full:?}");
}

#[tokio::test]
async fn a_folder_gets_a_file_for_each_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::folder(folder.path().join("mails")).sender("The Shop <shop@example.com>");
    mailer.send(Mail::new("ada@example.com", "Grüße", "Guten Tag\n")).unwrap();
    mailer.flush().await;
    let files: Vec<_> = std::fs::read_dir(folder.path().join("mails")).unwrap().collect();
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(files[0].as_ref().unwrap().path()).unwrap();
    assert!(text.starts_with("From: The Shop <shop@example.com>\r\nTo: ada@example.com\r\n"), "{text}");
    assert!(text.ends_with("\r\n\r\nGuten Tag\r\n"), "{text}");
}

/// A mail server that takes one mail, and tells what it was given.
async fn serve_one(listener: TcpListener) -> Vec<String> {
    let (stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut heard = Vec::new();
    write.write_all(b"220 here\r\n").await.unwrap();
    let mut in_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push(line.clone());
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
            "." if in_data => {
                in_data = false;
                b"250 ok\r\n"
            }
            _ if in_data => continue,
            "EHLO" => b"250-here\r\n250 8BITMIME\r\n",
            "DATA" => {
                in_data = true;
                b"354 go on\r\n"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await.unwrap();
                break;
            }
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await.unwrap();
        if line == "." {
            break;
        }
    }
    heard
}

#[tokio::test]
async fn an_smtp_server_is_given_the_mail() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve_one(listener));
    let mailer = Mailer::smtp(&url, "The Shop <shop@example.com>").unwrap();
    mailer.send(Mail::new("ada@example.com", "Hello", "How are you?")).unwrap();
    mailer.flush().await;
    let heard = server.await.unwrap().join("\n");
    assert!(
        heard.contains("MAIL FROM:<shop@example.com>") && heard.contains("RCPT TO:<ada@example.com>"),
        "{heard}"
    );
    assert!(heard.contains("Subject: Hello") && heard.contains("How are you?"), "{heard}");
}

#[tokio::test]
async fn what_is_no_server_or_sender_is_told_without_its_password() {
    for (url, sender) in [
        ("http://name:secret@host", "a@example.com"),
        ("nonsense secret", "a@example.com"),
        ("smtps://name:secret@host", "nobody"),
    ] {
        let error = Mailer::smtp(url, sender).unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn ops_05_neither_debug_output_nor_mails_to_others_hold_a_link() {
    let site = Site::new().await;
    site.browser().json("/password-reset/", &[("email", "ada@example.com")]).await;
    let mails = site.mails().await;
    assert!(!format!("{mails:?}").contains("token"), "{mails:?}");
}
