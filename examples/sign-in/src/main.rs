//! Sign-in: a page for everybody, one for who is signed in, and everything between the two.
//!
//! Run it with `cargo run -p example-sign-in`, then open <http://localhost:3000>. Users and sessions live in `sign-in.db`,
//! mails are written to the folder `outbox`, and the secret to `secret`, all in the current folder or where `--folder` says.
//! By `localhost`, not by `127.0.0.1`: passkeys belong to a name.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use clap::Parser;
use frontdesk::auth::mfa::{AuthenticatorProvider, EmailCodeProvider};
use frontdesk::auth::{
    Account, AuthError, AuthLayer, ChangePassword, ConfirmEmail, Mailer, MfaSetup, Passkeys, PasswordReset,
    Register, SessionLogin, SessionLogout, Sessions, SessionsAuthBackend, Users, account, change_password,
    confirm_email, mfa_setup, password_reset, register, session_login, session_logout,
};
use frontdesk::html;
use frontdesk::prelude::*;
use frontdesk::web::{ServeOptions, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

#[derive(Parser)]
struct Args {
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// The folder of the database, the mails and the secret.
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let args = Args::parse();
    let listener = TcpListener::bind(args.listen).await?;
    // Where the site is, is configuration: nothing that a request says of it is believed.
    let base_url = Url::parse(&format!("http://localhost:{}", listener.local_addr()?.port()))?;
    let app = app(&args.folder, base_url).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = async move {
        tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = terminate.recv() => {} }
    };
    Ok(serve(listener, app, ServeOptions::default(), stop).await?)
}

async fn app(folder: &Path, base_url: Url) -> Result<Router, Box<dyn Error>> {
    let url = format!("sqlite://{}", folder.join("sign-in.db").display());
    let db = Db::open_with(&url, DbOptions::new().create_if_missing(true)).await?;
    let desk = Desk::new(secret(folder)?);
    let auth = sign_in(&db, &desk, folder, base_url)?;

    let guard = AuthLayer::new(SessionsAuthBackend::of(&auth).admin_only(false)).login_url("/login/");
    // `auth.router()` is the same with the login leading to `/`.
    Ok(Router::new()
        .route("/private", get(private))
        .layer(guard)
        .route("/", get(home))
        .nest("/register/", register(Register::new(&auth).confirm_email()?))
        .nest("/confirm-email/", confirm_email(ConfirmEmail::new(&auth)))
        .nest("/login/", session_login(login(&auth)))
        .nest("/logout/", session_logout(SessionLogout::new(&auth).redirect_to("/")))
        .nest("/password-reset/", password_reset(PasswordReset::new(&auth)?))
        .nest("/change-password/", change_password(ChangePassword::new(&auth)))
        .nest("/account/", account(Account::new(&auth)))
        .nest("/mfa/", mfa_setup(MfaSetup::new(&auth)))
        .layer(auth.csrf()))
}

/// What all pages share: users, sessions, mails, and the second factors that there are.
fn sign_in(db: &Db, desk: &Desk, folder: &Path, base_url: Url) -> Result<Auth, AuthError> {
    let signer = desk.signer();
    let mailer = Mailer::folder(folder.join("outbox"));
    let passkeys = Passkeys::new(db, signer, "localhost", &base_url)?.site_name("The front desk");
    let app = AuthenticatorProvider::new(db, signer).issuer_name("The front desk");
    let mails = EmailCodeProvider::new(db, signer, &mailer).site_name("The front desk");
    Ok(Auth::new(Users::own(db), Sessions::database(db), desk)
        .site_name("The front desk")
        .base_url(base_url)
        .mailer(mailer)
        .mfa_provider(app)
        .mfa_provider(mails)
        .with_passkeys(passkeys))
}

fn login(auth: &Auth) -> SessionLogin {
    SessionLogin::new(auth)
        .redirect_to("/private")
        .password_reset_url("/password-reset/")
        .register_url("/register/")
}

/// The secret of the site, made at the first start. Keep it: it encrypts what second factors store.
fn secret(folder: &Path) -> Result<Secret, Box<dyn Error>> {
    let path = folder.join("secret");
    if !path.exists() {
        let mut bytes = [0; 32];
        std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
        std::fs::write(&path, bytes)?;
    }
    Ok(Secret::new(std::fs::read(&path)?)?)
}

async fn home() -> Html<String> {
    let links = [("/private", "The private page"), ("/login/", "Login"), ("/register/", "Sign Up")];
    page("Welcome", &html::p().child("This page is for everybody."), &links)
}

async fn private(user: User) -> Html<String> {
    let hello = html::p().child(format!("Hello {}, only you see this.", user.username));
    page("Private", &hello, &[("/account/", "Account"), ("/mfa/", "Second factors"), ("/logout/", "Logout")])
}

fn page(title: &str, content: &html::Element, links: &[(&'static str, &'static str)]) -> Html<String> {
    let links = links.iter().map(|(address, text)| html::li().child(html::a().href(*address).child(*text)));
    let list = links.fold(html::ul(), |list, link| list.child(link));
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title><link rel=\"icon\" href=\"data:,\"></head>\
         <body><main><h1>{title}</h1>{content}{list}</main></body></html>"
    ))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn the_private_page_asks_who_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let app = app(folder.path(), "http://localhost:3000".parse().unwrap()).await.unwrap();
        let get = async |path: &str| {
            let request = Request::get(path).header("host", "localhost:3000").header("accept", "text/html");
            app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        let answer = get("/private").await;
        assert_eq!(answer.headers()["location"], "/login/?next=%2Fprivate");
        for path in ["/", "/login/", "/login/passkey/", "/register/", "/password-reset/"] {
            assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
        }
        assert_eq!(get("/mfa/").await.status(), StatusCode::TEMPORARY_REDIRECT);
    }
}
