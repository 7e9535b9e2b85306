//! What every handler has.

use function::{Environment, Mesh};
use store::Store;

use crate::{Config, probe::Prober};

/// The documents, and the client that asks services.
#[derive(Clone)]
pub struct Context {
    /// Services, checks, incidents, overrides, controls.
    pub store: Store,
    pub(crate) prober: Prober,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// Every mistake of the configuration.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let config = Config::read(environment)?;
        let prober = Prober::new(config.check_timeout).map_err(|error| vec![error.to_string()])?;
        Ok(Self { store: mesh.store.clone(), prober })
    }
}
