//! The signed state that travels in a form: what the form was when it was drawn.
//!
//! It is the value of the hidden input `_formkey`, in base64url: the state, and behind it an HMAC over the state and over
//! what it is bound to ([`Binding`]) without carrying it. It is signed, not secret: it holds nothing that the visitor did
//! not see, but for the random names of files that only their owner can ask for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use frontdesk_web::Purpose;

/// The key that signs the states of one form: that of another form, or of one with other fields, is another.
#[derive(Clone, Debug)]
pub(crate) struct FormKey(Purpose);

impl FormKey {
    /// `fields` is a digest of the names of the form's fields: a state counts them.
    pub(crate) fn new(forms: &Purpose, form_name: &str, signing_info: &str, fields: &[u8]) -> Self {
        Self(forms.narrow(&[form_name.as_bytes(), signing_info.as_bytes(), fields]))
    }
}

/// What a state is bound to besides its form. One that was made for other values is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding<'a> {
    /// The record that is edited; empty for a new one.
    pub(crate) record: &'a str,
    /// The session, or the browser's random value.
    pub(crate) session: &'a [u8],
}

/// Why a state is not accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StateError {
    /// It is none, or made for something else.
    Invalid,
    /// It was good, and is too old.
    Expired(Box<FormState>),
}

/// What is known of a form since it was drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormState {
    /// When it was drawn, in seconds since 1970.
    pub(crate) issued: u64,
    /// Names this rendering of the form: what it writes is written once.
    pub(crate) id: [u8; 16],
    /// The form's own row first, then those of its sub-forms. None for a new row of which nothing is known yet.
    pub(crate) rows: Vec<RowState>,
}

/// What is known of one row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowState {
    /// Which sub-form it belongs to, and its number there; `None` for the form's own row.
    pub(crate) place: Option<(u32, u32)>,
    /// The identity of a sub-form's row that exists; empty for a new one. That of the form's own is in [`Binding`].
    pub(crate) key: String,
    /// The digest of the row as it was loaded.
    pub(crate) digest: Option<[u8; 16]>,
    /// The inputs that were drawn, by number of the field; `None` means all that the form has.
    pub(crate) drawn: Option<Vec<u32>>,
    /// What stood in the inputs, by number of the field.
    pub(crate) shown: Vec<(u32, Vec<Shown>)>,
    /// The fields that others changed as well, with what stood there before: which is to stay, was asked.
    pub(crate) asked: Vec<(u32, Vec<Shown>)>,
    /// Uploads that were kept.
    pub(crate) kept: Vec<Kept>,
}

/// A text as it stood in an input; of a long one the beginning, and a digest of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Whole(String),
    Long { start: String, digest: [u8; 16] },
}

/// An upload that was kept in the quarantine when its form was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The field's number.
    pub(crate) field: u32,
    /// The file's random name in the quarantine.
    pub(crate) token: String,
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) media_type: Option<String>,
}

/// The longest text that a state carries whole, in bytes.
const WHOLE: usize = 1024;
/// How much of a longer one it carries.
const START: usize = 200;

impl Shown {
    pub(crate) fn new(text: &str) -> Self {
        if text.len() <= WHOLE {
            return Self::Whole(text.to_owned());
        }
        let start = text[..text.floor_char_boundary(START)].to_owned();
        Self::Long { start, digest: digest(&[text.as_bytes()]) }
    }

    /// Whether this is `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        match self {
            Self::Whole(whole) => whole == text,
            Self::Long { digest: known, .. } => *known == digest(&[text.as_bytes()]),
        }
    }

    /// The text, or how it begins.
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Whole(text) => text.into(),
            Self::Long { start, .. } => format!("{start}…").into(),
        }
    }
}

/// The first 16 bytes of the SHA-256 of `parts`, each with its length before it.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 16] {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    digest
}

/// Random bytes for an id. The operating system is asked for those of 64 ids at once: each question costs as much as
/// signing a state. What was given away is wiped.
fn random() -> [u8; 16] {
    use std::cell::RefCell;
    const STOCK: usize = 1024;
    thread_local! {
        static POOL: RefCell<([u8; STOCK], usize)> = const { RefCell::new(([0; STOCK], STOCK)) };
    }
    POOL.with_borrow_mut(|(stock, used)| {
        if *used == STOCK {
            getrandom::fill(stock).expect("the operating system gives random numbers");
            *used = 0;
        }
        let mut id = [0; 16];
        let taken = &mut stock[*used..*used + id.len()];
        id.copy_from_slice(taken);
        taken.fill(0);
        *used += id.len();
        id
    })
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl FormState {
    /// The state of a form that is drawn now, with nothing known of its rows.
    pub(crate) fn new() -> Self {
        Self { issued: now(), id: random(), rows: Vec::new() }
    }

    /// What is known of the form's own row.
    pub(crate) fn own(&self) -> Option<&RowState> {
        self.rows.first().filter(|row| row.place.is_none())
    }

    /// Reads a state without looking at its signature. Only for what harms nobody but the one who altered it.
    pub(crate) fn peek(text: &str) -> Option<Self> {
        let signed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, _) = signed.split_last_chunk::<MAC>()?;
        Self::decode(payload)
    }

    /// The same without the files that were kept.
    pub(crate) fn without_files(mut self) -> Self {
        self.rows.iter_mut().for_each(|row| row.kept.clear());
        self
    }

    /// Signs it. The text has to be escaped nowhere.
    pub(crate) fn sign(&self, key: &FormKey, binding: Binding<'_>) -> String {
        if self.rows.is_empty() {
            // Most forms are new, and take no memory but that of the text.
            let (mut signed, end) = self.encode_start();
            let mac = key.0.mac(&binding.parts(&signed[..end]));
            signed[end..end + MAC].copy_from_slice(&mac);
            return URL_SAFE_NO_PAD.encode(&signed[..end + MAC]);
        }
        let mut signed = self.encode();
        let mac = key.0.mac(&binding.parts(&signed));
        signed.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(signed)
    }

    /// Reads a signed state, and checks its age where it has a lifespan.
    pub(crate) fn verify(
        text: &str,
        key: &FormKey,
        binding: Binding<'_>,
        lifespan: Option<Duration>,
    ) -> Result<Self, StateError> {
        let mut short = [0; SHORT];
        let long;
        let signed = if text.len() <= SHORT {
            let length = URL_SAFE_NO_PAD.decode_slice(text, &mut short).map_err(|_| StateError::Invalid)?;
            &short[..length]
        } else {
            long = URL_SAFE_NO_PAD.decode(text).map_err(|_| StateError::Invalid)?;
            &*long
        };
        let (payload, mac) = signed.split_last_chunk::<MAC>().ok_or(StateError::Invalid)?;
        if !key.0.verify_mac(&binding.parts(payload), mac) {
            return Err(StateError::Invalid);
        }
        let state = Self::decode(payload).ok_or(StateError::Invalid)?;
        match lifespan {
            Some(lifespan) if now().saturating_sub(state.issued) > lifespan.as_secs() => {
                Err(StateError::Expired(Box::new(state)))
            }
            _ => Ok(state),
        }
    }

    /// What stands before the rows, with room for a MAC behind it, and where it ends.
    fn encode_start(&self) -> ([u8; 64], usize) {
        let mut out = [0; 64];
        out[0] = VERSION;
        let (issued, length) = bytes_of(self.issued);
        out[1..1 + issued.len()].copy_from_slice(&issued);
        let end = 1 + length;
        out[end..end + self.id.len()].copy_from_slice(&self.id);
        (out, end + self.id.len())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32 + 64 * self.rows.len() + MAC);
        let (start, end) = self.encode_start();
        out.extend_from_slice(&start[..end]);
        for row in &self.rows {
            let (children, index) = row.place.map_or((0, 0), |(children, index)| (children + 1, index));
            number(&mut out, children.into());
            number(&mut out, index.into());
            bytes(&mut out, row.key.as_bytes());
            bytes(&mut out, row.digest.as_ref().map_or(&[][..], |digest| digest));
            match &row.drawn {
                None => number(&mut out, 0),
                Some(drawn) => {
                    number(&mut out, drawn.len() as u64 + 1);
                    drawn.iter().for_each(|field| number(&mut out, (*field).into()));
                }
            }
            shown(&mut out, &row.shown);
            shown(&mut out, &row.asked);
            number(&mut out, row.kept.len() as u64);
            for kept in &row.kept {
                number(&mut out, kept.field.into());
                bytes(&mut out, kept.token.as_bytes());
                bytes(&mut out, kept.name.as_bytes());
                number(&mut out, kept.size);
                bytes(&mut out, kept.media_type.as_deref().unwrap_or_default().as_bytes());
            }
        }
        out
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut input = Input(payload);
        if input.byte()? != VERSION {
            return None;
        }
        let issued = input.number()?;
        let id = input.take(16)?.try_into().ok()?;
        let mut rows = Vec::new();
        while !input.0.is_empty() {
            rows.push(input.row()?);
        }
        Some(Self { issued, id, rows })
    }
}

const VERSION: u8 = 1;

/// Up to how many letters a state is read without asking for memory. Most have 72.
const SHORT: usize = 128;

/// How many bytes the HMAC has.
const MAC: usize = 32;

/// A number: seven bits a byte, the least first; and how many bytes that is.
fn bytes_of(mut value: u64) -> ([u8; 10], usize) {
    let (mut bytes, mut last) = ([0; 10], 0);
    while value >= 0x80 {
        bytes[last] = (value & 0x7F) as u8 | 0x80;
        value >>= 7;
        last += 1;
    }
    bytes[last] = value as u8;
    (bytes, last + 1)
}

fn number(out: &mut Vec<u8>, value: u64) {
    let (bytes, length) = bytes_of(value);
    out.extend_from_slice(&bytes[..length]);
}

fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    number(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn shown(out: &mut Vec<u8>, fields: &[(u32, Vec<Shown>)]) {
    number(out, fields.len() as u64);
    for (field, texts) in fields {
        number(out, (*field).into());
        number(out, texts.len() as u64);
        for text in texts {
            match text {
                Shown::Whole(text) => {
                    out.push(0);
                    bytes(out, text.as_bytes());
                }
                Shown::Long { start, digest } => {
                    out.push(1);
                    bytes(out, start.as_bytes());
                    out.extend_from_slice(digest);
                }
            }
        }
    }
}

/// What is left to read. Nothing is reserved by a count that was read: what follows may be less.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn small(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn row(&mut self) -> Option<RowState> {
        let (children, index) = (self.small()?, self.small()?);
        let place = children.checked_sub(1).map(|children| (children, index));
        let key = self.text()?;
        let digest = match self.number()? {
            0 => None,
            16 => Some(self.take(16)?.try_into().ok()?),
            _ => return None,
        };
        let drawn = match self.number()?.checked_sub(1) {
            None => None,
            Some(count) => Some(self.repeat(count, Self::small)?),
        };
        let (shown, asked) = (self.fields()?, self.fields()?);
        let count = self.number()?;
        let kept = self.repeat(count, |input| {
            Some(Kept {
                field: input.small()?,
                token: input.text()?,
                name: input.text()?,
                size: input.number()?,
                media_type: Some(input.text()?).filter(|kind| !kind.is_empty()),
            })
        })?;
        Some(RowState { place, key, digest, drawn, shown, asked, kept })
    }

    fn fields(&mut self) -> Option<Vec<(u32, Vec<Shown>)>> {
        let count = self.number()?;
        self.repeat(count, |input| {
            let field = input.small()?;
            let count = input.number()?;
            Some((field, input.repeat(count, Self::shown)?))
        })
    }

    fn shown(&mut self) -> Option<Shown> {
        Some(match self.byte()? {
            0 => Shown::Whole(self.text()?),
            1 => Shown::Long { start: self.text()?, digest: self.take(16)?.try_into().ok()? },
            _ => return None,
        })
    }

    fn repeat<T>(&mut self, count: u64, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        // Each item takes a byte at least.
        if count > self.0.len() as u64 {
            return None;
        }
        (0..count).map(|_| read(self)).collect()
    }
}

impl Binding<'_> {
    fn parts<'p>(&'p self, payload: &'p [u8]) -> [&'p [u8]; 3] {
        [payload, self.record.as_bytes(), self.session]
    }
}

#[cfg(test)]
mod tests {
    use frontdesk_web::{Secret, Signer};
    use proptest::prelude::*;

    use super::*;

    const MINE: Binding<'_> = Binding { record: "7", session: b"abc" };

    fn key() -> FormKey {
        FormKey::new(&Signer::new(Secret::random()).purpose("form"), "thing", "", b"name")
    }

    fn rich() -> FormState {
        let own = RowState {
            digest: Some([7; 16]),
            drawn: Some(vec![0, 2, 300]),
            shown: vec![(0, vec![Shown::new("é"), Shown::new(&"x".repeat(5000))]), (2, Vec::new())],
            asked: vec![(0, vec![Shown::new("before")])],
            kept: vec![Kept {
                field: 2,
                token: "abc-def".to_owned(),
                name: "größe.png".to_owned(),
                size: 1 << 40,
                media_type: Some("image/png".to_owned()),
            }],
            ..RowState::default()
        };
        let child = RowState { place: Some((0, 12)), key: "1~2".to_owned(), ..RowState::default() };
        FormState { rows: vec![own, child], ..FormState::new() }
    }

    #[test]
    fn form_19_csrf_02_a_state_is_good_for_what_it_was_made_for_alone() {
        let forms = Signer::new(Secret::random()).purpose("form");
        let key = FormKey::new(&forms, "thing", "", b"name");
        let state = rich();
        let text = state.sign(&key, MINE);
        assert_eq!(FormState::verify(&text, &key, MINE, None), Ok(state));
        for other in [Binding { record: "8", ..MINE }, Binding { session: b"abd", ..MINE }] {
            assert_eq!(FormState::verify(&text, &key, other, None), Err(StateError::Invalid), "{other:?}");
        }
        for key in [
            FormKey::new(&forms, "other", "", b"name"),
            FormKey::new(&forms, "thing", "x", b"name"),
            FormKey::new(&forms, "thing", "", b"name2"),
            self::key(),
        ] {
            assert_eq!(FormState::verify(&text, &key, MINE, None), Err(StateError::Invalid));
        }
    }

    #[test]
    fn form_19_csrf_02_every_changed_byte_is_noticed() {
        let key = key();
        for state in [FormState::new(), rich()] {
            let text = state.sign(&key, MINE);
            for at in 0..text.len() {
                let mut bytes = text.clone().into_bytes();
                bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
                let changed = String::from_utf8(bytes).unwrap();
                assert!(FormState::verify(&changed, &key, MINE, None).is_err(), "{changed}");
            }
            for cut in ["", ".", "x.", &text[1..], &text[..text.len() - 1]] {
                assert!(FormState::verify(cut, &key, MINE, None).is_err());
            }
        }
    }

    #[test]
    fn csrf_06_an_old_state_is_expired_not_invalid() {
        let key = key();
        let old = FormState { issued: now() - 100, ..rich() };
        let text = old.sign(&key, MINE);
        let expired = Err(StateError::Expired(Box::new(old.clone())));
        assert_eq!(FormState::verify(&text, &key, MINE, Some(Duration::from_secs(99))), expired);
        assert_eq!(FormState::verify(&text, &key, MINE, Some(Duration::from_secs(200))), Ok(old));
    }

    #[test]
    fn form_11_no_two_forms_have_one_id() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| FormState::new().id).collect();
        assert_eq!(ids.len(), 1000);
        assert!(!ids.contains(&[0; 16]));
    }

    #[test]
    fn a_long_text_is_known_by_its_digest() {
        let long = "ä".repeat(1000);
        let shown = Shown::new(&long);
        assert!(shown.is(&long) && !shown.is(&long[2..]));
        assert!(shown.text().len() < 300);
        assert!(Shown::new("short").is("short"));
    }

    proptest! {
        #[test]
        fn form_19_any_bytes_decode_to_a_state_or_to_none(payload: Vec<u8>) {
            let mut known = vec![VERSION];
            known.extend(&payload);
            for bytes in [payload, known] {
                if let Some(state) = FormState::decode(&bytes) {
                    prop_assert_eq!(FormState::decode(&state.encode()), Some(state));
                }
            }
        }
    }
}
