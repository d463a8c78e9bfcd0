use std::net::IpAddr;

use super::document::{At, Section};

/// The `[server]` part of a schema file: what the ready server needs to know. Everything is optional, and command-line
/// options and `FRONTDESK_*` environment variables come first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSettings {
    /// The address to listen on, such as `127.0.0.1:8000`.
    pub listen: Option<String>,
    /// The URL of the database, such as `sqlite://heroes.db`.
    pub database: Option<String>,
    /// Where sessions and limits of attempts are kept: `database`, `memory`, or the URL of a Redis server.
    pub sessions: Option<String>,
    /// The address at which people reach the site, such as `https://desk.example.com`: links in mails begin with it, and
    /// requests under its name are answered.
    pub url: Option<String>,
    /// Further names under which requests are answered, without ports.
    pub hosts: Vec<String>,
    /// The addresses and networks of the proxies in front, whose word on who the client is is taken: `10.0.0.0/8`. An empty
    /// list says that there is none; `None`, that nobody said.
    pub trusted_proxies: Option<Vec<String>>,
    /// Where the server's own tables live: `same` for the database itself.
    pub state: Option<String>,
    /// Where uploaded files are kept.
    pub media: Option<MediaSettings>,
}

/// Where uploaded files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaSettings {
    /// In a folder, relative to that of the schema file. As data: `media = { path = "media" }`.
    Path(String),
    /// In a bucket of a service that speaks S3. As data: `media = { s3 = { bucket = "…" } }`.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The service's URL. Default: that of AWS for the region.
        endpoint: Option<String>,
        /// The region.
        region: Option<String>,
    },
}

impl ServerSettings {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let listen = section.text("listen");
        if let Some(listen) = &listen
            && listen
                .value
                .rsplit_once(':')
                .is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
        {
            section.problem(
                listen.line,
                format!(
                    "`listen` wants an address and a port, such as \"127.0.0.1:8000\", not {:?}",
                    listen.value
                ),
            );
        }
        Self {
            listen: listen.map(|at| at.value),
            database: section.text("database").map(|at| at.value),
            sessions: sessions(section),
            url: checked(section, "url", "https://desk.example.com", is_origin),
            hosts: names(section, "hosts", "desk.example.com", is_host).unwrap_or_default(),
            trusted_proxies: names(section, "trusted_proxies", "10.0.0.0/8", is_network),
            state: section.text("state").map(|at| at.value),
            media: section.section("media", media).flatten(),
        }
    }
}

/// Where sessions are: a word, or a URL of Redis.
fn sessions(section: &mut Section<'_, '_>) -> Option<String> {
    let is_known = |text: &str| {
        matches!(text, "database" | "memory")
            || ["redis://", "rediss://"]
                .iter()
                .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme))
    };
    let At { value, line } = section.text("sessions")?;
    if !is_known(&value) {
        // The text may be a URL with a password.
        section
            .problem(line, "`sessions` is \"database\", \"memory\", or a URL such as \"redis://localhost\"");
    }
    Some(value)
}

/// A text that has to look like `example`.
fn checked(
    section: &mut Section<'_, '_>,
    name: &'static str,
    example: &str,
    fits: impl Fn(&str) -> bool,
) -> Option<String> {
    let At { value, line } = section.text(name)?;
    if !fits(&value) {
        section.problem(line, format!("`{name}` wants something like {example:?}, not {value:?}"));
    }
    Some(value)
}

/// One text or a list of texts, each of which has to look like `example`.
fn names(
    section: &mut Section<'_, '_>,
    name: &'static str,
    example: &str,
    fits: impl Fn(&str) -> bool,
) -> Option<Vec<String>> {
    let At { value, line } = section.texts(name)?;
    for wrong in value.iter().filter(|text| !fits(text)) {
        section.problem(line, format!("`{name}` wants something like {example:?}, not {wrong:?}"));
    }
    Some(value)
}

/// Whether a text is an origin: a scheme, a host, perhaps a port, and nothing behind but one slash.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest.map(|rest| rest.strip_suffix('/').unwrap_or(rest)) else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    is_host(host) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether a text is a name of a host, or an address; one of version 6 in brackets.
fn is_host(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6());
    }
    let is_label = |label: &str| {
        let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = label.as_bytes();
        bytes.len() < 64
            && is_edge(bytes.first())
            && is_edge(bytes.last())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
    };
    text.len() < 254 && text.split('.').all(is_label)
}

/// Whether a text is an address or a network of addresses.
fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn media(section: &mut Section<'_, '_>) -> Option<MediaSettings> {
    let path = section.text("path").map(|at| MediaSettings::Path(at.value));
    let s3 = section.section("s3", |section| {
        let bucket = section.text("bucket").map(|at| at.value);
        if bucket.is_none() {
            section.problem(section.line, "`bucket` is needed");
        }
        Some(MediaSettings::S3 {
            endpoint: section.text("endpoint").map(|at| at.value),
            region: section.text("region").map(|at| at.value),
            bucket: bucket?,
        })
    });
    match (path, s3) {
        (Some(_), Some(_)) | (None, None) => {
            section
                .problem(section.line, "`media` is either { path = \"…\" } or { s3 = { bucket = \"…\" } }");
            None
        }
        (path, s3) => path.or(s3.flatten()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_networks_are_told_from_what_is_none() {
        for good in
            ["https://desk.example.com", "http://localhost:8000/", "https://[::1]:8443", "http://10.0.0.1"]
        {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "desk.example.com",
            "ftp://desk.example.com",
            "https://",
            "https://a/b",
            "https://u:p@a",
            "https://a:0",
            "https://a:x",
            "https://-a",
            "https://a b",
            "https://a?b",
            "https://[10.0.0.1]",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
        for good in ["10.0.0.0/8", "127.0.0.1", "::1", "fd00::/8"] {
            assert!(is_network(good), "{good}");
        }
        for bad in ["10.0.0.0/33", "10.0.0/8", "proxy", "", "::1/129", "1.2.3.4/"] {
            assert!(!is_network(bad), "{bad}");
        }
    }
}
