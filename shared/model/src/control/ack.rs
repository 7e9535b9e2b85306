//! Who applies which version of a control: so that "saved" and "in force" are told apart.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AckId, Document, InstanceId, Measurement, Timestamp};

/// A running instance of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Instance {
    /// The function.
    pub function: String,
    /// The version of the mesh that it was built from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The revision of the service that runs it; nothing outside Cloud Run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last said that it runs, and had read the controls.
    pub seen_at: Timestamp,
    /// Since when `triggers` counts, until `seen_at`: about a minute.
    #[serde(default = "no_time")]
    pub counted_since: Timestamp,
    /// What its triggers did meanwhile; those that did nothing are left out.
    #[serde(default)]
    pub triggers: BTreeMap<String, TriggerFigures>,
    /// When Firestore may forget it.
    pub expires_at: Timestamp,
}

/// What a trigger of one instance did in about a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriggerFigures {
    /// Deliveries or requests that were handled.
    pub handled: u64,
    /// Those that failed: a delivery that comes again or became a dead letter, a request that
    /// was answered with a status of 500 or more.
    pub failed: u64,
    /// The median of the time from an event to the end of handling it, in milliseconds, at
    /// most an eighth too small; nothing for requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag_p50_ms: Option<u64>,
}

/// Instances of an earlier version do not say.
fn no_time() -> Timestamp {
    jiff::Timestamp::UNIX_EPOCH.into()
}

/// How often an instance says that it runs.
pub const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

impl Instance {
    /// Tells whether it said so recently: once may be missed.
    #[must_use]
    pub fn runs_at(&self, now: Timestamp) -> bool {
        now.duration_since(*self.seen_at) <= SEEN_EVERY * 2 + SignedDuration::from_secs(10)
    }
}

impl Document for Instance {
    type Id = InstanceId;
}

impl Measurement for Instance {}

/// An instance applies a version of a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ack {
    /// The function.
    pub function: String,
    /// The version.
    pub epoch: u64,
    /// Since when.
    pub applied_at: Timestamp,
    /// Why the version is refused, and the control counts as halted instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// When Firestore may forget it.
    pub expires_at: Timestamp,
}

impl Document for Ack {
    type Id = AckId;
}

impl Measurement for Ack {}
