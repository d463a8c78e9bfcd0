use std::fmt;

/// What a user needs to set a second factor up. It is shown once: most of it is secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The QR code for the app, as PNG.
    pub qrcode_image: Option<Vec<u8>>,
    /// The secret in base32, for who cannot read the QR code.
    pub secret: Option<String>,
    /// What the QR code holds: `otpauth://totp/...`.
    pub otpauth_uri: Option<String>,
    /// The recovery codes. They count once the factor does.
    pub recovery_codes: Vec<String>,
    /// Where a code was sent to.
    pub sent_to: Option<String>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registration(..)")
    }
}
