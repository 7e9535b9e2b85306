//! Overrides: a person asks to restrict a control, others approve, and it ends by itself.

mod change;
#[cfg(test)]
mod explored;
mod policy;
mod safety;
mod transition;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, Document, Operational, Timestamp, Uid, control::ControlState};

pub use change::{Change, Effect, MINUTES_DEFAULT, MINUTES_MAX, Scope, WrongField};
pub use policy::{Act, Automatic, ControlSpec, FailMode, Policy, Then, When};
pub use safety::{Broken, Controls, broken_rules};
pub use transition::{Refused, WAITS, fresh_sign_in};

/// The control that keeps commands on assets of the estate from being run: an override of it
/// permits exactly one on exactly one asset.
pub const REMEDIATION: &str = "remediation";

/// Where an override stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OverrideState {
    /// Somebody asked.
    Requested,
    /// Enough others agreed; destine-root will carry it out.
    Approved,
    /// The control is restricted.
    Active,
    /// Somebody else refused.
    Rejected,
    /// Who asked no longer wants it.
    Withdrawn,
    /// Not enough people agreed in time.
    Lapsed,
    /// Its time is over.
    Expired,
    /// Somebody ended it before its time.
    Lifted,
    /// A newer one does the same to the same.
    Superseded,
    /// It could not be carried out.
    Failed,
}

impl OverrideState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Approved,
        Self::Active,
        Self::Rejected,
        Self::Withdrawn,
        Self::Lapsed,
        Self::Expired,
        Self::Lifted,
        Self::Superseded,
        Self::Failed,
    ];

    /// Tells whether nothing can become of it any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Requested | Self::Approved | Self::Active)
    }
}

/// One person's consent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    /// Who.
    pub by: Uid,
    /// When.
    pub at: Timestamp,
    /// What they agreed to: the hash of the change as they saw it.
    pub hash: String,
    /// When they had signed in.
    pub signed_in_at: Timestamp,
}

/// Who did something about an override, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Said {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A review of an override that nobody had to approve.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = OverrideReview)]
pub struct Review {
    /// Until when somebody else must have looked at it.
    pub due_at: Timestamp,
    /// Who did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Said>,
}

/// A wish to restrict a control, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Override {
    /// What is wanted.
    pub change: Change,
    /// The hash of exactly that, which approvals are bound to.
    pub hash: String,
    /// Who asked: a person, or destine-root by a rule.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// The rule that asked, if no person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Where it stands.
    pub state: OverrideState,
    /// How many people besides the requester must agree.
    pub approvals_needed: u32,
    /// Who agreed.
    #[serde(default)]
    pub approvals: Vec<Approval>,
    /// Set when an owner did it alone, in an emergency: somebody has to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// When the control was restricted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the control was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<ControlState>,
    /// Somebody wants it to end now; destine-root will carry it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<Said>,
    /// Who last confirmed a kill for another day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Said>,
    /// Who ended it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Said>,
}

impl Document for Override {
    type Id = crate::OverrideId;
}

impl Operational for Override {}
