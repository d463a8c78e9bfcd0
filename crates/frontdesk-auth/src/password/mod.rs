//! Which passwords are good enough.

mod common;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::{AuthError, User};

/// A password as it is hashed and compared: in Unicode's form NFC, and else as it was typed.
pub(crate) fn normalized(password: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(password)
}

/// How many characters must be left of a password when what is known of its owner is taken out of it.
const LEFT: usize = 8;

/// Which passwords are accepted: long ones that are not among the first that anybody would try.
///
/// Nothing is asked about digits or capital letters, and no password grows too old: such rules make passwords worse ([NIST
/// SP 800-63B-4](https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver), section 3.1.1).
///
/// # Defaults
/// At least 15 characters, or 8 where a second factor is asked for at every sign-in; at most 256. A list of 10,000
/// passwords that many people choose, and repetitions and rows of keys.
///
/// ```
/// use frontdesk_auth::{PasswordPolicy, PasswordProblem};
///
/// let policy = PasswordPolicy::new();
/// assert_eq!(policy.check("correct horse", &[]), Err(PasswordProblem::TooShort { min: 15 }));
/// assert_eq!(policy.check("passwordpassword", &[]), Err(PasswordProblem::Common));
/// assert_eq!(policy.check("ada-lovelace-1815", &["ada", "lovelace"]), Err(PasswordProblem::Personal));
/// assert_eq!(policy.check("a quiet green lamp", &[]), Ok(()));
/// ```
#[derive(Clone)]
pub struct PasswordPolicy {
    min: usize,
    min_with_second_factor: usize,
    second_factor: bool,
    max: usize,
    common: bool,
    blocked: Arc<HashSet<String>>,
    site_name: Option<Arc<str>>,
}

/// Why a password is not accepted. What it displays is for the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordProblem {
    /// It has too few characters.
    #[error("Password must be at least {min} characters long.")]
    TooShort {
        /// How many it needs.
        min: usize,
    },
    /// It has too many characters.
    #[error("Password must be at most {max} characters long.")]
    TooLong {
        /// How many it may have.
        max: usize,
    },
    /// It is among the first that anybody would try.
    #[error("This password is one of those that are guessed first. Choose another one.")]
    Common,
    /// It is made of the user's name, their e-mail address, or what the site is called.
    #[error(
        "This password is made of your name, your email address or the name of this site. Choose another one."
    )]
    Personal,
    /// It is the hash of a password.
    #[error("This looks like the hash of a password. Choose a password.")]
    LooksHashed,
}

impl PasswordProblem {
    /// The key of its sentence in the catalogues of languages.
    pub fn key(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "auth-password-too-short",
            Self::TooLong { .. } => "auth-password-too-long",
            Self::Common => "auth-password-common",
            Self::Personal => "auth-password-personal",
            Self::LooksHashed => "auth-password-looks-hashed",
        }
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl PasswordPolicy {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            min: 15,
            min_with_second_factor: 8,
            second_factor: false,
            max: 256,
            common: true,
            blocked: Arc::default(),
            site_name: None,
        }
    }

    /// Sets the fewest characters of a password that is all there is to sign in with.
    #[must_use]
    pub fn min_length(mut self, characters: usize) -> Self {
        self.min = characters;
        self
    }

    /// Sets the fewest characters of a password beside a second factor.
    #[must_use]
    pub fn min_length_with_second_factor(mut self, characters: usize) -> Self {
        self.min_with_second_factor = characters;
        self
    }

    /// Says that nobody signs in without a second factor, so that passwords may be shorter.
    #[must_use]
    pub fn second_factor_enforced(mut self, enforced: bool) -> Self {
        self.second_factor = enforced;
        self
    }

    /// Sets the most characters of a password. Let [`Users::longest_password`](crate::Users::longest_password) be no less.
    ///
    /// # Warnings
    /// Fewer than 64 keep people from using whole sentences.
    #[must_use]
    pub fn max_length(mut self, characters: usize) -> Self {
        self.max = characters;
        self
    }

    /// Sets whether passwords are refused that many people choose.
    #[must_use]
    pub fn block_common(mut self, block: bool) -> Self {
        self.common = block;
        self
    }

    /// Refuses these passwords too, in whatever case.
    #[must_use]
    pub fn block<W: AsRef<str>>(mut self, passwords: impl IntoIterator<Item = W>) -> Self {
        let blocked = Arc::make_mut(&mut self.blocked);
        blocked.extend(passwords.into_iter().map(|password| fold(password.as_ref())));
        self
    }

    /// Refuses the passwords in a file too, one a line: a list of leaked ones, say. It is kept in memory.
    ///
    /// # Errors
    /// [`AuthError::Setup`], if the file cannot be read as UTF-8.
    pub fn block_file(self, path: impl AsRef<Path>) -> Result<Self, AuthError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| {
            AuthError::Setup(format!("the list of passwords {} cannot be read: {error}", path.display()))
        })?;
        Ok(self.block(text.lines().filter(|line| !line.is_empty())))
    }

    /// Sets what the site is called: no part of a good password. [`Auth`](crate::Auth) sets its own name.
    #[must_use]
    pub fn site_name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.site_name = Some(name.into());
        self
    }

    /// How many characters a password needs here: what pages show.
    pub fn least(&self) -> usize {
        if self.second_factor { self.min_with_second_factor } else { self.min }
    }

    /// Whether the password is good enough, where `about` are names and addresses that say whose it is.
    ///
    /// Lengths are counted in characters (code points) of NFC; blanks count like any other.
    ///
    /// # Errors
    /// The first of the problems.
    pub fn check(&self, password: &str, about: &[&str]) -> Result<(), PasswordProblem> {
        // Bytes bound characters from above: what is far too long is not looked at any further.
        if password.len() > self.max.saturating_mul(16) {
            return Err(PasswordProblem::TooLong { max: self.max });
        }
        let plain = normalized(password);
        let (length, least) = (plain.chars().count(), self.least());
        if length < least {
            return Err(PasswordProblem::TooShort { min: least });
        }
        if length > self.max {
            return Err(PasswordProblem::TooLong { max: self.max });
        }
        if plain.starts_with("pbkdf2_sha256") || plain.starts_with("$argon2id$") {
            return Err(PasswordProblem::LooksHashed);
        }
        let folded = fold(&plain);
        if self.blocked.contains(&folded) || (self.common && common::is_common(&folded)) {
            return Err(PasswordProblem::Common);
        }
        let site = self.site_name.as_deref();
        if is_personal(&folded, about.iter().copied().chain(site)) {
            return Err(PasswordProblem::Personal);
        }
        Ok(())
    }

    /// As [`check`](Self::check), for a user that there is.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_for(&self, password: &str, user: &User) -> Result<(), PasswordProblem> {
        let names = [&user.email, &user.first_name, &user.last_name];
        let about: Vec<&str> =
            std::iter::once(&*user.username).chain(names.into_iter().flatten().map(|name| &**name)).collect();
        self.check(password, &about)
    }

    /// Whether this is one of the passwords that many people choose, whatever its length.
    pub fn is_common(password: &str) -> bool {
        common::is_common(&fold(&normalized(password)))
    }
}

/// Without the lists.
impl fmt::Debug for PasswordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordPolicy")
            .field("least", &self.least())
            .field("max", &self.max)
            .finish_non_exhaustive()
    }
}

/// Without what makes no difference to who guesses: the case of letters.
fn fold(password: &str) -> String {
    password.to_lowercase()
}

/// Whether too little is left of a password without the words that say whose it is.
fn is_personal<'a>(folded: &str, about: impl Iterator<Item = &'a str>) -> bool {
    let mut words: Vec<String> = about
        .flat_map(|text| {
            let text = text.to_lowercase();
            let parts: Vec<String> =
                text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect();
            parts.into_iter().chain([text])
        })
        .filter(|word| word.chars().count() >= 3)
        .collect();
    // The longest first: `adalovelace` before `ada`.
    words.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words.truncate(32);
    let mut rest = folded.to_owned();
    for word in &words {
        if rest.contains(&**word) {
            rest = rest.replace(&**word, "");
        }
    }
    rest.len() < folded.len() && rest.chars().filter(|letter| letter.is_alphanumeric()).count() < LEFT
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "zyphlornquist vabe umdrek";

    fn of_length(length: usize) -> String {
        GOOD.chars().cycle().take(length).collect()
    }

    #[test]
    fn auth_02_lengths_are_as_stated() {
        let policy = PasswordPolicy::new();
        let short = PasswordPolicy::new().second_factor_enforced(true);
        for (length, plain, with_factor) in [
            (7, false, false),
            (8, false, true),
            (14, false, true),
            (15, true, true),
            (64, true, true),
            (65, true, true),
            (256, true, true),
            (257, false, false),
        ] {
            let password: String = of_length(25)
                .chars()
                .chain("#7 klobim wefty granth oscup".chars().cycle())
                .take(length)
                .collect();
            assert_eq!(policy.check(&password, &[]).is_ok(), plain, "{length}");
            assert_eq!(short.check(&password, &[]).is_ok(), with_factor, "{length}");
        }
    }

    #[test]
    fn auth_02_characters_are_counted_not_bytes_and_nothing_is_trimmed() {
        let policy = PasswordPolicy::new();
        let emoji = "😀🎈🦀🌵🧊🪁🎻🚲🧭🪐🦉🍄🧩🛶";
        assert_eq!(policy.check(emoji, &[]), Err(PasswordProblem::TooShort { min: 15 }));
        assert_eq!(policy.check(&format!("{emoji}🥁"), &[]), Ok(()));
        assert_eq!(policy.check(&format!(" {} ", &GOOD[..13]), &[]), Ok(()), "blanks count");
        // One character, however it is spelled.
        let spelled = "e\u{301}".repeat(7) + "xyzzyq!";
        assert_eq!(policy.check(&spelled, &[]), Err(PasswordProblem::TooShort { min: 15 }));
    }

    #[test]
    fn auth_03_nothing_is_asked_about_kinds_of_characters() {
        assert_eq!(PasswordPolicy::new().check("lamps drift over quiet harbours", &[]), Ok(()));
    }

    #[test]
    fn auth_04_what_is_guessed_first_is_refused() {
        let policy = PasswordPolicy::new();
        for password in [
            "passwordpassword",
            "PasswordPassword",
            "p@sswordp@ssword",
            "passwordpassword123!",
            "correcthorsebatterystaple",
            "correct horse battery staple",
            "iloveyousomuch2024",
            "qwertyuiopasdfghjkl",
            "1qaz2wsx3edc4rfv",
            "123456789012345",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "letmeinpleaseletmeinplease",
            "maytheforcebewithyou",
            "MayTheForceBeWithYou!",
            "thequickbrownfoxjumpsoverthelazydog",
            "princesssunshine",
            "superduperfootball",
            "administratoradministrator",
            "0987654321098765",
        ] {
            assert_eq!(policy.check(password, &[]), Err(PasswordProblem::Common), "{password}");
        }
        assert_eq!(policy.block_common(false).check("passwordpassword", &[]), Ok(()));
    }

    #[test]
    fn auth_04_what_says_whose_it_is_is_refused() {
        let policy = PasswordPolicy::new().site_name("Wonderland Shop");
        let about = ["adalovelace", "ada.byron@example.com"];
        for password in [
            "adalovelace-1815!",
            "ADALOVELACE 12345",
            "ada.byron@example.com",
            "byron:ada/byron!",
            "wonderland-shop-1",
        ] {
            assert_eq!(policy.check(password, &about), Err(PasswordProblem::Personal), "{password}");
        }
        assert_eq!(policy.check("adalovelace likes engines of brass", &about), Ok(()));
        assert_eq!(
            policy.check("lamps drift over quiet harbours", &["am", "if"]),
            Ok(()),
            "too short to say anything"
        );
    }

    #[test]
    fn auth_04_lists_of_ones_own_count_too() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "Lamps drift over quiet harbours\n\nanother line of it\n").unwrap();
        let policy = PasswordPolicy::new().block_file(file.path()).unwrap();
        assert_eq!(policy.check("lamps drift over QUIET harbours", &[]), Err(PasswordProblem::Common));
        assert!(PasswordPolicy::new().block_file("/nowhere/at/all").is_err());
    }

    #[test]
    fn what_looks_like_a_hash_is_refused() {
        let policy = PasswordPolicy::new();
        let hash = "pbkdf2_sha256$600000$0123456789abcdef$00";
        assert_eq!(policy.check(hash, &[]), Err(PasswordProblem::LooksHashed));
    }

    #[test]
    fn long_texts_cost_little() {
        let started = std::time::Instant::now();
        let policy = PasswordPolicy::new();
        for text in ["a".repeat(1 << 20), "e\u{301}".repeat(1 << 19)] {
            assert_eq!(policy.check(&text, &["ada"]), Err(PasswordProblem::TooLong { max: 256 }));
        }
        assert!(started.elapsed().as_millis() < 500);
    }
}
