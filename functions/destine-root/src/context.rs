//! What every handler has.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use function::{Environment, Mesh};
use store::Store;

use crate::{Config, monitoring::Monitoring, probe::Prober, tick::Book};

/// The documents, what runs checks, and what is known of them between ticks.
#[derive(Clone)]
pub struct Context {
    /// Services, checks, incidents, overrides, controls.
    pub store: Store,
    pub(crate) prober: Prober,
    pub(crate) book: Arc<Mutex<Book>>,
    /// How long a check that a service has by itself may take.
    pub(crate) check_timeout: Duration,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// Every mistake of the configuration.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let config = Config::read(environment)?;
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let prober = Monitoring::new(&mesh.project, environment).and_then(|monitoring| {
            Prober::new(mesh.store.clone(), monitoring, config.egress, Arc::new(roots))
        });
        let prober = prober.map_err(|error| vec![error])?;
        Ok(Self {
            store: mesh.store.clone(),
            prober,
            book: Arc::default(),
            check_timeout: config.check_timeout,
        })
    }
}
