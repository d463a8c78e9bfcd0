use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::Extensions;

/// The nonce of a page's inline style and script: a new one for each.
pub(super) fn nonce_of(_extensions: &Extensions) -> String {
    let mut random = [0; 18];
    getrandom::fill(&mut random).expect("the operating system gives random numbers");
    STANDARD_NO_PAD.encode(random)
}
