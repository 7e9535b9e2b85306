//! What was decided: how often each person used, or was refused, each permission.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Permission;
use crate::{Document, Measurement, TallyId, Timestamp, id::digest};

/// What one instance of one function decided for one caller on one day.
///
/// An instance writes the whole of it again as it grows, so that writing it twice
/// changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionTally {
    /// The caller as the journal names them, such as `person:UID` or `service:ACCOUNT`.
    pub caller: String,
    /// The function that decided.
    pub function: String,
    /// The first instant of the day.
    pub day: Timestamp,
    /// The decisions, by permission.
    pub counts: BTreeMap<Permission, Tally>,
    /// How often a service called.
    #[serde(default)]
    pub calls: u64,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

/// How often a permission was used and refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tally {
    /// How often it was there.
    pub allowed: u64,
    /// How often it was not.
    pub refused: u64,
}

impl TallyId {
    /// Names what one instance decided for one caller on one day.
    #[must_use]
    pub fn of(instance: &str, caller: &str, day: Timestamp) -> Self {
        Self::new(digest(&[instance, caller, &day.to_string()]))
    }
}

impl Document for DecisionTally {
    type Id = TallyId;
}

impl Measurement for DecisionTally {}
