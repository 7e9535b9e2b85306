//! What a person wants to be told of, and how. Only they read it.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Document, Operational, PreferencesId, incident::Priority};

/// What a person wants to be told of, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Preferences {
    /// The least urgent incidents that they are told of.
    pub incidents_from: Priority,
    /// How they are told of incidents.
    pub incidents: Channels,
    /// How they are told of requests that wait for their approval.
    pub approvals: Channels,
    /// How they are told of exceptions that are about to expire.
    pub expiring_exceptions: Channels,
}

/// Ways to tell a person something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// To their address.
    pub email: bool,
    /// To their telephone.
    pub sms: bool,
    /// On the dashboard.
    pub page: bool,
}

/// The dashboard alone: nobody is called who did not say so.
const PAGE: Channels = Channels { email: false, sms: false, page: true };

/// What holds for a person who never said anything.
impl Default for Preferences {
    fn default() -> Self {
        Self {
            incidents_from: Priority::P2,
            incidents: PAGE,
            approvals: PAGE,
            expiring_exceptions: PAGE,
        }
    }
}

impl Document for Preferences {
    type Id = PreferencesId;
}

impl Operational for Preferences {}
