use ipnet::Ipv6Net;
use serde_json::json;

use super::ip::{ANY_PATTERN, V6, V6_ARGS, flag};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter valid IPv6 address");

/// The text where a subnet in the rule's arguments is none.
pub(super) const BAD_SUBNET: &str = "invalid subnet provided";

/// `IS_IPV6`: an IP address of version 6, without a zone. The text comes back as it is.
///
/// # Defaults
/// Any address.
///
/// # Errors
/// Code `is_ipv6`. As data, a subnet that is none refuses every address with the code `is_ipv6.subnets`.
///
/// ```
/// use frontdesk_validate::{IsIpv6, Rules};
///
/// let ours = Rules::one(IsIpv6::new().subnet("2001:db8::/32".parse().unwrap()));
/// assert!(ours.check_now("2001:db8::1".into()).is_ok());
/// assert_eq!(ours.check_now("2001:db9::1".into()).unwrap_err().text(), "Enter valid IPv6 address");
///
/// assert!(Rules::one(IsIpv6::new().is_routeable()).check_now("fe80::1".into()).is_err());
/// ```
#[derive(Clone, Debug)]
pub struct IsIpv6 {
    asked: V6,
    message: Message,
}

impl Default for IsIpv6 {
    fn default() -> Self {
        Self { asked: V6::default(), message: MESSAGE }
    }
}

impl IsIpv6 {
    /// Any address.
    pub fn new() -> Self {
        Self::default()
    }

    flag! {
        /// What is not reachable from outside by IANA's registry: unique local (`fc00::/7`) and link-local addresses,
        /// loopback, documentation, and the like.
        is_private => asked.private
    }
    flag! {
        /// Link-local addresses: `fe80::/10`.
        is_link_local => asked.link_local
    }
    flag! {
        /// Addresses that the IETF reserves, loopback among them.
        is_reserved => asked.reserved
    }
    flag! {
        /// Multicast addresses: `ff00::/8`.
        is_multicast => asked.multicast
    }
    flag! {
        /// Addresses with a 6to4 address in them: `2002::/16`.
        is_6to4 => asked.six_to_four
    }
    flag! {
        /// Teredo addresses: `2001::/32`.
        is_teredo => asked.teredo
    }

    /// Forbids private, reserved and multicast addresses, whatever else is said about them.
    #[must_use]
    pub fn is_routeable(mut self) -> Self {
        self.asked.routeable = true;
        self
    }

    /// Accepts the addresses of a subnet; called again, those of that one too.
    #[must_use]
    pub fn subnet(mut self, net: Ipv6Net) -> Self {
        self.asked.subnets.push(net);
        self
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsIpv6 {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsIpv6 {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(_) if self.asked.bad_subnet => Err(ValidationError::new("is_ipv6.subnets", BAD_SUBNET)),
            Some(address) if self.asked.accepts(address) => Ok(value),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.match_whole(ANY_PATTERN, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string", "format": "ipv6", "pattern": json_schema::whole(ANY_PATTERN)}));
    }
}

impl FromArgs for IsIpv6 {
    const NAME: &'static str = "is_ipv6";
    const ARGS: &'static [&'static str] = {
        let [link_local, reserved, multicast, routeable, six_to_four, teredo, subnets] = V6_ARGS;
        &[
            "is_private",
            link_local,
            reserved,
            multicast,
            routeable,
            six_to_four,
            teredo,
            subnets,
            "error_message",
        ]
    };

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let asked = V6 { private: args.flag("is_private")?, ..V6::from_args(args)? };
        Ok(Self { asked, message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn host_bits_of_a_subnet_do_not_matter() {
        let rule = Rules::one(IsIpv6::new().subnet("2001::1/32".parse().unwrap()));
        assert!(rule.check_now("2001::2".into()).is_ok());
    }

    #[test]
    fn a_zone_is_refused() {
        assert!(Rules::one(IsIpv6::new()).check_now("fe80::1%eth0".into()).is_err());
    }
}
