//! The address to listen on.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;

use crate::CliError;

/// Where `frontdesk serve` listens unless told otherwise.
pub(crate) const DEFAULT: &str = "127.0.0.1:8000";

/// Reads an address and a port.
pub(crate) fn parse(text: &str) -> Result<SocketAddr, CliError> {
    read(text).ok_or_else(|| {
        CliError::usage(format!(
            "`{text}` is no address to listen on; write an address and a port, such as {DEFAULT}"
        ))
    })
}

/// Why an address is not listened on that others reach, and what to do.
pub(crate) fn refused(address: SocketAddr, why: &str, remedy: &str) -> CliError {
    let port = address.port();
    CliError::usage(format!(
        "refusing to listen on {address}: {why}.\n{remedy}\nOr listen on 127.0.0.1:{port} (only this computer); from \
         elsewhere, a tunnel such as `ssh -L {port}:127.0.0.1:{port} HOST` reaches it."
    ))
}

fn read(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let host = match host {
        "*" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        host if host.eq_ignore_ascii_case("localhost") => IpAddr::V4(Ipv4Addr::LOCALHOST),
        // `::1:8000` is read as one address by everything else.
        host => host.parse::<Ipv4Addr>().ok()?.into(),
    };
    Some(SocketAddr::new(host, port))
}

/// Listens.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        let (ip, port) = (address.ip(), address.port());
        CliError::failed(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "port {port} on {ip} is in use already. Stop the other program, or choose another port: \
                 `--listen {}` (port 0 takes any free one)",
                SocketAddr::new(ip, port.checked_add(1).unwrap_or(0)),
            ),
            io::ErrorKind::PermissionDenied => format!(
                "port {port} needs special rights, as all below 1024 do. Choose another one: `--listen {DEFAULT}`"
            ),
            io::ErrorKind::AddrNotAvailable => format!("this computer has no address {ip}; try `--listen {DEFAULT}`"),
            _ => format!("cannot listen on {address}: {error}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_what_is_none() {
        for text in ["127.0.0.1:8000", "127.8.9.10:0", "[::1]:80", "localhost:8000", " LOCALHOST:1 "] {
            assert!(parse(text).is_ok_and(|address| address.ip().is_loopback()), "{text}");
        }
        for text in ["0.0.0.0:8000", "[::]:8000", "192.168.1.1:80", "*:8000"] {
            assert!(parse(text).is_ok_and(|address| !address.ip().is_loopback()), "{text}");
        }
        for text in ["", "8000", ":8000", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "example.com:80"] {
            assert!(parse(text).unwrap_err().to_string().contains("no address"), "{text}");
        }
    }
}
