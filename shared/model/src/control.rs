//! Kill switches: the effective state of each thing that can be stopped.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ControlName, Document, Operational, OverrideId, Timestamp};

/// What a module may do.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ControlState {
    /// Everything.
    #[default]
    Enabled,
    /// Less than everything; the module says what.
    Reduced,
    /// Nothing.
    Halted,
}

/// The effective state of one control. A missing document means enabled, epoch 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Control {
    /// What the module may do now.
    pub state: ControlState,
    /// Grows by one with every change, so that a stale reader can be told.
    pub epoch: u64,
    /// When the state changed.
    pub since: Timestamp,
    /// Why, in the words of the person who asked.
    pub reason: String,
    /// The override that caused it.
    #[serde(rename = "override", default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<OverrideId>,
}

impl Document for Control {
    type Id = ControlName;
}

impl Operational for Control {}
