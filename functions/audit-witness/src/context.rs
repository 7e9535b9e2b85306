//! What the route has.

use std::sync::Arc;

use function::{Environment, Mesh};
use secrecy::ExposeSecret;
use store::Store;
use tlog::{Algorithm, SigningKey, VerifierKey, log_origin, witness_name};

/// The logs that are known, and the key that cosigns.
#[derive(Clone)]
pub struct Context {
    pub(crate) store: Store,
    pub(crate) logs: Arc<[VerifierKey]>,
    pub(crate) signer: Arc<SigningKey>,
    pub(crate) name: VerifierKey,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with the keys.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let reader = environment.reader();
        let mistake = |name: &str, error: tlog::KeyError| {
            reader.mistake(format!("{name}: {error}"));
        };
        let signer = reader.secret("WITNESS_SIGNING_KEY").and_then(|text| {
            let key = SigningKey::from_hex(text.expose_secret());
            key.map_err(|error| mistake("WITNESS_SIGNING_KEY", error)).ok()
        });
        let name = signer.as_ref().and_then(|signer| {
            let name = witness_name(&mesh.project);
            let key = VerifierKey::new(&name, Algorithm::CosignatureV1, signer.public());
            key.map_err(|error| mistake("GOOGLE_CLOUD_PROJECT", error)).ok()
        });
        let log = reader.secret("AUDIT_PUBLIC_KEY").and_then(|text| {
            let origin = log_origin(&mesh.project);
            let key = VerifierKey::from_hex(&origin, Algorithm::Ed25519, text.expose_secret());
            key.map_err(|error| mistake("AUDIT_PUBLIC_KEY", error)).ok()
        });
        let ((signer, name), log) = reader.finish(signer.zip(name).zip(log))?;
        let (logs, signer) = (Arc::from([log]), Arc::new(signer));
        Ok(Self { store: mesh.store.clone(), logs, signer, name })
    }
}
