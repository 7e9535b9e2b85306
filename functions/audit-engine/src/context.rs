//! What every handler has.

use std::sync::Arc;

use bus::Bus;
use function::{Environment, Mesh};
use store::Store;

use crate::control::ControlSet;

/// The documents and topics that the engine works with.
#[derive(Clone)]
pub struct Context {
    /// Assets, findings, runs.
    pub store: Store,
    /// Requests for runs, and their completion.
    pub bus: Bus,
    /// What is demanded of assets.
    pub controls: Arc<ControlSet>,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// Never: the engine has no configuration of its own.
    pub fn connect(mesh: &Mesh, _: &Environment) -> Result<Self, Vec<String>> {
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            controls: Arc::new(ControlSet::built_in()),
        })
    }
}
