//! What every route has.

use bus::Bus;
use function::{Environment, Mesh, Peer};
use secrecy::ExposeSecret;
use store::Store;
use tlog::{Algorithm, VerifierKey, log_origin, witness_name};

use crate::feed::Feed;

/// The documents, the topics, and the functions behind the API.
#[derive(Clone)]
pub struct Context {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) audit_engine: Peer,
    pub(crate) iam_control: Peer,
    pub(crate) feed: Feed,
    pub(crate) log: LogKeys,
}

/// The public keys of the audit log.
#[derive(Clone)]
pub(crate) struct LogKeys {
    pub(crate) log: VerifierKey,
    pub(crate) witness: VerifierKey,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// When the manifest does not say which functions are called, or a key is none.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            audit_engine: mesh.peer("audit-engine")?,
            iam_control: mesh.peer("iam-control")?,
            feed: Feed::new(mesh.store.clone()),
            log: LogKeys::read(mesh, environment)?,
        })
    }
}

impl LogKeys {
    fn read(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let reader = environment.reader();
        let read = |variable: &str, name: &str, algorithm| {
            let text = reader.secret(variable)?;
            VerifierKey::from_hex(name, algorithm, text.expose_secret())
                .map_err(|error| reader.mistake(format!("{variable}: {error}")))
                .ok()
        };
        let log = read("AUDIT_PUBLIC_KEY", &log_origin(&mesh.project), Algorithm::Ed25519);
        let name = witness_name(&mesh.project);
        let witness = read("WITNESS_PUBLIC_KEY", &name, Algorithm::CosignatureV1);
        let (log, witness) = reader.finish(log.zip(witness))?;
        Ok(Self { log, witness })
    }
}
