//! What every route has.

use bus::Bus;
use function::{Environment, Mesh, Peer};
use store::Store;

use crate::feed::Feed;

/// The documents, the topics, and the functions behind the API.
#[derive(Clone)]
pub struct Context {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) iam_control: Peer,
    pub(crate) feed: Feed,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// When the manifest does not say that iam-control is called.
    pub fn connect(mesh: &Mesh, _: &Environment) -> Result<Self, Vec<String>> {
        Ok(Self {
            store: mesh.store.clone(),
            bus: mesh.bus.clone(),
            iam_control: mesh.peer("iam-control")?,
            feed: Feed::new(mesh.store.clone()),
        })
    }
}
