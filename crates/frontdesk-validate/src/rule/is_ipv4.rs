use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;
use serde_json::json;

use super::ip::{self, V4, V4_ARGS, V4_PATTERN, flag};
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, ValidationError,
    Validator, Value, json_schema,
};

const MESSAGE: Message = Message::new("Enter valid IPv4 address");

/// `IS_IPV4`: an IP address of version 4 in decimal form. The text comes back as it is.
///
/// Numbers have no leading zeros, which some programs take for octal.
///
/// # Defaults
/// Any address.
///
/// # Errors
/// Code `is_ipv4`.
///
/// ```
/// use std::net::Ipv4Addr;
///
/// use frontdesk_validate::{IsIpv4, Rules};
///
/// let range = Ipv4Addr::new(192, 168, 20, 10)..=Ipv4Addr::new(192, 168, 20, 19);
/// let printer = Rules::one(IsIpv4::new().range(range));
/// assert!(printer.check_now("192.168.20.12".into()).is_ok());
/// assert_eq!(printer.check_now("192.168.20.20".into()).unwrap_err().text(), "Enter valid IPv4 address");
///
/// assert!(Rules::one(IsIpv4::new().is_private(true)).check_now("10.0.0.1".into()).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct IsIpv4 {
    asked: V4,
    message: Message,
}

impl Default for IsIpv4 {
    fn default() -> Self {
        Self { asked: V4::default(), message: MESSAGE }
    }
}

impl IsIpv4 {
    /// Any address.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts the addresses in `range`; called again, those in that range too.
    #[must_use]
    pub fn range(mut self, range: RangeInclusive<Ipv4Addr>) -> Self {
        self.asked.ranges.push(range);
        self
    }

    /// Accepts the addresses of a network, as [`range`](Self::range) does.
    #[must_use]
    pub fn network(self, net: Ipv4Net) -> Self {
        self.range(ip::network(net))
    }

    /// Accepts the addresses outside of all ranges instead.
    #[must_use]
    pub fn invert(mut self) -> Self {
        self.asked.invert = true;
        self
    }

    flag! {
        /// The address `127.0.0.1`.
        is_localhost => asked.localhost
    }
    flag! {
        /// The addresses of private networks by RFC 1918: `10.0.0.0/8`, `172.16.0.0/12` and `192.168.0.0/16`.
        is_private => asked.private
    }
    flag! {
        /// The addresses that computers give themselves: `169.254.0.0/16`.
        is_automatic => asked.automatic
    }

    /// Another text for the error.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = message.into().given();
        self
    }
}

impl IsIpv4 {
    fn error(&self) -> ValidationError {
        ValidationError::with_params(Self::NAME, &self.message, Vec::new())
    }
}

impl Validator for IsIpv4 {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(address) if self.asked.accepts(address) => Ok(value),
            _ => Err(self.error()),
        }
        .into()
    }

    fn constraints(&self, out: &mut Constraints) {
        out.match_whole(V4_PATTERN, self.error());
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        out.and(json!({"type": "string", "format": "ipv4", "pattern": json_schema::whole(V4_PATTERN)}));
    }
}

impl FromArgs for IsIpv4 {
    const NAME: &'static str = "is_ipv4";
    const ARGS: &'static [&'static str] = {
        let [minip, maxip, invert, localhost, private, automatic] = V4_ARGS;
        &[minip, maxip, invert, localhost, private, automatic, "error_message"]
    };

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        Ok(Self { asked: V4::from_args(args)?, message: args.message()?.unwrap_or(MESSAGE) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Registry, Rules};

    #[test]
    fn an_inverted_rule_accepts_what_is_outside_of_all_ranges() {
        let net = |text: &str| text.parse::<Ipv4Net>().unwrap();
        let rule = Rules::one(IsIpv4::new().network(net("10.0.0.0/8")).network(net("20.0.0.0/8")).invert());
        assert!(rule.check_now("30.0.0.1".into()).is_ok());
        assert!(rule.check_now("10.0.0.1".into()).is_err());
        assert!(rule.check_now("20.255.255.255".into()).is_err());
    }

    #[test]
    fn an_address_that_is_none_is_an_error_of_the_argument() {
        for wrong in
            [json!("10.0.0"), json!([10, 0, 0]), json!([10, 0, 0, 256]), json!([]), json!(["10.0.0.1", 7])]
        {
            let error = Registry::standard().rules(&json!({"rule": "is_ipv4", "minip": wrong})).unwrap_err();
            assert!(error.to_string().contains("`minip` wants an address"), "{error}");
        }
    }
}
