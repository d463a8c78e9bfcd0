//! A passkey in software, as a phone would have it: for tests that a browser's virtual authenticator does not let through,
//! such as answers for another site.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Challenge;

/// How it answers. Everything is right at first.
#[derive(Clone)]
pub(crate) struct SoftKey {
    pub(crate) key: SigningKey,
    pub(crate) id: Vec<u8>,
    pub(crate) user_handle: Vec<u8>,
    pub(crate) rp_id: String,
    pub(crate) origin: String,
    pub(crate) counter: u32,
    pub(crate) is_verified: bool,
    pub(crate) is_present: bool,
    /// Whether it may be in several places, and whether it is.
    pub(crate) backup: (bool, bool),
    pub(crate) is_cross_origin: bool,
}

impl SoftKey {
    /// A key that answers for `https://{rp_id}`, number `seed` of its kind.
    pub(crate) fn new(rp_id: &str, seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).unwrap(),
            id: vec![seed; 16],
            user_handle: Vec::new(),
            rp_id: rp_id.to_owned(),
            origin: format!("https://{rp_id}"),
            counter: 0,
            is_verified: true,
            is_present: true,
            backup: (false, false),
            is_cross_origin: false,
        }
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.is_cross_origin })
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, registers: bool) -> Vec<u8> {
        let flags = u8::from(self.is_present)
            | u8::from(self.is_verified) << 2
            | u8::from(self.backup.0) << 3
            | u8::from(self.backup.1) << 4
            | u8::from(registers) << 6;
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The answer to a challenge to register; it keeps the user's handle.
    pub(crate) fn register(&mut self, challenge: &Challenge) -> String {
        let options = &challenge.options["publicKey"];
        self.user_handle = URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let mut data = self.authenticator_data(true);
        data.extend([0; 16]);
        data.extend([0, self.id.len() as u8]);
        data.extend(&self.id);
        let point = self.key.verifying_key().to_sec1_point(false);
        // A COSE key: EC2, ES256, P-256, x, y.
        data.extend([0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 32]);
        data.extend(point.y().unwrap());
        // A map of fmt, attStmt and authData.
        let mut object = b"\xA3\x63fmt\x64none\x67attStmt\xA0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let response =
            json!({ "attestationObject": base64(&object), "clientDataJSON": base64(&client_data) });
        self.answer(challenge, &response)
    }

    /// The answer to a challenge to sign in.
    pub(crate) fn sign(&self, challenge: &Challenge) -> String {
        let client_data = self.client_data("webauthn.get", &challenge.options["publicKey"]["challenge"]);
        let data = self.authenticator_data(false);
        let signed = [&*data, &*Sha256::digest(&client_data)].concat();
        let signature: DerSignature = self.key.sign(&signed);
        let response = json!({
            "authenticatorData": base64(&data),
            "clientDataJSON": base64(&client_data),
            "signature": base64(signature.as_bytes()),
            "userHandle": base64(&self.user_handle),
        });
        self.answer(challenge, &response)
    }

    fn answer(&self, challenge: &Challenge, response: &Value) -> String {
        let id = base64(&self.id);
        let credential = json!({
            "id": id, "rawId": id, "type": "public-key", "response": response,
            "authenticatorAttachment": "platform", "clientExtensionResults": {},
        });
        json!({ "state": challenge.state, "credential": credential }).to_string()
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
