//! What the runtime gives to every function.

use std::collections::BTreeMap;

use bus::Bus;
use store::Store;

use crate::{Controls, Peer, figures::Figures};

/// The rest of the mesh as one function sees it. Cheap to clone; connects when used.
#[derive(Clone)]
pub struct Mesh {
    /// The project that everything is in.
    pub project: String,
    /// The function's name.
    pub function: String,
    /// The documents.
    pub store: Store,
    /// The topics.
    pub bus: Bus,
    /// What may be done now.
    pub controls: Controls,
    pub(crate) figures: Figures,
    pub(crate) peers: BTreeMap<String, Peer>,
    /// Whether the manifest gives it documents: without, it follows no controls either.
    pub(crate) documents: bool,
}

impl Mesh {
    /// Returns a function that the manifest says is called.
    ///
    /// # Errors
    /// The mistake, when the manifest does not say so.
    pub fn peer(&self, function: &str) -> Result<Peer, Vec<String>> {
        let peer = self.peers.get(function).cloned();
        peer.ok_or_else(|| vec![format!("calls: the manifest does not say `{function}`")])
    }

    /// Returns the address of the function's own service account.
    #[must_use]
    pub fn service_account(&self) -> String {
        format!("{}@{}.iam.gserviceaccount.com", self.function, self.project)
    }
}
