//! What every handler has.

use std::sync::Arc;

use bus::Bus;
use function::{Environment, Mesh};
use secrecy::ExposeSecret;
use store::Store;
use tlog::{Algorithm, SigningKey, VerifierKey, log_origin, witness_name};

use crate::{
    control::ControlSet,
    seal::{Sealer, SubjectSecret, Witness},
};

/// The documents and topics that the engine works with, and the log that it keeps.
#[derive(Clone)]
pub struct Context {
    /// Assets, findings, runs.
    pub store: Store,
    /// Requests for runs, and their completion.
    pub bus: Bus,
    /// What is demanded of assets.
    pub controls: Arc<ControlSet>,
    /// The audit log.
    pub sealer: Sealer,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with the log's keys, or that the manifest does not say that the witness
    /// is called.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            controls: Arc::new(ControlSet::built_in()),
            sealer: sealer(mesh, environment)?,
        })
    }
}

fn sealer(mesh: &Mesh, environment: &Environment) -> Result<Sealer, Vec<String>> {
    let witness = mesh.peer("audit-witness")?;
    let reader = environment.reader();
    let read = |name: &str| reader.secret(name);
    let (signing, secret, witnessing) =
        (read("AUDIT_SIGNING_KEY"), read("AUDIT_SUBJECT_SECRET"), read("WITNESS_PUBLIC_KEY"));
    let keep = |name: &str, error: tlog::KeyError| reader.mistake(format!("{name}: {error}"));
    let signer = signing.and_then(|text| {
        let key = SigningKey::from_hex(text.expose_secret());
        key.map_err(|error| keep("AUDIT_SIGNING_KEY", error)).ok()
    });
    let log = signer.as_ref().and_then(|signer| {
        let name = log_origin(&mesh.project);
        let key = VerifierKey::new(&name, Algorithm::Ed25519, signer.public());
        key.map_err(|error| keep("GOOGLE_CLOUD_PROJECT", error)).ok()
    });
    let witness = witnessing.and_then(|text| {
        let name = witness_name(&mesh.project);
        let key = VerifierKey::from_hex(&name, Algorithm::CosignatureV1, text.expose_secret());
        key.map(|key| Witness::new(witness, key))
            .map_err(|error| keep("WITNESS_PUBLIC_KEY", error))
            .ok()
    });
    let secret = secret.and_then(|text| {
        let secret = SubjectSecret::new(text.expose_secret());
        if secret.is_none() {
            reader.mistake("AUDIT_SUBJECT_SECRET: at least 32 characters".into());
        }
        secret
    });
    let whole = signer.zip(log).zip(witness.zip(secret));
    let ((signer, log), (witness, secret)) = reader.finish(whole)?;
    Ok(Sealer::new(mesh.store.clone(), log, Box::new(signer), secret, Some(witness)))
}
