//! What the runtime gives to every function.

use bus::Bus;
use store::Store;

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
}

impl Mesh {
    /// Returns the address of the function's own service account.
    #[must_use]
    pub fn service_account(&self) -> String {
        format!("{}@{}.iam.gserviceaccount.com", self.function, self.project)
    }
}
