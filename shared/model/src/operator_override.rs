//! Overrides: a person asks to change a control, another approves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ControlName, Document, Operational, OverrideId, Timestamp, Uid, control::ControlState,
};

/// Where an override stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverrideState {
    /// Somebody asked.
    Requested,
    /// Somebody else agreed; destine-root will carry it out.
    Approved,
    /// The control has the wanted state.
    Active,
}

/// A person's wish to change a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Override {
    /// The control to change.
    pub control: ControlName,
    /// The state that the control shall have.
    pub wanted: ControlState,
    /// Why.
    pub reason: String,
    /// Where the override stands.
    pub state: OverrideState,
    /// Who asked.
    pub requested_by: Uid,
    /// Who agreed; never the person who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Uid>,
    /// When the control took the wanted state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
}

impl Document for Override {
    type Id = OverrideId;
}

impl Operational for Override {}
