//! A certificate is valid, and does not expire soon.

use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Timestamp,
    check::{TlsProbe, Verdict},
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio_rustls::TlsConnector;

use super::{Answer, Reach, der};

/// Returns the cryptography that everything here uses.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Looks at certificates.
#[derive(Clone)]
pub struct TlsProber {
    reach: Reach,
    provider: Arc<CryptoProvider>,
    /// `None` when nobody is trusted, which leaves every chain without an end.
    chains: Option<Arc<WebPkiServerVerifier>>,
}

/// What a handshake showed.
#[derive(Debug, Default)]
struct Shown {
    expires_at: Option<Timestamp>,
    /// Why the chain is not valid.
    invalid: Option<String>,
}

/// Takes any certificate, so that its date can be read, and remembers what is wrong with
/// it. Nothing is sent over a connection that was made so.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    chains: Option<Arc<WebPkiServerVerifier>>,
    shown: Arc<Mutex<Shown>>,
}

impl TlsProber {
    pub(super) fn new(reach: Reach, roots: Arc<RootCertStore>) -> Result<Self, String> {
        let provider = provider();
        let chains = if roots.is_empty() {
            None
        } else {
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
            Some(verifier.build().map_err(|error| error.to_string())?)
        };
        Ok(Self { reach, provider, chains })
    }

    pub(super) async fn ask(&self, probe: &TlsProbe, now: Timestamp) -> Answer {
        let Ok(name) = ServerName::try_from(probe.host.clone()) else {
            return Answer::bad("the host is none");
        };
        let stream = match self.reach.connect(&probe.host, probe.port).await {
            Ok(stream) => stream,
            Err(error) => return Answer::bad(error.to_string()),
        };
        let shown = Arc::new(Mutex::new(Shown::default()));
        let witness = Witness {
            provider: self.provider.clone(),
            chains: self.chains.clone(),
            shown: shown.clone(),
        };
        let config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions();
        let config = match config {
            Ok(config) => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(witness))
                .with_no_client_auth(),
            Err(error) => return Answer::unknown(error.to_string()),
        };
        if TlsConnector::from(Arc::new(config)).connect(name, stream).await.is_err() {
            return Answer::bad("no TLS handshake");
        }
        let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        judge(probe, &shown, now)
    }
}

/// Judges what a handshake showed: an invalid chain first, then how many days are left.
fn judge(probe: &TlsProbe, shown: &Shown, now: Timestamp) -> Answer {
    let Some(expires_at) = shown.expires_at else {
        return Answer::bad("the certificate cannot be read");
    };
    let left = expires_at.duration_since(*now);
    let days = left.as_hours().div_euclid(24);
    if left.is_negative() || left.is_zero() {
        return Answer::bad(format!("the certificate expired at {expires_at}"));
    }
    if let Some(reason) = &shown.invalid {
        let words = format!("the certificate is not valid: {reason}; it expires in {days} days");
        return Answer::bad(words);
    }
    let expires = format!("the certificate expires in {days} days, at {expires_at}");
    let below = |bound: u16| days < i64::from(bound);
    if below(probe.bad_days) {
        return Answer::bad(format!("{expires}: fewer than {}", probe.bad_days));
    }
    match probe.degraded_days.iter().copied().filter(|bound| below(*bound)).min() {
        Some(bound) => Answer::new(Verdict::Slow, format!("{expires}: fewer than {bound}")),
        None => Answer::good(expires),
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.chains {
            Some(chains) => chains.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            ),
            None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.expires_at = der::expires_at(end_entity);
        shown.invalid = verified.err().map(|error| error.to_string());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
