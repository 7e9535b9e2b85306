//! What every handler has.

use std::{path::Path, sync::Arc};

use bus::Bus;
use function::{Environment, Mesh};
use secrecy::ExposeSecret;
use store::Store;
use tlog::{Algorithm, SigningKey, VerifierKey, log_origin, witness_name};
use tracing::error;

use crate::{
    control::ControlSet,
    inventory::Inventory,
    passes::Passes,
    related::Reasons,
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
    /// The controls of `AUDIT_CONTROLS` that are broken, and why.
    pub refused: Arc<[String]>,
    /// What there is, as Cloud Asset Inventory knows it.
    pub(crate) inventory: Inventory,
    /// The audit log.
    pub sealer: Sealer,
    /// Passes over what depends on assets of a type.
    pub(crate) passes: Arc<Passes<Arc<Reasons>>>,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with the log's keys or with what is to be listed, that the folder of controls
    /// is not there, or that the manifest does not say that the witness is called.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let (controls, refused) = controls(environment)?;
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            controls: Arc::new(controls),
            refused: refused.into(),
            inventory: Inventory::new(&mesh.project, environment).map_err(|wrong| vec![wrong])?,
            sealer: sealer(mesh, environment)?,
            passes: Arc::default(),
        })
    }
}

/// Reads the controls: those that the engine comes with, and those of the folder that
/// `AUDIT_CONTROLS` names. One that is broken is left out and told, and the others are asked.
fn controls(environment: &Environment) -> Result<(ControlSet, Vec<String>), Vec<String>> {
    let mut set = ControlSet::built_in();
    let Some(folder) = environment.get("AUDIT_CONTROLS").filter(|folder| *folder != "none") else {
        return Ok((set, Vec::new()));
    };
    let broken = set.extend(Path::new(folder));
    let broken = broken.map_err(|error| vec![format!("AUDIT_CONTROLS: {error}")])?;
    let refused: Vec<_> = broken.iter().map(ToString::to_string).collect();
    for control in &refused {
        error!("a control is left out: {control}");
    }
    Ok((set, refused))
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
