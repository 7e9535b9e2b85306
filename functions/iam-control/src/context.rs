//! What every handler has.

use std::{collections::BTreeSet, sync::Arc};

use function::{Environment, Mesh};
use model::Role;
use store::Store;
use tokio::sync::Mutex;

use crate::{
    access::Modules, first_owner::FirstOwner, identity_toolkit::IdentityToolkit, second_factor,
};

/// The documents and the accounts that iam-control keeps.
#[derive(Clone)]
pub struct Context {
    /// People, elevations, reviews.
    pub store: Store,
    pub(crate) accounts: IdentityToolkit,
    pub(crate) modules: Modules,
    /// Who becomes owner while there is none.
    pub(crate) first_owner: Option<FirstOwner>,
    /// The roles that count only with a second factor.
    pub(crate) second_factor_for: BTreeSet<Role>,
    /// Who lets go of an owner here waits for who does so just now. It is only fairer than
    /// losing races: what holds the last owner is the transaction.
    pub(crate) letting_go: Arc<Mutex<()>>,
}

impl Context {
    /// Makes the context; nothing is connected yet.
    ///
    /// # Errors
    /// When no HTTP client can be made, a manifest cannot be read, or what the environment
    /// says of people cannot be understood.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let accounts = IdentityToolkit::new(&mesh.project, environment);
        Ok(Self {
            store: mesh.store.clone(),
            accounts: accounts.map_err(|mistake| vec![mistake])?,
            modules: Modules::built_in(&mesh.project)?,
            first_owner: FirstOwner::read(environment).map_err(|mistake| vec![mistake])?,
            second_factor_for: second_factor::read(environment).map_err(|wrong| vec![wrong])?,
            letting_go: Arc::default(),
        })
    }
}
