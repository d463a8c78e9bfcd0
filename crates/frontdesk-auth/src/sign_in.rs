//! The one place that decides who is signed in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_web::Clock;
use jiff::Timestamp;

use crate::mfa::LoginAttempt;
use crate::session::later;
use crate::{AuthError, MfaProvider, PasswordProof, SessionInfo, User, UserId};

/// For how long what somebody has shown counts.
const PROOF_LASTS: Duration = Duration::from_mins(10);

/// The ways in. Each has its row in [`SignIn::decide`], and in the test that tries all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The password, at the login page or from a program that reads its answers.
    Password,
    /// The second factor, by who has a half-open session.
    SecondFactor,
    /// A passkey alone.
    Passkey,
    /// The password, for an API token.
    TokenLogin,
    /// The password, for a JSON web token.
    JwtLogin,
    /// An API token, for who is signed in.
    TokenCreation,
    /// A link to set a new password.
    PasswordReset,
    /// A link that shows that an e-mail address is the user's.
    EmailConfirmation,
    /// An invitation.
    Invitation,
    /// The link for the first administrator.
    SetUp,
    /// A registration.
    Registration,
}

impl Entry {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Password,
        Self::SecondFactor,
        Self::Passkey,
        Self::TokenLogin,
        Self::JwtLogin,
        Self::TokenCreation,
        Self::PasswordReset,
        Self::EmailConfirmation,
        Self::Invitation,
        Self::SetUp,
        Self::Registration,
    ];
}

/// What somebody has shown on the way in. Each of these is made where it was checked, and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    password: Option<PasswordProof>,
    half_open: Option<SessionInfo>,
    session: Option<SessionInfo>,
    factor: Option<FactorProof>,
    passkey: Option<(UserId, Timestamp)>,
}

impl Proofs {
    /// Nothing yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// The password.
    #[must_use]
    pub fn password(mut self, proof: PasswordProof) -> Self {
        self.password = Some(proof);
        self
    }

    /// A session: a half-open one stands for the password, a full one for all that it took to open it.
    #[must_use]
    pub fn session(mut self, session: SessionInfo) -> Self {
        match session.is_half_open {
            true => self.half_open = Some(session),
            false => self.session = Some(session),
        }
        self
    }

    /// A second factor.
    #[must_use]
    pub fn factor(mut self, proof: FactorProof) -> Self {
        self.factor = Some(proof);
        self
    }

    /// A passkey, whose holder the device has made sure of.
    #[cfg(feature = "passkeys")]
    #[must_use]
    pub fn passkey(mut self, proof: &crate::PasskeyProof) -> Self {
        self.passkey = Some((proof.user_id().clone(), proof.at()));
        self
    }
}

/// A second factor was right.
#[derive(Clone, Debug)]
pub struct FactorProof {
    user: UserId,
    epoch: i64,
    provider: Arc<str>,
    at: Timestamp,
}

/// Which second factors a user has set up; made by asking all of them.
#[derive(Clone)]
pub struct Enrolled {
    user: UserId,
    providers: Vec<Arc<dyn MfaProvider>>,
}

impl Enrolled {
    /// What they are called.
    pub fn names(&self) -> Vec<&str> {
        self.providers.iter().map(|provider| provider.name()).collect()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }
}

impl fmt::Debug for Enrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolled").field("user", &self.user).field("names", &self.names()).finish()
    }
}

/// Somebody is signed in: the one thing that opens a session, a token or a JSON web token. Only [`SignIn`] makes it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    user: User,
    entry: Entry,
    factor: Option<Arc<str>>,
    at: Timestamp,
}

impl SignedIn {
    /// Who.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// By which way in.
    pub fn entry(&self) -> Entry {
        self.entry
    }

    /// What the second factor is called that was asked for.
    pub fn second_factor(&self) -> Option<&str> {
        self.factor.as_deref()
    }

    /// When they showed who they are.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Somebody knows the password and owes a second factor: what opens a half-open session.
#[derive(Clone, Debug)]
pub struct HalfSignedIn {
    user: User,
    at: Timestamp,
    providers: Vec<Arc<str>>,
}

impl HalfSignedIn {
    /// Who.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// When they showed that they know the password.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// What the second factors are called that they have set up.
    pub fn provider_names(&self) -> &[Arc<str>] {
        &self.providers
    }
}

/// What [`SignIn::decide`] says.
#[derive(Clone, Debug)]
#[must_use]
pub enum Decision {
    /// They are in.
    SignedIn(SignedIn),
    /// A second factor is to be asked for.
    CodeRequired(HalfSignedIn),
    /// This is no way in, or what was shown is not enough for it: they are to sign in.
    SignInFirst,
    /// The user may not sign in, or what was shown is another's or too old.
    Refused,
}

/// Why there is no second factor yet. What it displays is the contract's sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MfaRefusal {
    /// No code came.
    #[error("MFA code required{}", if *.sent { " (we sent you a code)" } else { "" })]
    CodeRequired {
        /// Whether one is on its way to the user.
        sent: bool,
    },
    /// There are several factors, and it was not said which.
    #[error("MFA provider must be specified")]
    ProviderRequired,
    /// The user has no factor of that name.
    #[error("MFA provider not recognised.")]
    ProviderUnknown,
    /// The code is wrong.
    #[error("MFA failed")]
    Failed,
}

/// Where a sign-in has come to.
#[derive(Clone, Debug)]
#[must_use]
pub enum Step {
    /// They are in.
    SignedIn(SignedIn),
    /// A second factor is missing.
    Code {
        /// Why.
        refusal: MfaRefusal,
        /// What opens a half-open session, so that the password need not be asked for again.
        half: HalfSignedIn,
    },
    /// They are to sign in by another way.
    SignInFirst,
    /// They are not let in.
    Refused,
}

/// The state machine of sign-in: with what somebody has shown, are they in?
///
/// ```
/// use frontdesk_auth::{Entry, NewUser, SignIn, Step, Users};
/// use frontdesk_auth::mfa::LoginAttempt;
/// use frontdesk_data::Db;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let users = Users::own(&Db::open("sqlite::memory:").await.unwrap());
/// users.insert(NewUser::new("ada").password("correct horse battery").active(true)).await.unwrap();
///
/// let sign_in = SignIn::new([]);
/// let proof = users.check_credentials("ada", "correct horse battery").await.unwrap().unwrap();
/// let attempt = LoginAttempt::new("1");
/// let step = sign_in.by_password(Entry::Password, proof, None, None, &attempt).await.unwrap();
/// assert!(matches!(step, Step::SignedIn(signed_in) if &*signed_in.user().username == "ada"));
/// # });
/// ```
#[derive(Clone)]
pub struct SignIn {
    providers: Arc<[Arc<dyn MfaProvider>]>,
    clock: Clock,
}

impl SignIn {
    /// With these second factors.
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn MfaProvider>>) -> Self {
        Self { providers: providers.into_iter().collect(), clock: Clock::system() }
    }

    /// Sets the clock. Default: the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Which second factors the user has set up.
    ///
    /// # Errors
    /// [`AuthError`], if one of them cannot tell: then nobody gets in by not being asked.
    pub async fn enrolled(&self, user: &User) -> Result<Enrolled, AuthError> {
        let mut providers = Vec::new();
        for provider in &*self.providers {
            if provider.is_user_enrolled(user).await? {
                providers.push(Arc::clone(provider));
            }
        }
        Ok(Enrolled { user: user.id.clone(), providers })
    }

    /// Whether the code is right, and that of the factor that is named; where the user has one factor alone it needs no
    /// name. Where no code came, one is sent, if that is how the factor works.
    ///
    /// # Errors
    /// [`AuthError`], if the factor cannot tell.
    pub async fn check_code(
        &self,
        user: &User,
        enrolled: &Enrolled,
        code: Option<&str>,
        provider: Option<&str>,
        attempt: &LoginAttempt,
    ) -> Result<Result<FactorProof, MfaRefusal>, AuthError> {
        let (code, name) = (code.filter(|code| !code.is_empty()), provider.filter(|name| !name.is_empty()));
        let chosen = match (name, &*enrolled.providers) {
            (None, [one]) => Ok(one),
            (None, _) => Err(MfaRefusal::ProviderRequired),
            (Some(name), all) => {
                all.iter().find(|provider| provider.name() == name).ok_or(MfaRefusal::ProviderUnknown)
            }
        };
        let Some(code) = code else {
            let sent = match chosen {
                Ok(provider) => provider.send_code(user, attempt).await?,
                Err(_) => false,
            };
            return Ok(Err(MfaRefusal::CodeRequired { sent }));
        };
        let provider = match chosen {
            Ok(provider) => provider,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !provider.authenticate_user(user, code, attempt).await? {
            return Ok(Err(MfaRefusal::Failed));
        }
        let proof = FactorProof {
            user: user.id.clone(),
            epoch: user.epoch,
            provider: provider.name().into(),
            at: self.clock.now(),
        };
        Ok(Ok(proof))
    }

    /// Signs in by the password, and by the second factor where the user has one.
    ///
    /// # Errors
    /// [`AuthError`], if a factor cannot tell.
    pub async fn by_password(
        &self,
        entry: Entry,
        proof: PasswordProof,
        code: Option<&str>,
        provider: Option<&str>,
        attempt: &LoginAttempt,
    ) -> Result<Step, AuthError> {
        let user = proof.user().clone();
        self.step(entry, &user, Proofs::none().password(proof), code, provider, attempt).await
    }

    /// Signs in by the second factor, with the half-open session that the password has opened. The session is to be ended
    /// then; nothing here ends it.
    ///
    /// # Errors
    /// As [`by_password`](Self::by_password).
    pub async fn by_half_open(
        &self,
        session: &SessionInfo,
        user: &User,
        code: Option<&str>,
        provider: Option<&str>,
    ) -> Result<Step, AuthError> {
        let attempt = LoginAttempt::new(&*session.id);
        let proofs = Proofs::none().session(session.clone());
        self.step(Entry::SecondFactor, user, proofs, code, provider, &attempt).await
    }

    /// Signs in by a passkey alone: what it is on, and who may use that, are two factors.
    ///
    /// # Errors
    /// As [`by_password`](Self::by_password).
    #[cfg(feature = "passkeys")]
    pub async fn by_passkey(&self, user: &User, proof: &crate::PasskeyProof) -> Result<Step, AuthError> {
        let enrolled = self.enrolled(user).await?;
        Ok(self.decide(Entry::Passkey, user, &enrolled, &Proofs::none().passkey(proof)).into())
    }

    async fn step(
        &self,
        entry: Entry,
        user: &User,
        mut proofs: Proofs,
        code: Option<&str>,
        provider: Option<&str>,
        attempt: &LoginAttempt,
    ) -> Result<Step, AuthError> {
        let enrolled = self.enrolled(user).await?;
        // Whether a code matters is decided before it is looked at, so that none is spent in vain.
        let half = match self.decide(entry, user, &enrolled, &proofs) {
            Decision::CodeRequired(half) => half,
            other => return Ok(other.into()),
        };
        match self.check_code(user, &enrolled, code, provider, attempt).await? {
            Err(refusal) => Ok(Step::Code { refusal, half }),
            Ok(proof) => {
                proofs.factor = Some(proof);
                Ok(self.decide(entry, user, &enrolled, &proofs).into())
            }
        }
    }

    /// Decides. There is no other way to a [`SignedIn`].
    pub fn decide(&self, entry: Entry, user: &User, enrolled: &Enrolled, proofs: &Proofs) -> Decision {
        let now = self.clock.now();
        if !user.active || enrolled.user != user.id {
            return Decision::Refused;
        }
        let counts = |id: &UserId, epoch: i64, at: Timestamp| {
            *id == user.id && epoch == user.epoch && later(at, PROOF_LASTS) > now
        };
        // One that does not count is no mere nothing: it is somebody else's.
        let password =
            proofs.password.as_ref().map(|proof| (&proof.user().id, proof.user().epoch, proof.at()));
        let half_open =
            proofs.half_open.as_ref().map(|half| (&half.user_id, half.epoch, half.authenticated_at));
        let session = proofs.session.as_ref().map(|session| (&session.user_id, session.epoch, now));
        let factor = proofs.factor.as_ref().map(|factor| (&factor.user, factor.epoch, factor.at));
        let passkey = proofs.passkey.as_ref().map(|(id, at)| (id, user.epoch, *at));
        let all = [password, half_open, session, factor, passkey];
        if all.into_iter().flatten().any(|(id, epoch, at)| !counts(id, epoch, at)) {
            return Decision::Refused;
        }
        let sessions = [&proofs.half_open, &proofs.session];
        if sessions.into_iter().flatten().any(|session| !session.is_valid_at(now)) {
            return Decision::Refused;
        }
        let signed_in = |at: Timestamp| {
            Decision::SignedIn(SignedIn {
                user: user.clone(),
                entry,
                factor: proofs.factor.as_ref().map(|factor| Arc::clone(&factor.provider)),
                at,
            })
        };
        let with_factor = |first: Option<(&UserId, i64, Timestamp)>| match (first, factor) {
            (None, _) => Decision::SignInFirst,
            (Some((.., at)), _) if enrolled.is_empty() => signed_in(at),
            (Some(_), Some((.., at))) => signed_in(at),
            (Some((.., at)), None) => Decision::CodeRequired(HalfSignedIn {
                user: user.clone(),
                at,
                providers: enrolled.names().into_iter().map(Arc::from).collect(),
            }),
        };
        match entry {
            Entry::Password | Entry::TokenLogin | Entry::JwtLogin => with_factor(password),
            Entry::SecondFactor => with_factor(half_open),
            // What it is on and who may use it are two factors already.
            Entry::Passkey => passkey.map_or(Decision::SignInFirst, |(.., at)| signed_in(at)),
            Entry::TokenCreation => match &proofs.session {
                Some(session) => signed_in(session.authenticated_at),
                None => Decision::SignInFirst,
            },
            // Whoever reads the mail of somebody else is not them.
            Entry::PasswordReset
            | Entry::EmailConfirmation
            | Entry::Invitation
            | Entry::SetUp
            | Entry::Registration => Decision::SignInFirst,
        }
    }
}

impl From<Decision> for Step {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::SignedIn(signed_in) => Self::SignedIn(signed_in),
            Decision::CodeRequired(half) => {
                Self::Code { refusal: MfaRefusal::CodeRequired { sent: false }, half }
            }
            Decision::SignInFirst => Self::SignInFirst,
            Decision::Refused => Self::Refused,
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.providers.iter().map(|provider| provider.name()).collect();
        f.debug_struct("SignIn").field("providers", &names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::session::SessionToken;

    struct Always;

    impl MfaProvider for Always {
        fn name(&self) -> &str {
            "always"
        }

        fn is_user_enrolled<'a>(&'a self, _: &'a User) -> BoxFuture<'a, Result<bool, AuthError>> {
            Box::pin(std::future::ready(Ok(true)))
        }

        fn authenticate_user<'a>(
            &'a self,
            _: &'a User,
            code: &'a str,
            _: &'a LoginAttempt,
        ) -> BoxFuture<'a, Result<bool, AuthError>> {
            Box::pin(std::future::ready(Ok(code == "right")))
        }

        fn delete_registration<'a>(&'a self, _: &'a User) -> BoxFuture<'a, Result<(), AuthError>> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    fn user(id: i64) -> User {
        User {
            id: id.into(),
            username: "ada".into(),
            email: None,
            first_name: None,
            last_name: None,
            active: true,
            admin: false,
            superuser: false,
            created: None,
            last_login: None,
            email_confirmed: None,
            epoch: 3,
        }
    }

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    fn machine() -> SignIn {
        SignIn::new([Arc::new(Always) as Arc<dyn MfaProvider>]).clock(Clock::stopped(now()))
    }

    fn enrolled(user: &User, is: bool) -> Enrolled {
        let providers: Vec<Arc<dyn MfaProvider>> = if is { vec![Arc::new(Always)] } else { Vec::new() };
        Enrolled { user: user.id.clone(), providers }
    }

    fn session(user: &User, is_half_open: bool) -> SessionInfo {
        SessionInfo {
            id: "s".into(),
            user_id: user.id.clone(),
            created: now(),
            last_seen: now(),
            expiry: later(now(), Duration::from_mins(10)),
            max_expiry: later(now(), Duration::from_mins(10)),
            authenticated_at: now(),
            address: None,
            user_agent: None,
            is_half_open,
            epoch: user.epoch,
            hash: SessionToken::random().unwrap().hash(),
        }
    }

    /// Everything that can be shown, as bits: password, half-open session, full session, second factor, passkey.
    fn proofs(user: &User, which: u8) -> Proofs {
        let mut proofs = Proofs::none();
        if which & 1 != 0 {
            proofs = proofs.password(PasswordProof::at_test(user, now()));
        }
        if which & 2 != 0 {
            proofs = proofs.session(session(user, true));
        }
        if which & 4 != 0 {
            proofs = proofs.session(session(user, false));
        }
        if which & 8 != 0 {
            proofs = proofs.factor(FactorProof {
                user: user.id.clone(),
                epoch: user.epoch,
                provider: "always".into(),
                at: now(),
            });
        }
        if which & 16 != 0 {
            proofs.passkey = Some((user.id.clone(), now()));
        }
        proofs
    }

    /// What each way in asks for, without and with a second factor set up: bits of [`proofs`], one of which sets has to be
    /// there in full. No wildcard: a new way in does not compile before it has its row.
    fn wanted(entry: Entry) -> [&'static [u8]; 2] {
        match entry {
            Entry::Password => [&[1], &[1 | 8]],
            Entry::TokenLogin => [&[1], &[1 | 8]],
            Entry::JwtLogin => [&[1], &[1 | 8]],
            Entry::SecondFactor => [&[2], &[2 | 8]],
            Entry::Passkey => [&[16], &[16]],
            Entry::TokenCreation => [&[4], &[4]],
            Entry::PasswordReset => [&[], &[]],
            Entry::EmailConfirmation => [&[], &[]],
            Entry::Invitation => [&[], &[]],
            Entry::SetUp => [&[], &[]],
            Entry::Registration => [&[], &[]],
        }
    }

    #[test]
    fn mfa_05_no_way_in_skips_the_second_factor() {
        let (ada, machine) = (user(1), machine());
        let mut let_in = 0;
        for entry in Entry::ALL {
            for has_factor in [false, true] {
                for which in 0..32 {
                    let decision =
                        machine.decide(entry, &ada, &enrolled(&ada, has_factor), &proofs(&ada, which));
                    let expected =
                        wanted(entry)[usize::from(has_factor)].iter().any(|bits| which & bits == *bits);
                    let is_in = matches!(decision, Decision::SignedIn(_));
                    assert_eq!(is_in, expected, "{entry:?}, factor {has_factor}, {which:05b}");
                    let_in += u32::from(is_in);
                    // Who has a factor set up and shows none, is asked for it.
                    if has_factor && which & 8 == 0 && matches!(decision, Decision::CodeRequired(_)) {
                        assert!(which & 3 != 0, "{entry:?}, {which:05b}");
                    }
                }
            }
        }
        assert_eq!(let_in, 16 * 4 + 8 * 4 + 16 * 4);
        assert_eq!(Entry::ALL.into_iter().collect::<std::collections::HashSet<_>>().len(), Entry::ALL.len());
    }

    #[test]
    fn mfa_05_what_another_has_shown_or_what_is_old_lets_nobody_in() {
        let (ada, eve, machine) = (user(1), user(2), machine());
        let inactive = User { active: false, ..user(1) };
        let changed = User { epoch: 4, ..user(1) };
        for entry in Entry::ALL {
            for which in 1..32 {
                for (shown, is) in [(&eve, &ada), (&ada, &changed), (&inactive, &inactive)] {
                    // A passkey is no part of what a change of the password voids.
                    if is.epoch == 4 && which == 16 {
                        continue;
                    }
                    let decision = machine.decide(entry, is, &enrolled(is, false), &proofs(shown, which));
                    assert!(matches!(decision, Decision::Refused), "{entry:?} {which:05b}");
                }
                let anothers = machine.decide(entry, &ada, &enrolled(&eve, false), &proofs(&ada, which));
                assert!(matches!(anothers, Decision::Refused), "{entry:?} {which:05b}");
                let late = SignIn::new([]).clock(Clock::stopped(later(now(), Duration::from_mins(10))));
                let decision = late.decide(entry, &ada, &enrolled(&ada, false), &proofs(&ada, which));
                assert!(matches!(decision, Decision::Refused), "{entry:?} {which:05b}");
            }
        }
    }

    #[test]
    fn mfa_05_a_half_open_session_does_not_pass_for_a_full_one() {
        let (ada, machine) = (user(1), machine());
        for entry in Entry::ALL {
            let decision = machine.decide(entry, &ada, &enrolled(&ada, true), &proofs(&ada, 2));
            assert!(!matches!(decision, Decision::SignedIn(_)), "{entry:?}");
        }
    }

    #[tokio::test]
    async fn mfa_05_codes_are_asked_for_and_checked() {
        let (ada, machine) = (user(1), machine());
        let attempt = LoginAttempt::new("1");
        let step = |code, provider| {
            let proof = PasswordProof::at_test(&ada, now());
            let (machine, attempt) = (&machine, &attempt);
            async move { machine.by_password(Entry::Password, proof, code, provider, attempt).await.unwrap() }
        };
        for (code, provider, sentence) in [
            (None, None, "MFA code required"),
            (Some(""), None, "MFA code required"),
            (Some("wrong"), None, "MFA failed"),
            (Some("right"), Some("other"), "MFA provider not recognised."),
        ] {
            let Step::Code { refusal, .. } = step(code, provider).await else { panic!("{code:?}") };
            assert_eq!(refusal.to_string(), sentence);
        }
        for provider in [None, Some(""), Some("always")] {
            let Step::SignedIn(signed_in) = step(Some("right"), provider).await else {
                panic!("{provider:?}")
            };
            assert_eq!(signed_in.second_factor(), Some("always"));
        }
        let sent = MfaRefusal::CodeRequired { sent: true };
        assert_eq!(sent.to_string(), "MFA code required (we sent you a code)");
    }
}
