//! Controls: what each thing that can be stopped may do now, and why.

mod ack;
mod decide;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ControlName, Document, Operational, OverrideId, Timestamp,
    operator_override::{Effect, Scope},
};

pub use ack::{Ack, Instance, SEEN_EVERY, TriggerFigures};
pub use decide::{Decision, Target};

/// How many restrictions a control has at a time: more is no longer operated, but wrong.
pub const RESTRICTIONS_MAX: usize = 20;

/// What a module may do.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ControlState {
    /// Everything.
    #[default]
    Enabled,
    /// Less than everything; the restrictions say what.
    Reduced,
    /// Nothing.
    Halted,
}

/// An override that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Restriction {
    /// The override that caused it.
    #[serde(rename = "override")]
    pub cause: OverrideId,
    /// The hash of exactly what was approved.
    pub hash: String,
    /// What it does.
    pub effect: Effect,
    /// Where.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself, whether or not anybody writes that down.
    pub until: Timestamp,
}

/// One control. A missing document means enabled, epoch 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Control {
    /// What everybody may do: the most that a restriction of everybody takes away.
    pub state: ControlState,
    /// Grows by one with every change, so that a stale reader can be told.
    pub epoch: u64,
    /// When it changed.
    pub since: Timestamp,
    /// Why, in the words of the person who asked.
    pub reason: String,
    /// The overrides in force, in the order of their activation.
    #[serde(default)]
    pub restrictions: Vec<Restriction>,
}

impl Control {
    /// Returns this control with other restrictions: the next version.
    #[must_use]
    pub fn next(&self, restrictions: Vec<Restriction>, reason: &str, now: Timestamp) -> Self {
        let everybody = restrictions.iter().filter(|one| one.scope == Scope::Global);
        Self {
            state: everybody.map(|one| one.effect.state()).max().unwrap_or_default(),
            epoch: self.epoch + 1,
            since: now,
            reason: reason.to_owned(),
            restrictions,
        }
    }
}

impl Document for Control {
    type Id = ControlName;
}

impl Operational for Control {}
