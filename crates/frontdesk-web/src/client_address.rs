//! Who is at the other end: the address of a connection, or what a proxy that is trusted says.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{ConnectInfo, OptionalFromRequestParts, Request};
use axum::response::Response;
use http::request::Parts;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use tower::{Layer, Service};

use crate::layer::{Around, Step};

/// The address of the client that made a request.
///
/// [`TrustedProxies`], laid around a router, finds it and puts it into each request's extensions; without them it is that
/// of the connection ([`ConnectInfo`], which [`serve`](crate::serve()) provides). As an extractor it is an
/// `Option<ClientAddress>`, `None` where the server does not tell addresses.
///
/// ```
/// use axum::{Router, routing::get};
/// use frontdesk_web::{ClientAddress, TrustedProxies};
///
/// async fn who(address: Option<ClientAddress>) -> String {
///     address.map_or("somebody".to_owned(), |client| client.ip().to_string())
/// }
///
/// let proxies = TrustedProxies::new(["10.0.0.0/8", "::1"]).unwrap();
/// let app: Router = Router::new().route("/", get(who)).layer(proxies);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress {
    ip: IpAddr,
    https: Option<bool>,
}

impl ClientAddress {
    /// A client at that address.
    pub fn new(ip: IpAddr) -> Self {
        Self { ip: ip.to_canonical(), https: None }
    }

    /// What is known of the client of a request with these extensions.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Self>().copied().or_else(|| {
            let peer = extensions.get::<ConnectInfo<SocketAddr>>()?;
            Some(Self::new(peer.0.ip()))
        })
    }

    /// The address. One of IPv4 that is written as IPv6 is one of IPv4.
    pub fn ip(self) -> IpAddr {
        self.ip
    }

    /// Whether the client's request came over HTTPS; `None` where nobody says so.
    pub fn is_https(self) -> Option<bool> {
        self.https
    }

    /// What one client has of addresses: one of IPv4, a /64 of IPv6. Count by this, since whoever has an address of IPv6 has
    /// as many more as they like.
    ///
    /// ```
    /// use frontdesk_web::ClientAddress;
    ///
    /// let client = ClientAddress::new("2001:db8::7".parse().unwrap());
    /// assert_eq!(client.network().to_string(), "2001:db8::/64");
    /// ```
    pub fn network(self) -> IpNet {
        match self.ip {
            IpAddr::V4(_) => IpNet::from(self.ip),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                let start = Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
                IpNet::new_assert(start.into(), 64)
            }
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// The proxies before this server whose word about clients is taken. A cheap handle.
///
/// A proxy appends the address that it was asked from to `X-Forwarded-For`, behind whatever the client wrote there. So the
/// header is walked from its right end, as long as the address that said so is one of a trusted proxy; the first one that
/// is not is the client. Nothing that a client writes counts, wherever it stands.
///
/// # Defaults
/// None: the client is who opened the connection. When a request brings a proxy's header all the same, that is told in the
/// log, once: behind a proxy that is not listed all visitors seem to be one.
///
/// # Warnings
/// List the proxies' own addresses, not "everything": whoever is listed can be anybody. And let the proxy set the header
/// that is read here; one that it merely passes on says what the client likes. That is why only one of the two headers is
/// ever read.
///
/// ```
/// use frontdesk_web::TrustedProxies;
/// use http::{HeaderMap, HeaderValue};
///
/// let proxies = TrustedProxies::new(["10.0.0.1"]).unwrap();
/// let peer = "10.0.0.1".parse().unwrap();
/// let said = HeaderMap::from_iter([
///     ("x-forwarded-for".parse().unwrap(), HeaderValue::from_static("1.1.1.1, 203.0.113.7")),
/// ]);
/// assert_eq!(proxies.client_address(peer, &said).ip().to_string(), "203.0.113.7");
/// ```
#[derive(Clone, Default)]
pub struct TrustedProxies {
    networks: Arc<[IpNet]>,
    reads_forwarded: bool,
    has_warned: Arc<AtomicBool>,
}

/// What is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address or network of a proxy; write `10.0.0.1`, `10.0.0.0/8` or `2001:db8::/32`")]
pub struct InvalidProxy(pub String);

impl TrustedProxies {
    /// Proxies at these addresses and in these networks.
    ///
    /// # Errors
    /// [`InvalidProxy`] for the first that is neither.
    pub fn new<T: AsRef<str>>(proxies: impl IntoIterator<Item = T>) -> Result<Self, InvalidProxy> {
        let read = |text: &str| {
            let network = text.parse::<IpNet>();
            let network = network.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| InvalidProxy(text.to_owned()))
        };
        let networks =
            proxies.into_iter().map(|text| read(text.as_ref().trim())).collect::<Result<_, _>>()?;
        Ok(Self { networks, ..Self::default() })
    }

    /// Reads the header `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)) in place of `X-Forwarded-For` and
    /// `X-Forwarded-Proto`.
    #[must_use]
    pub fn reads_forwarded(mut self) -> Self {
        self.reads_forwarded = true;
        self
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether one has that address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client of a request with these headers over a connection from `peer`.
    ///
    /// Where a trusted proxy says something that is no address (`unknown`), the client counts as that proxy.
    pub fn client_address(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = ClientAddress::new(peer);
        if !self.contains(client.ip) {
            self.warn_of_proxy(client.ip, headers);
            return client;
        }
        let name = if self.reads_forwarded { "forwarded" } else { "x-forwarded-for" };
        let lines = headers.get_all(name).iter().rev();
        let elements = lines.flat_map(|line| line.to_str().unwrap_or("unknown").rsplit(',').map(str::trim));
        for element in elements {
            let said = if self.reads_forwarded { parameter(element, "for") } else { Some(element) };
            let Some(address) = said.and_then(address) else { break };
            client.ip = address;
            if !self.contains(address) {
                break;
            }
        }
        client.https = self.scheme(headers).map(|scheme| scheme.eq_ignore_ascii_case("https"));
        client
    }

    /// What the nearest proxy says of the scheme.
    fn scheme<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let name = if self.reads_forwarded { "forwarded" } else { "x-forwarded-proto" };
        let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
        let last = line.rsplit(',').next()?.trim();
        if self.reads_forwarded { parameter(last, "proto") } else { Some(last) }
    }

    fn warn_of_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        let names = ["x-forwarded-for", "forwarded", "x-real-ip"];
        let Some(name) = names.into_iter().find(|name| headers.contains_key(*name)) else { return };
        if self.has_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        tracing::warn!(
            %peer,
            "a request has the header {name}, and {peer} is no trusted proxy, so the header is ignored: if it is one of \
             yours, list it, or all visitors behind it count as one"
        );
    }
}

impl fmt::Debug for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.networks.iter().map(ToString::to_string)).finish()
    }
}

/// A parameter of one element of `Forwarded`: `for=192.0.2.60;proto=http`. No value that counts has a `;` or `,` in it.
fn parameter<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    element.split(';').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        if !key.trim().eq_ignore_ascii_case(name) {
            return None;
        }
        let value = value.trim();
        Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
    })
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let found = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip())).or_else(bare);
    found.map(|address| address.to_canonical())
}

impl<S> Layer<S> for TrustedProxies {
    type Service = Around<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Around::new(inner, self.clone())
    }
}

impl Step for TrustedProxies {
    async fn run<S>(self, mut request: Request, mut next: S) -> Result<Response, S::Error>
    where
        S: Service<Request, Response = Response> + Send,
        S::Future: Send,
        S::Error: Send,
    {
        let extensions = request.extensions();
        if let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>().copied() {
            let client = self.client_address(peer.ip(), request.headers());
            request.extensions_mut().insert(client);
        }
        next.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[(&'static str, &str)]) -> ClientAddress {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        proxies.client_address(peer.parse().unwrap(), &headers)
    }

    /// Each row: the peer, the header's lines, and who it is without a proxy, with one (10.0.0.1), and with two (10.0.0.2 in
    /// front of it).
    #[test]
    fn rate_02_nobody_chooses_their_own_address() {
        let zero = TrustedProxies::default();
        let one = TrustedProxies::new(["10.0.0.1"]).unwrap();
        let two = TrustedProxies::new(["10.0.0.1/32", "10.0.0.2"]).unwrap();
        let near = "10.0.0.1";
        let rows: &[(&str, &[&str], [&str; 3])] = &[
            ("203.0.113.7", &[], ["203.0.113.7"; 3]),
            ("203.0.113.7", &["1.1.1.1"], ["203.0.113.7"; 3]),
            ("203.0.113.7", &["10.0.0.1"], ["203.0.113.7"; 3]),
            ("203.0.113.7", &["1.1.1.1, 10.0.0.1, 10.0.0.2"], ["203.0.113.7"; 3]),
            (near, &["203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["1.1.1.1, 203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["1.1.1.1", "203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["203.0.113.7, 10.0.0.2"], [near, "10.0.0.2", "203.0.113.7"]),
            (near, &["1.1.1.1,203.0.113.7", " 10.0.0.2 "], [near, "10.0.0.2", "203.0.113.7"]),
            (near, &["1.1.1.1, 10.0.0.2, 203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["10.0.0.1, 10.0.0.2, 203.0.113.7, 10.0.0.2"], [near, "10.0.0.2", "203.0.113.7"]),
            (near, &["10.0.0.2, 10.0.0.1"], [near, "10.0.0.2", "10.0.0.2"]),
            (near, &["203.0.113.7:4711"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["2001:db8::7"], [near, "2001:db8::7", "2001:db8::7"]),
            (near, &["[2001:db8::7]:4711"], [near, "2001:db8::7", "2001:db8::7"]),
            (near, &["::ffff:203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["203.0.113.7, ::ffff:10.0.0.2"], [near, "10.0.0.2", "203.0.113.7"]),
            ("::ffff:10.0.0.1", &["203.0.113.7"], [near, "203.0.113.7", "203.0.113.7"]),
            (near, &["203.0.113.7, unknown"], [near; 3]),
            (near, &["203.0.113.7, unknown, 10.0.0.2"], [near, "10.0.0.2", "10.0.0.2"]),
            (near, &[""], [near; 3]),
            (near, &[",,"], [near; 3]),
            (near, &["203.0.113.7,"], [near; 3]),
            (near, &["127.0.0.1, 1.1.1.1; DROP TABLE"], [near; 3]),
        ];
        for (peer, lines, expected) in rows {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            for (proxies, expected) in [&zero, &one, &two].into_iter().zip(expected) {
                let found = client(proxies, peer, &lines).ip().to_string();
                assert_eq!(found, *expected, "{proxies:?}: {peer}, {lines:?}");
            }
        }
    }

    #[test]
    fn rate_02_the_header_that_is_not_asked_for_is_the_clients_own() {
        let plain = TrustedProxies::new(["10.0.0.1"]).unwrap();
        let forwarded = plain.clone().reads_forwarded();
        let both = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.8;proto=https")];
        assert_eq!(client(&plain, "10.0.0.1", &both).ip().to_string(), "203.0.113.7");
        assert_eq!(client(&forwarded, "10.0.0.1", &both).ip().to_string(), "203.0.113.8");
        assert_eq!(client(&plain, "10.0.0.1", &both[1..]).ip().to_string(), "10.0.0.1");
        assert_eq!(client(&plain, "10.0.0.1", &[("x-real-ip", "1.1.1.1")]).ip().to_string(), "10.0.0.1");
    }

    #[test]
    fn rate_02_forwarded_is_read_from_the_right() {
        let proxies = TrustedProxies::new(["10.0.0.0/30"]).unwrap().reads_forwarded();
        for (line, expected) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:80\"; by=10.0.0.9", "203.0.113.7"),
            ("for=\"[2001:db8::7]:4711\";proto=https", "2001:db8::7"),
            ("for=1.1.1.1, for=203.0.113.7", "203.0.113.7"),
            ("for=203.0.113.7, for=10.0.0.2;proto=http", "203.0.113.7"),
            ("for=\"1.1.1.1, for=203.0.113.7", "203.0.113.7"),
            ("for=1.1.1.1, for=_hidden", "10.0.0.1"),
            ("for=1.1.1.1, proto=http", "10.0.0.1"),
            ("for=1.1.1.1, for=\"203.0.113.7", "10.0.0.1"),
        ] {
            let found = client(&proxies, "10.0.0.1", &[("forwarded", line)]).ip().to_string();
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn the_scheme_is_what_the_nearest_proxy_says() {
        let proxies = TrustedProxies::new(["10.0.0.1"]).unwrap();
        let https =
            |peer: &str, value: &str| client(&proxies, peer, &[("x-forwarded-proto", value)]).is_https();
        assert_eq!(https("10.0.0.1", "https"), Some(true));
        assert_eq!(https("10.0.0.1", "https, http"), Some(false));
        assert_eq!(https("203.0.113.7", "https"), None);
        assert_eq!(client(&proxies, "10.0.0.1", &[]).is_https(), None);
    }

    #[test]
    fn rate_02_ipv6_counts_by_its_network() {
        let network = |text: &str| ClientAddress::new(text.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    proptest::proptest! {
        #[test]
        fn rate_02_whatever_is_claimed_the_last_word_is_that_of_a_proxy(
            claimed in "[0-9a-f.:,;= \\[\\]\"x/]{0,60}",
            forwarded in proptest::bool::ANY,
        ) {
            let proxies = TrustedProxies::new(["10.0.0.1"]).unwrap();
            let (proxies, name, told) = match forwarded {
                true => (proxies.reads_forwarded(), "forwarded", "for=203.0.113.7"),
                false => (proxies, "x-forwarded-for", "203.0.113.7"),
            };
            let one_line = format!("{claimed},{told}");
            for lines in [&[(name, one_line.as_str())][..], &[(name, &*claimed), (name, told)]] {
                let found = client(&proxies, "10.0.0.1", lines).ip().to_string();
                proptest::prop_assert_eq!(&found, "203.0.113.7", "{:?}", lines);
            }
            let found = client(&proxies, "203.0.113.9", &[(name, &claimed)]).ip().to_string();
            proptest::prop_assert_eq!(&found, "203.0.113.9");
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for text in ["", "10.0.0.1/33", "proxy.example", "*"] {
            assert_eq!(TrustedProxies::new([text]).unwrap_err(), InvalidProxy(text.to_owned()));
        }
    }
}
