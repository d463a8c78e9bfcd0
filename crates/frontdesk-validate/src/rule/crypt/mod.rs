//! Hashing of passwords.

mod algorithm;
mod stored;
mod work;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::PasswordHash;

use self::algorithm::{Algorithm, Digest, hex};
use self::stored::Stored;
use crate::{
    Args, Checked, Constraints, Context, FromArgs, JsonSchema, Message, RuleError, Unavailable,
    ValidationError, Validator, Value, json_schema,
};

pub use self::algorithm::UnknownAlgorithm;

const TOO_SHORT: Message = Message::new("Too short");
const TOO_LONG: Message = Message::new("Too long");

/// What a form shows in place of a stored password; coming back, it means that the password stays as it is.
const UNCHANGED: &str = "******";

/// `CRYPT`: turns a password into its hash. Put it last in a list of rules.
///
/// By itself it writes Argon2id (19 MiB, two passes, one lane) as a PHC string with a random salt. Asking for a
/// [`key`](Self::key), a [`salt`](Self::salt) or an [algorithm](Self::digest_alg) asks for the text `alg$salt$hash` of
/// the originals, for programs that share the table with them; it is weaker by far.
///
/// [`verify`](Self::verify) knows all of these, a bare hexadecimal hash, bcrypt (`$2a$`, `$2b$`, `$2y$`), and what Django
/// (Argon2, PBKDF2, bcrypt, scrypt) and Piccolo store, and says when a hash should be replaced. bcrypt reads 72 bytes of a
/// password and no more: a longer one does not match.
///
/// Hashing takes tens of milliseconds on purpose. As a rule it is answered [later](Checked::Later): inside a tokio
/// runtime on a blocking thread, for the whole process no more at once than there are cores.
///
/// `******`, which forms show instead of a stored password, becomes [`Value::Null`]: unchanged.
///
/// # Defaults
/// At least one character, at most 4,096. A random salt.
///
/// # Errors
/// Code `crypt.min` with `min`, `crypt.max` with `max`; both count characters, and come at once.
///
/// ```
/// use frontdesk_validate::{Crypt, Rules, Value};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let rule = Crypt::new().min_length(8);
/// let hash = rule.hash("correct horse").unwrap();
/// assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert!(rule.verify("correct horse", &hash).matches);
/// assert!(!rule.verify("wrong horse", &hash).matches);
///
/// assert_eq!(Rules::one(rule).check_now("secret".into()).unwrap_err().text(), "Too short");
/// # });
/// ```
#[derive(Clone)]
pub struct Crypt {
    key: Option<Key>,
    salt: Option<Salt>,
    algorithm: Option<Algorithm>,
    min: u64,
    max: u64,
    message: Option<Message>,
}

/// A key, and the algorithm in front of it.
#[derive(Clone)]
struct Key {
    algorithm: Option<Algorithm>,
    secret: String,
}

#[derive(Clone, Debug)]
enum Salt {
    Random,
    Fixed(String),
}

/// What [`Crypt::verify`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Verified {
    /// Whether the password is the one that was hashed.
    pub matches: bool,
    /// Whether it is, and the stored hash is weaker than what [`Crypt`] would write: hash it anew and store that.
    pub needs_rehash: bool,
}

impl Default for Crypt {
    fn default() -> Self {
        Self { key: None, salt: None, algorithm: None, min: 0, max: 4096, message: None }
    }
}

impl Crypt {
    /// Argon2id with a random salt.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes `alg$salt$hash`, as HMAC with this key; `sha256:…` names the algorithm, else it is SHA-512 or that of
    /// [`digest_alg`](Self::digest_alg). An empty key is none.
    ///
    /// PBKDF2 takes no key. With a key, a hash that says `pbkdf2(…)` matches only if the key names that algorithm: it
    /// could have been made by somebody who does not know the key.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`], if what stands before the first colon is none.
    pub fn key(mut self, key: &str) -> Result<Self, UnknownAlgorithm> {
        let (algorithm, secret) = match key.split_once(':') {
            Some((name, secret)) => (Some(name.parse()?), secret),
            None => (None, key),
        };
        self.key = (!key.is_empty()).then(|| Key { algorithm, secret: secret.to_owned() });
        Ok(self)
    }

    /// Writes `alg$salt$hash` with this salt, the same for every password. Two users with one password then have one
    /// hash; only for tables that need it.
    #[must_use]
    pub fn salt(mut self, salt: impl Into<String>) -> Self {
        self.salt = Some(Salt::Fixed(salt.into()));
        self
    }

    /// Writes `alg$$hash` without a salt. See [`salt`](Self::salt).
    #[must_use]
    pub fn without_salt(self) -> Self {
        self.salt("")
    }

    /// Writes `alg$salt$hash` with a random salt of 16 hexadecimal digits.
    #[must_use]
    pub fn random_salt(mut self) -> Self {
        self.salt = Some(Salt::Random);
        self
    }

    /// Writes `alg$salt$hash` with `md5`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512` or
    /// `pbkdf2(rounds,length,digest)`. Where only a salt is asked for: `pbkdf2(1000,20,sha512)`.
    ///
    /// # Errors
    /// [`UnknownAlgorithm`].
    pub fn digest_alg(mut self, name: &str) -> Result<Self, UnknownAlgorithm> {
        self.algorithm = Some(name.parse()?);
        Ok(self)
    }

    /// The fewest characters of a password. Default: 1; nothing is always too short.
    #[must_use]
    pub fn min_length(mut self, min: u64) -> Self {
        self.min = min;
        self
    }

    /// The most characters of a password. Default: 4,096.
    #[must_use]
    pub fn max_length(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Another text for both errors.
    #[must_use]
    pub fn error_message(mut self, message: impl Into<Message>) -> Self {
        self.message = Some(message.into().given());
        self
    }

    /// Hashes a password on this thread. It takes tens of milliseconds: async code calls
    /// [`hash_async`](Self::hash_async).
    ///
    /// # Errors
    /// [`Unavailable`], if the system gives no random numbers.
    pub fn hash(&self, password: &str) -> Result<String, Unavailable> {
        let Some(algorithm) = self.text_algorithm() else {
            let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
            return hash
                .map(|hash| hash.to_string())
                .map_err(|error| Unavailable(format!("argon2: {error}")));
        };
        let salt = match &self.salt {
            Some(Salt::Fixed(salt)) => salt.clone(),
            Some(Salt::Random) | None => {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes).map_err(|error| Unavailable(error.to_string()))?;
                hex(&bytes)
            }
        };
        let hash = algorithm.hash(password, self.secret(), &salt);
        Ok(format!("{algorithm}${salt}${hash}"))
    }

    /// As [`hash`](Self::hash), off the async threads.
    ///
    /// # Errors
    /// [`Unavailable`], if the system gives no random numbers or the runtime is shutting down.
    pub async fn hash_async(&self, password: impl Into<String>) -> Result<String, Unavailable> {
        let (rule, password) = (self.clone(), password.into());
        work::run(move || rule.hash(&password)).await?
    }

    /// Whether `password` is the one whose hash is stored, in any of the known formats. Neither is echoed anywhere.
    ///
    /// It takes as long as hashing does: async code calls [`verify_async`](Self::verify_async). What is no hash does not
    /// match, and neither does a password over the [greatest length](Self::max_length).
    ///
    /// ```
    /// use frontdesk_validate::Crypt;
    ///
    /// let old = "sha1$pepper$788b44c4604c322cf479102bccc4d1512a12713f";
    /// let verified = Crypt::new().verify("test", old);
    /// assert!(verified.matches && verified.needs_rehash);
    /// assert!(!Crypt::new().verify("test", "no hash at all").matches);
    /// ```
    pub fn verify(&self, password: &str, hash: &str) -> Verified {
        let Some(stored) = Stored::parse(hash).filter(|stored| self.trusts(stored)) else {
            return Verified::default();
        };
        if self.is_too_long(password) || !stored.matches(password, self.secret()) {
            return Verified::default();
        }
        let is_current = stored.is_strong()
            || match (&stored, self.text_algorithm()) {
                (Stored::Text { algorithm, .. }, Some(wanted)) => *algorithm == wanted,
                _ => false,
            };
        Verified { matches: true, needs_rehash: !is_current }
    }

    /// As [`verify`](Self::verify), off the async threads.
    ///
    /// # Errors
    /// [`Unavailable`], if the runtime is shutting down.
    pub async fn verify_async(
        &self,
        password: impl Into<String>,
        hash: impl Into<String>,
    ) -> Result<Verified, Unavailable> {
        let (rule, password, hash) = (self.clone(), password.into(), hash.into());
        work::run(move || rule.verify(&password, &hash)).await
    }

    /// The algorithm of the `alg$salt$hash` text; nothing where Argon2id is written.
    fn text_algorithm(&self) -> Option<Algorithm> {
        if self.key.is_none() && self.salt.is_none() && self.algorithm.is_none() {
            return None;
        }
        let fallback = match &self.key {
            Some(_) => Algorithm::Digest(Digest::Sha512),
            None => Algorithm::PBKDF2,
        };
        let by_key = self.key.as_ref().and_then(|key| key.algorithm);
        Some(by_key.or(self.algorithm).unwrap_or(fallback))
    }

    fn secret(&self) -> &str {
        self.key.as_ref().map_or("", |key| &key.secret)
    }

    /// See [`key`](Self::key).
    fn trusts(&self, stored: &Stored<'_>) -> bool {
        let without_key = matches!(stored, Stored::Text { algorithm: Algorithm::Pbkdf2 { .. }, .. });
        !without_key || self.key.is_none() || matches!(self.text_algorithm(), Some(Algorithm::Pbkdf2 { .. }))
    }

    fn is_too_long(&self, password: &str) -> bool {
        // Bytes bound characters from above, and are there already.
        password.len() as u64 > self.max && password.chars().count() as u64 > self.max
    }

    fn error(
        &self,
        code: &'static str,
        message: &Message,
        name: &'static str,
        bound: u64,
    ) -> ValidationError {
        let bound = Value::Int(i64::try_from(bound).unwrap_or(i64::MAX));
        ValidationError::with_params(code, self.message.as_ref().unwrap_or(message), vec![(name, bound)])
    }
}

/// Without the key.
impl std::fmt::Debug for Crypt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Crypt").field("min", &self.min).field("max", &self.max).finish_non_exhaustive()
    }
}

impl Validator for Crypt {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn check<'a>(&'a self, value: Value, _: Context<'a>) -> Checked<'a> {
        let password = match value {
            Value::Text(text) if text == UNCHANGED => return Ok(Value::Null).into(),
            Value::List(_) | Value::Json(_) | Value::Bytes(_) | Value::File(_) => String::new(),
            scalar => scalar.into_text(),
        };
        if password.is_empty() || (password.chars().count() as u64) < self.min {
            return Err(self.error("crypt.min", &TOO_SHORT, "min", self.min.max(1))).into();
        }
        if self.is_too_long(&password) {
            return Err(self.error("crypt.max", &TOO_LONG, "max", self.max)).into();
        }
        Checked::Later(Box::pin(async move {
            match self.hash_async(password).await {
                Ok(hash) => Ok(Value::Text(hash)),
                Err(Unavailable(_)) => Err(ValidationError::unavailable()),
            }
        }))
    }

    fn constraints(&self, out: &mut Constraints) {
        // The text for a password that stays has to pass.
        let unchanged = UNCHANGED.len() as u64;
        if (1..=unchanged).contains(&self.min) {
            out.at_least_chars(self.min, self.error("crypt.min", &TOO_SHORT, "min", self.min));
        }
        if unchanged <= self.max {
            out.at_most_chars(self.max, self.error("crypt.max", &TOO_LONG, "max", self.max));
        }
        out.end();
    }

    fn json_schema(&self, out: &mut JsonSchema) {
        let mut schema = json_schema::scalar(None);
        schema["minLength"] = self.min.clamp(1, UNCHANGED.len() as u64).into();
        if self.max < u64::from(u32::MAX) {
            schema["maxLength"] = self.max.max(UNCHANGED.len() as u64).into();
        }
        out.and(schema);
        out.end();
    }
}

impl FromArgs for Crypt {
    const NAME: &'static str = "crypt";
    const ARGS: &'static [&'static str] =
        &["key", "salt", "digest_alg", "min_length", "max_length", "error_message"];

    fn from_args(args: &mut Args<'_>) -> Result<Self, RuleError> {
        let mut rule = Self::new();
        if let Some(key) = args.text("key")? {
            rule = rule.key(&key).map_err(|error| args.senseless("key", format!("names an {error}")))?;
        }
        if let Some(name) = args.text("digest_alg")? {
            rule = rule
                .digest_alg(&name)
                .map_err(|error| args.senseless("digest_alg", format!("is an {error}")))?;
        }
        rule.salt = match args.take("salt") {
            None | Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::Bool(true)) => Some(Salt::Random),
            Some(serde_json::Value::Bool(false)) => Some(Salt::Fixed(String::new())),
            Some(serde_json::Value::String(salt)) => Some(Salt::Fixed(salt)),
            Some(other) => return Err(args.wrong("salt", "a text, true or false", &other)),
        };
        rule.min = args.size("min_length")?.unwrap_or(rule.min);
        rule.max = args.size("max_length")?.unwrap_or(rule.max);
        rule.message = args.message()?;
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    fn verified(rule: &Crypt, hash: &str) -> (bool, bool) {
        let right = rule.verify("correct horse", hash);
        assert!(!rule.verify("Correct horse", hash).matches, "{hash}");
        (right.matches, right.needs_rehash)
    }

    #[test]
    fn an_argon2_hash_is_current() {
        let rule = Crypt::new();
        let hash = rule.hash("correct horse").unwrap();
        assert_eq!(verified(&rule, &hash), (true, false));
        assert_eq!(verified(&rule, &format!("argon2{hash}")), (true, false), "as Django writes it");
        assert_ne!(hash, rule.hash("correct horse").unwrap(), "the salt is random");
    }

    #[test]
    fn hashes_of_others_match() {
        let rule = Crypt::new();
        // From the test of the reference implementation (phc-winner-argon2, src/test.c).
        let reference =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(rule.verify("password", reference), Verified { matches: true, needs_rehash: false });
        assert!(!rule.verify("sassword", reference).matches);
        // By Python's hashlib.pbkdf2_hmac, in the spelling of Django and in that of Piccolo.
        let django = "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";
        assert_eq!(verified(&rule, django), (true, true));
        let piccolo = "pbkdf2_sha256$1000$0123456789abcdef0123456789abcdef$\
            5b5a784ae11df3d10be308828c5e55d42e8afd10846caa601d9fc6c497c26862";
        assert_eq!(verified(&rule, piccolo), (true, true));
        assert_eq!(
            verified(&rule.key("sha512:k").unwrap(), piccolo),
            (true, true),
            "the key is not concerned"
        );
    }

    #[test]
    fn auth_01_bcrypt_and_scrypt_match_and_are_replaced() {
        let rule = Crypt::new();
        // By crypt(3) of libxcrypt, and by Python's hashlib.scrypt.
        let rest = "04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
        for start in ["$2a$", "$2b$", "$2y$", "bcrypt$$2b$"] {
            assert_eq!(verified(&rule, &format!("{start}{rest}")), (true, true), "{start}");
        }
        let sha256 = "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuIvyWZlBcE3WoQXKqRnwrLYJ6nenE0Bq";
        assert_eq!(verified(&rule, sha256), (true, true));
        let scrypt = "scrypt$1024$seasalt$8$1$\
            b9vqOe0B5HZh2f10Q9RPN9OFNPtmb+ezp5YOlnZsJQ0vQ5I3eq8Zt7GFMuqQ58xCxTIvVL1QCL/PTXEWr+RNHA==";
        assert_eq!(verified(&rule, scrypt), (true, true));
        assert!(!rule.verify("correct horse", &format!("$2x${rest}")).matches, "made by a broken bcrypt");
    }

    #[test]
    fn auth_01_what_bcrypt_would_cut_off_does_not_match() {
        let rule = Crypt::new();
        let hash = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
        assert!(rule.verify(&"x".repeat(72), hash).matches);
        for other in ["x".repeat(71), "x".repeat(73), "x".repeat(72) + "y"] {
            assert!(!rule.verify(&other, hash).matches, "{other}");
        }
    }

    #[test]
    fn a_key_does_not_show() {
        let rule = Crypt::new().key("sha512:thisisthekey").unwrap();
        assert!(!format!("{rule:?}").contains("thisisthekey"));
    }

    #[test]
    fn a_hash_of_another_algorithm_is_replaced() {
        let text = Crypt::new().salt("s").hash("correct horse").unwrap();
        assert_eq!(verified(&Crypt::new(), &text), (true, true));
        assert_eq!(verified(&Crypt::new().random_salt(), &text), (true, false), "it writes this very format");
        let strong = Crypt::new().hash("correct horse").unwrap();
        assert_eq!(verified(&Crypt::new().random_salt(), &strong), (true, false), "nothing to gain");
    }

    #[tokio::test]
    async fn a_rule_hashes_later_and_refuses_at_once() {
        let rules = Rules::one(Crypt::new().min_length(3).max_length(5));
        for (password, code) in [("", "crypt.min"), ("ab", "crypt.min"), ("abcdef", "crypt.max")] {
            assert_eq!(rules.check_now(password.into()).unwrap_err().code(), code);
        }
        assert_eq!(rules.check_now(UNCHANGED.into()), Ok(Value::Null));
        assert!(!rules.accept_empty());
        let hash = rules.validate("äöü€".into(), Context::empty()).await.unwrap();
        assert!(Crypt::new().verify_async("äöü€", hash.to_text()).await.unwrap().matches);
    }

    #[tokio::test]
    async fn hashing_leaves_the_async_thread_free() {
        let hashing = tokio::spawn(async { Crypt::new().hash_async("correct horse").await });
        let mut turns = 0;
        while !hashing.is_finished() {
            tokio::task::yield_now().await;
            turns += 1;
        }
        // On this thread there would be one turn, in which all the work is done.
        assert!(turns > 10, "{turns}");
        assert!(hashing.await.unwrap().is_ok());
    }

    #[test]
    fn hashing_needs_no_runtime() {
        let rules = Rules::one(Crypt::new().salt("s"));
        let Checked::Later(mut future) = rules.check("secret".into(), Context::empty()) else {
            panic!("at once")
        };
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Ok(hash)) = future.as_mut().poll(&mut context) else {
            panic!("not ready")
        };
        assert!(hash.to_text().starts_with("pbkdf2(1000,20,sha512)$s$"));
    }
}
