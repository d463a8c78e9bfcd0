use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use ipnet::IpNet;
use serde_json::json;

use super::ip::{self, ANY_PATTERN, V4, V4_ARGS, V6, V6_ARGS, flag};
use super::is_ipv6::BAD_SUBNET;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter valid IP address");

/// `IS_IPADDRESS`: an IP address of either version. The text comes back as it is.
///
/// What is asked of one version only, such as [`range`](Self::range) or [`is_multicast`](Self::is_multicast), is not
/// asked of the other; see [`IsIpv4`](crate::IsIpv4) and [`IsIpv6`](crate::IsIpv6) for the meanings.
///
/// # Defaults
/// Any address.
///
/// # Errors
/// Code `is_ipaddress`. As data, a subnet that is none refuses every address of version 6 with the code
/// `is_ipaddress.subnets`.
///
/// ```
/// use frontdesk_validate::{IsIpaddress, Rules};
///
/// let any = Rules::one(IsIpaddress::new());
/// assert!(any.check_now("192.168.1.5".into()).is_ok());
/// assert!(any.check_now("fe80::1".into()).is_ok());
/// assert_eq!(any.check_now("localhost".into()).unwrap_err().text(), "Enter valid IP address");
///
/// let ours = Rules::one(IsIpaddress::new().subnet("10.0.0.0/8".parse().unwrap()).is_ipv4(true));
/// assert!(ours.check_now("10.1.2.3".into()).is_ok());
/// assert!(ours.check_now("::1".into()).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct IsIpaddress {
    v4: V4,
    v6: V6,
    is_v4: Option<bool>,
    is_v6: Option<bool>,
    message: Message,
}

impl Default for IsIpaddress {
    fn default() -> Self {
        Self { v4: V4::default(), v6: V6::default(), is_v4: None, is_v6: None, message: MESSAGE }
    }
}

impl IsIpaddress {
    /// Any address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of version 4, accepts the addresses in `range`; called again, those in that range too.
    #[must_use]
    pub fn range(mut self, range: RangeInclusive<Ipv4Addr>) -> Self {
        self.v4.ranges.push(range);
        self
    }

    /// Of the subnet's version, accepts its addresses; called again, those of that subnet too.
    #[must_use]
    pub fn subnet(mut self, net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => self.v4.ranges.push(ip::network(net)),
            IpNet::V6(net) => self.v6.subnets.push(net),
        }
        self
    }

    /// Of version 4, accepts the addresses outside of all ranges instead.
    #[must_use]
    pub fn invert(mut self) -> Self {
        self.v4.invert = true;
        self
    }

    flag! {
        /// Addresses of version 4.
        is_ipv4 => is_v4
    }
    flag! {
        /// Addresses of version 6.
        is_ipv6 => is_v6
    }
    flag! {
        /// Of version 4, the address `127.0.0.1`.
        is_localhost => v4.localhost
    }
    flag! {
        /// Of version 4, the addresses that computers give themselves: `169.254.0.0/16`.
        is_automatic => v4.automatic
    }
    flag! {
        /// Of version 6, link-local addresses: `fe80::/10`.
        is_link_local => v6.link_local
    }
    flag! {
        /// Of version 6, addresses that the IETF reserves, loopback among them.
        is_reserved => v6.reserved
    }
    flag! {
        /// Of version 6, multicast addresses: `ff00::/8`.
        is_multicast => v6.multicast
    }
    flag! {
        /// Of version 6, addresses with a 6to4 address in them: `2002::/16`.
        is_6to4 => v6.six_to_four
    }
    flag! {
        /// Of version 6, Teredo addresses: `2001::/32`.
        is_teredo => v6.teredo
    }

    /// The addresses of private networks, of either version.
    ///
    /// True asks for it, false forbids it. Default: not asked.
    #[must_use]
    pub fn is_private(mut self, wanted: bool) -> Self {
        self.v4.private = Some(wanted);
        self.v6.private = Some(wanted);
        self
    }

    /// Of version 6, forbids private, reserved and multicast addresses, whatever else is said about them.
    #[must_use]
    pub fn is_routeable(mut self) -> Self {
        self.v6.routeable = true;
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }

    fn accepts(&self, address: IpAddr) -> bool {
        self.is_v4.is_none_or(|wanted| wanted == address.is_ipv4())
            && self.is_v6.is_none_or(|wanted| wanted == address.is_ipv6())
            && match address {
                IpAddr::V4(address) => self.v4.accepts(address),
                IpAddr::V6(address) => self.v6.accepts(address),
            }
    }
}

impl IsIpaddress {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsIpaddress {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(IpAddr::V6(_)) if self.v6.bad_subnet => {
                Err(ValidationError::new("is_ipaddress.subnets", BAD_SUBNET))
            }
            Some(address) if self.accepts(address) => Ok(value),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.match_whole(ANY_PATTERN, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string", "pattern": json_schema::whole(ANY_PATTERN)}));
    }
}

impl FromArgs for IsIpaddress {
    const NAME: &'static str = "is_ipaddress";
    const ARGS: &'static [&'static str] = {
        let [minip, maxip, invert, localhost, private, automatic] = V4_ARGS;
        let [link_local, reserved, multicast, routeable, six_to_four, teredo, subnets] = V6_ARGS;
        &[
            minip,
            maxip,
            invert,
            localhost,
            private,
            automatic,
            "is_ipv4",
            link_local,
            reserved,
            multicast,
            routeable,
            six_to_four,
            teredo,
            subnets,
            "is_ipv6",
            "error_message",
        ]
    };

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let v4 = V4::from_args(args)?;
        let v6 = V6 { private: v4.private, ..V6::from_args(args)? };
        Ok(Self {
            v4,
            v6,
            is_v4: args.flag("is_ipv4")?,
            is_v6: args.flag("is_ipv6")?,
            message: args.message()?.unwrap_or(MESSAGE),
        })
    }
}
