//! A service that the mesh watches.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Document, Operational, ServiceId};

/// A service of the estate, watched by an HTTP check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Service {
    /// What people call it.
    pub name: String,
    /// The address that answers `GET` with a 2xx status while the service is well.
    pub url: String,
}

impl Document for Service {
    type Id = ServiceId;
}

impl Operational for Service {}
