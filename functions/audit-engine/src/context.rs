//! What every handler has.

use std::{path::Path, sync::Arc};

use bus::Bus;
use function::{Environment, Mesh};
use secrecy::ExposeSecret;
use store::Store;
use tlog::{Algorithm, VerifierKey, witness_name};
use tracing::error;

use crate::{
    archive::{Archive, Bucket},
    control::ControlSet,
    inventory::Inventory,
    passes::Passes,
    related::Reasons,
    seal::{Sealer, SubjectSecret, Witness},
    signer::signer,
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
    /// The log's copy in a bucket, where there is one.
    pub archive: Option<Archive>,
    /// Passes over what depends on assets of a type.
    pub(crate) passes: Arc<Passes<Arc<Reasons>>>,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// What is wrong with the log's keys, its copy's bucket or with what is to be listed, that the
    /// folder of controls is not there, or that the manifest does not say that the witness is
    /// called.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let (controls, refused) = controls(environment)?;
        let sealer = sealer(mesh, environment)?;
        let bucket = Bucket::new(environment).map_err(|wrong| vec![wrong])?;
        let log = sealer.key().clone();
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            controls: Arc::new(controls),
            refused: refused.into(),
            inventory: Inventory::new(&mesh.project, environment).map_err(|wrong| vec![wrong])?,
            sealer,
            archive: bucket.map(|bucket| Archive::new(mesh.store.clone(), log, bucket)),
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
        error!(event_name = "controls-incomplete", "a control is left out: {control}");
    }
    Ok((set, refused))
}

fn sealer(mesh: &Mesh, environment: &Environment) -> Result<Sealer, Vec<String>> {
    let witness = mesh.peer("audit-witness")?;
    let signed = signer(&mesh.project, environment);
    let reader = environment.reader();
    let (secret, witnessing) =
        (reader.secret("AUDIT_SUBJECT_SECRET"), reader.secret("WITNESS_PUBLIC_KEY"));
    let witness = witnessing.and_then(|text| {
        let name = witness_name(&mesh.project);
        let key = VerifierKey::from_hex(&name, Algorithm::CosignatureV1, text.expose_secret());
        key.map(|key| Witness::new(witness, key))
            .map_err(|error| reader.mistake(format!("WITNESS_PUBLIC_KEY: {error}")))
            .ok()
    });
    let secret = secret.and_then(|text| {
        let secret = SubjectSecret::new(text.expose_secret());
        if secret.is_none() {
            reader.mistake("AUDIT_SUBJECT_SECRET: at least 32 characters".into());
        }
        secret
    });
    // Every mistake is told, also where there are some on both sides.
    let ((signer, log), (witness, secret)) = match (signed, reader.finish(witness.zip(secret))) {
        (Ok(signed), Ok(others)) => (signed, others),
        (signed, others) => {
            return Err([signed.err(), others.err()].into_iter().flatten().flatten().collect());
        }
    };
    Ok(Sealer::new(mesh.store.clone(), log, signer, secret, Some(witness)))
}
