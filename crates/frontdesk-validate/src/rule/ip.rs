//! What the rules over IP addresses ask of an address.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::Value as Json;

use crate::{Args, RuleError};

/// Exactly the addresses of version 4: four numbers up to 255, without zeros in front.
pub(super) const V4_PATTERN: &str =
    r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

/// The characters of addresses of either version.
pub(super) const ANY_PATTERN: &str = r"[0-9A-Fa-f:\.]{2,45}";

/// The arguments of the rules over version 4.
pub(super) const V4_ARGS: [&str; 6] =
    ["minip", "maxip", "invert", "is_localhost", "is_private", "is_automatic"];

/// What is asked of an address of version 4. A flag that is none is not asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct V4 {
    /// No range is any address.
    pub(super) ranges: Vec<RangeInclusive<Ipv4Addr>>,
    pub(super) invert: bool,
    pub(super) localhost: Option<bool>,
    pub(super) private: Option<bool>,
    pub(super) automatic: Option<bool>,
}

impl V4 {
    pub(super) fn accepts(&self, address: Ipv4Addr) -> bool {
        let in_range = self.ranges.is_empty() || self.ranges.iter().any(|range| range.contains(&address));
        in_range != self.invert
            && self.localhost.is_none_or(|wanted| wanted == (address == Ipv4Addr::LOCALHOST))
            && self.private.is_none_or(|wanted| wanted == address.is_private())
            && self.automatic.is_none_or(|wanted| wanted == address.is_link_local())
    }

    pub(super) fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let min = addresses(args, "minip")?;
        let max = addresses(args, "maxip")?;
        let ranges = match (min, max) {
            (None, None) => Vec::new(),
            (Some(min), None) => min.into_iter().take(1).map(|min| min..=Ipv4Addr::BROADCAST).collect(),
            (None, Some(max)) => max.into_iter().take(1).map(|max| Ipv4Addr::UNSPECIFIED..=max).collect(),
            (Some(min), Some(max)) => min.into_iter().zip(max).map(|(min, max)| min..=max).collect(),
        };
        Ok(Self {
            ranges,
            invert: args.flag("invert")?.unwrap_or(false),
            localhost: args.flag("is_localhost")?,
            private: args.flag("is_private")?,
            automatic: args.flag("is_automatic")?,
        })
    }
}

/// An argument that is an address, as text or as four numbers, or a list of such.
fn addresses(args: &mut Args<'_>, name: &str) -> Result<Option<Vec<Ipv4Addr>>, RuleError> {
    fn one(json: &Json) -> Option<Ipv4Addr> {
        match json {
            Json::String(text) => text.parse().ok(),
            Json::Array(parts) => {
                let bytes: Option<Vec<u8>> =
                    parts.iter().map(|part| part.as_u64()?.try_into().ok()).collect();
                <[u8; 4]>::try_from(bytes?).ok().map(Ipv4Addr::from)
            }
            _ => None,
        }
    }
    let Some(json) = args.take(name).filter(|json| !json.is_null()) else { return Ok(None) };
    let all = match (one(&json), &json) {
        (Some(address), _) => Some(vec![address]),
        (None, Json::Array(items)) if !items.is_empty() => items.iter().map(one).collect(),
        _ => None,
    };
    all.map(Some).ok_or_else(|| args.wrong(name, "an address such as 192.168.0.1, or a list of them", &json))
}

/// The arguments of the rules over version 6 that those over version 4 have not.
pub(super) const V6_ARGS: [&str; 7] =
    ["is_link_local", "is_reserved", "is_multicast", "is_routeable", "is_6to4", "is_teredo", "subnets"];

/// What is asked of an address of version 6. A flag that is none is not asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct V6 {
    pub(super) private: Option<bool>,
    pub(super) link_local: Option<bool>,
    pub(super) reserved: Option<bool>,
    pub(super) multicast: Option<bool>,
    /// Stands for private, reserved and multicast all false.
    pub(super) routeable: bool,
    pub(super) six_to_four: Option<bool>,
    pub(super) teredo: Option<bool>,
    /// No subnet is any address.
    pub(super) subnets: Vec<Ipv6Net>,
    /// One of the subnets could not be read, so no address can be said to be in one.
    pub(super) bad_subnet: bool,
}

impl V6 {
    pub(super) fn accepts(&self, address: Ipv6Addr) -> bool {
        let (private, reserved, multicast) = match self.routeable {
            true => (Some(false), Some(false), Some(false)),
            false => (self.private, self.reserved, self.multicast),
        };
        let asked = |wanted: Option<bool>, is: fn(Ipv6Addr) -> bool| {
            wanted.is_none_or(|wanted| wanted == is(address))
        };
        asked(private, is_private)
            && asked(self.link_local, |address| address.is_unicast_link_local())
            && asked(reserved, is_reserved)
            && asked(multicast, |address| address.is_multicast())
            && asked(self.six_to_four, |address| address.segments()[0] == 0x2002)
            && asked(self.teredo, |address| address.segments()[..2] == [0x2001, 0])
            && (self.subnets.is_empty() || self.subnets.iter().any(|net| net.contains(&address)))
    }

    /// All but `is_private`, which a rule over both versions reads once.
    pub(super) fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let texts = args.texts("subnets")?.unwrap_or_default();
        let subnets: Option<Vec<Ipv6Net>> = texts.iter().map(|text| text.parse().ok()).collect();
        Ok(Self {
            private: None,
            link_local: args.flag("is_link_local")?,
            reserved: args.flag("is_reserved")?,
            multicast: args.flag("is_multicast")?,
            routeable: args.flag("is_routeable")?.unwrap_or(false),
            six_to_four: args.flag("is_6to4")?,
            teredo: args.flag("is_teredo")?,
            bad_subnet: subnets.is_none(),
            subnets: subnets.unwrap_or_default(),
        })
    }
}

/// What IANA's [registry] says is not globally reachable, 6to4 apart: unique local and link-local addresses, loopback,
/// documentation, discard-only, and protocol assignments with Teredo. Of a mapped address that of version 4 counts.
///
/// [registry]: https://www.iana.org/assignments/iana-ipv6-special-registry/
fn is_private(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return mapped.is_private()
            || mapped.is_loopback()
            || mapped.is_link_local()
            || mapped.is_unspecified();
    }
    let segments = address.segments();
    match segments {
        [0x2001, second, ..] if second < 0x200 => {
            // Within 2001::/23 some are reachable after all: anycast addresses, AMT, AS112, ORCHIDv2, drone ids.
            let anycast = second == 1 && segments[2..7] == [0; 5] && matches!(segments[7], 1..=3);
            !(anycast
                || second == 3
                || second == 4 && segments[2] == 0x112
                || (0x20..=0x3f).contains(&second))
        }
        [0x2001, 0xdb8, ..] | [0x100, 0, 0, 0, ..] | [0x64, 0xff9b, 1, ..] => true,
        [0x3fff, second, ..] if second < 0x1000 => true,
        _ => {
            address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_loopback()
                || address.is_unspecified()
        }
    }
}

/// What the IETF keeps for itself: all but global unicast (`2000::/3`), unique local, link-local, the former site-local
/// and multicast addresses.
fn is_reserved(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    match first >> 8 {
        0x20..=0x3f | 0xfc | 0xfd | 0xff => false,
        0xfe => first & 0x80 == 0,
        _ => true,
    }
}

/// Flags of these rules are asked for, or forbidden, by a boolean; this doc is the same everywhere.
macro_rules! flag {
    ($(#[$doc:meta])* $name:ident => $($field:ident).+) => {
        $(#[$doc])*
        ///
        /// True asks for it, false forbids it. Default: not asked.
        #[must_use]
        pub fn $name(mut self, wanted: bool) -> Self {
            self.$($field).+ = Some(wanted);
            self
        }
    };
}

pub(super) use flag;

/// The range of addresses in a network.
pub(super) fn network(net: Ipv4Net) -> RangeInclusive<Ipv4Addr> {
    net.network()..=net.broadcast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_ietf_reserves() {
        // The blocks of Python's ipaddress, which the documentation goes by, first and last address of each.
        let reserved = [
            "::/8", "100::/8", "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3",
            "8000::/3", "a000::/3", "c000::/3", "e000::/4", "f000::/5", "f800::/6", "fe00::/9",
        ];
        for net in reserved {
            let net: Ipv6Net = net.parse().unwrap();
            assert!(is_reserved(net.network()) && is_reserved(net.broadcast()), "{net}");
        }
        for net in ["2000::/3", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"] {
            let net: Ipv6Net = net.parse().unwrap();
            assert!(!is_reserved(net.network()) && !is_reserved(net.broadcast()), "{net}");
        }
    }

    #[test]
    fn what_is_not_reachable_from_outside() {
        for (address, private) in [
            ("::ffff:10.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:8.8.8.8", false),
            ("2001:1::1", false),
            ("2001:1::4", true),
            ("2001:20::1", false),
            ("2001:200::1", false),
            ("3fff:fff::1", true),
            ("3fff:1000::1", false),
            ("64:ff9b::1", false),
            ("64:ff9b:1::1", true),
            ("::", true),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }
}
