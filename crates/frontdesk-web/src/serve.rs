//! A server for a router: header time-outs, a limit of connections, a graceful end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use futures_util::TryFutureExt;
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

mod gather;
mod idle;

use self::gather::Gather;
use self::idle::Connections;

/// How [`serve`] treats connections.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    /// How long a client may take to send a request's head; also how long an idle connection is kept. It is given up after
    /// that time, an eighth of it later at most. Default: 20 s.
    pub header_timeout: Duration,
    /// How long a request's head may be, in bytes: its line and all its headers. A longer one is answered with 431, and so
    /// is one of more than 100 headers. Default: 64 KiB; more than 400 KiB are never read.
    pub max_head_bytes: usize,
    /// How many connections are served at once; more wait in the operating system's queue. Default: 4,096.
    pub max_connections: usize,
    /// How long requests that are under way may take when the server ends. Default: 15 s.
    pub drain: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(20),
            max_head_bytes: 64 * 1024,
            max_connections: 4096,
            drain: Duration::from_secs(15),
        }
    }
}

/// Serves `router` on `listener` until `stop` ends, then lets requests that are under way come to their end. What is not
/// answered by then is given up, as is everything if this future is dropped.
///
/// Each request has the address of its connection among its extensions, as `ConnectInfo<SocketAddr>`; see
/// [`ClientAddress`](crate::ClientAddress).
///
/// `axum::serve` of axum 0.8 waits for ever for a request's head, so that a few thousand half-sent requests stop it.
///
/// # Errors
/// None of a single connection: those are its own. An error of the listener that does not pass by waiting.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(options.max_connections));
    let mut connections = Connections::new(options.header_timeout);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = connections.tend() => continue,
            () = &mut stop => break,
        };
        let (stream, peer, place) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                // Out of file descriptors, mostly: they come back when connections end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // Small answers go out at once; there is nothing to gather.
        let _ = stream.set_nodelay(true);
        let waiting = connections.waiting();
        let (router, waits) = (TowerToHyperService::new(router.clone()), Arc::clone(&waiting));
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            let work = waits.work();
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request).map_ok(|answer| work.until_sent(answer))
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .max_header_size(options.max_head_bytes)
            .serve_connection(Gather(TokioIo::new(stream)), service);
        let connection = graceful.watch(connection);
        connections.run(waiting, async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = connections.tend() => {}
        () = tokio::time::sleep(options.drain) => tracing::warn!("some requests did not end in time"),
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;
    use crate::ClientAddress;

    async fn start(
        options: ServeOptions,
    ) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slow = get(async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            "slow"
        });
        let who = get(async |client: Option<ClientAddress>| client.unwrap().ip().to_string());
        let router = Router::new().route("/slow", slow).route("/who", who);
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, options, async {
            let _ = stopped.await;
        }));
        (address, stop, server)
    }

    #[tokio::test]
    async fn ops_07_a_half_sent_head_is_given_up() {
        let options = ServeOptions { header_timeout: Duration::from_millis(200), ..ServeOptions::default() };
        let (address, _stop, _server) = start(options).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), client.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "the connection must be closed");
    }

    #[tokio::test]
    async fn form_12_the_head_of_a_request_has_a_limit() {
        let most = 2000;
        let options = ServeOptions { max_head_bytes: most, ..ServeOptions::default() };
        let (address, _stop, _server) = start(options).await;
        let answer = async |head: String| {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            answer.lines().next().unwrap_or_default().to_owned()
        };
        let start = "GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
        for (size, status) in [(most - 1, "200"), (most, "200"), (most + 1, "431")] {
            let pad = "x".repeat(size - start.len() - "X: \r\n\r\n".len());
            let head = format!("{start}X: {pad}\r\n\r\n");
            assert_eq!(head.len(), size);
            assert_eq!(answer(head).await.split(' ').nth(1), Some(status), "{size} bytes");
        }
        for (count, status) in [(99, "200"), (100, "200"), (101, "431")] {
            let more: String = (2..count).map(|number| format!("X{number}: x\r\n")).collect();
            let found = answer(format!("{start}{more}\r\n")).await;
            assert_eq!(found.split(' ').nth(1), Some(status), "{count} headers");
        }
    }

    #[tokio::test]
    async fn ops_07_a_head_that_dribbles_and_a_connection_that_idles_are_given_up() {
        let options = ServeOptions { header_timeout: Duration::from_millis(500), ..ServeOptions::default() };
        let (address, _stop, _server) = start(options).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        let head = format!("GET /slow HTTP/1.1\r\nHost: a\r\nCookie: {}", "a".repeat(200));
        let began = std::time::Instant::now();
        let dribbled = async {
            for byte in head.bytes() {
                client.write_all(&[byte]).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            io::Result::Ok(())
        };
        assert!(dribbled.await.is_err(), "each byte bought more time");
        assert!(began.elapsed() < Duration::from_secs(3));

        let mut client = TcpStream::connect(address).await.unwrap();
        for _ in 0..3 {
            // Together longer than the time for one.
            client.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            let mut answer = [0; 512];
            let length = client.read(&mut answer).await.unwrap();
            assert!(answer[..length].ends_with(b"slow"));
        }
        let idle = tokio::time::timeout(Duration::from_secs(5), client.read(&mut [0; 8])).await;
        assert!(matches!(idle, Ok(Ok(0) | Err(_))), "the idle connection must be closed: {idle:?}");
    }

    #[tokio::test]
    async fn rate_02_a_request_tells_where_its_connection_comes_from() {
        let (address, _stop, _server) = start(ServeOptions::default()).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        let request = "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nConnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");
    }

    #[tokio::test]
    async fn ops_07_a_request_under_way_comes_to_its_end() {
        let (address, stop, server) = start(ServeOptions::default()).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        stop.send(()).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("slow"), "{answer}");
        server.await.unwrap().unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn ops_07_what_takes_longer_than_the_end_may_and_what_is_dropped_is_given_up() {
        let options = ServeOptions { drain: Duration::from_millis(50), ..ServeOptions::default() };
        for stops in [true, false] {
            let (address, stop, server) = start(options.clone()).await;
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            match stops {
                true => {
                    stop.send(()).unwrap();
                    server.await.unwrap().unwrap();
                }
                false => server.abort(),
            }
            let mut answer = Vec::new();
            // Ended or reset, and nothing was answered.
            let _ = client.read_to_end(&mut answer).await;
            assert!(answer.is_empty(), "{answer:?}");
        }
    }
}
