//! Whether a connection is encrypted, and whom it is made to: `sslmode` as libpq means it.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::DbError;

/// What the URL says of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TlsSettings {
    pub(super) mode: Mode,
    /// `sslrootcert`: a file, or `system`.
    pub(super) root: Option<String>,
    /// `sslcert` and `sslkey`.
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
}

/// `sslmode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    /// Encrypted where the server can; whoever it is.
    #[default]
    Prefer,
    /// Encrypted, whoever the server is.
    Require,
    /// Encrypted, to a server with a certificate of an authority that is trusted.
    VerifyCa,
    /// Encrypted, to the server of that name.
    VerifyFull,
}

impl Mode {
    pub(super) fn parse(text: &str) -> Result<Self, DbError> {
        Ok(match text {
            "disable" => Self::Disable,
            // libpq tries without encryption first; with it is what both can do.
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            other => {
                return Err(DbError::unsupported(format!(
                    "`sslmode={other}` is not understood; known are disable, prefer, require, verify-ca and verify-full"
                )));
            }
        })
    }
}

/// What makes encrypted connections; `None` where none shall be.
pub(super) fn connector(settings: &TlsSettings) -> Result<Option<MakeRustlsConnect>, DbError> {
    let verifies = match settings.mode {
        Mode::Disable => return Ok(None),
        // As in libpq, a root certificate that is given is one to check.
        Mode::Require if settings.root.is_some() => Mode::VerifyCa,
        mode => mode,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match verifies {
        Mode::VerifyCa | Mode::VerifyFull => {
            let (roots, trusted) = roots(settings.root.as_deref())?;
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| {
                    DbError::unavailable("the root certificates cannot be used").caused_by(error)
                })?;
            Arc::new(Trusted { inner, trusted, checks_name: verifies == Mode::VerifyFull })
        }
        _ => Arc::new(Anyone(Arc::clone(&provider))),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DbError::unavailable("TLS cannot be set up").caused_by(error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match (&settings.certificate, &settings.key) {
        (None, None) => config.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
            config.with_client_auth_cert(certificates(certificate)?, key).map_err(|error| {
                DbError::unavailable("the certificate of `sslcert` and the key of `sslkey` do not fit")
                    .caused_by(error)
            })?
        }
        _ => return Err(DbError::unsupported("`sslcert` and `sslkey` belong together")),
    };
    Ok(Some(MakeRustlsConnect::new(config)))
}

/// The authorities, and the certificates of the file.
fn roots(file: Option<&str>) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), DbError> {
    let mut roots = RootCertStore::empty();
    let mut trusted = Vec::new();
    match file {
        Some(file) if file != "system" => {
            trusted = certificates(file)?;
            for certificate in &trusted {
                roots.add(certificate.clone()).map_err(|error| unreadable(file, error))?;
            }
        }
        _ => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(DbError::unavailable(
            "there are no root certificates to check the server by; name a file with `sslrootcert`",
        ));
    }
    Ok((roots, trusted))
}

fn certificates(file: &str) -> Result<Vec<CertificateDer<'static>>, DbError> {
    CertificateDer::pem_file_iter(Path::new(file))
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(file, error))
}

fn unreadable(file: &str, error: impl std::error::Error + Send + Sync + 'static) -> DbError {
    DbError::unavailable(format!("the file `{file}`, which the database URL names, cannot be read"))
        .caused_by(error)
}

/// Takes any certificate: that is what `require` means, and no protection from one who stands between.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes a certificate of a trusted authority: `verify-full`, and without a look at the name `verify-ca`.
#[derive(Debug)]
struct Trusted {
    inner: Arc<WebPkiServerVerifier>,
    /// Certificates that are trusted themselves: servers often have one that is its own authority.
    trusted: Vec<CertificateDer<'static>>,
    checks_name: bool,
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.trusted.iter().any(|known| known == certificate) {
            if self.checks_name {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match self.inner.verify_server_cert(certificate, between, name, ocsp, now) {
            // The name is looked at last.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
