//! What the mesh says of itself, as data: the lines that are searched for, the metrics that
//! are made of them, what is promised, and who is told when.
//!
//! Terraform's files and the runbook are made from these tables, so that a line, the metric
//! that counts it, the alert that watches the metric and the text that says what to do have
//! one spelling.

pub mod alerts;
pub mod dashboard;
pub mod facts;
pub mod metrics;
pub mod objectives;
pub mod outcomes;
pub mod policies;
pub mod runbook;

use serde::Serialize;

pub use self::{
    alerts::{ALERTS, Alert, Condition, Runbook, Target, Urgency},
    facts::{FACTS, Fact, Level},
    metrics::{METRICS, Metric},
    objectives::{OBJECTIVES, Objective, TIERS, Tier},
    outcomes::{OUTCOMES, Outcome, Verdict},
    policies::{Policy, policies},
};

/// A schedule that must be heard of, or somebody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Heartbeat {
    /// The function.
    pub function: String,
    /// Its trigger.
    pub trigger: String,
    /// How long nothing may be heard.
    pub silence_seconds: u64,
}

impl Heartbeat {
    /// The shortest silence that means something: a deployment takes minutes.
    pub const SILENCE_SECONDS_MIN: u64 = 10 * 60;
    /// The longest that Cloud Monitoring looks back for an alert.
    pub const SILENCE_SECONDS_MAX: u64 = 25 * 60 * 60;

    /// Expects a schedule within two of its longest gaps.
    #[must_use]
    pub fn of(function: &str, trigger: &str, gap_seconds: u64) -> Self {
        let silence = gap_seconds.saturating_mul(2);
        Self {
            function: function.to_owned(),
            trigger: trigger.to_owned(),
            silence_seconds: silence.clamp(Self::SILENCE_SECONDS_MIN, Self::SILENCE_SECONDS_MAX),
        }
    }
}

/// Renders a table as the JSON that Terraform reads.
#[must_use]
pub fn as_json(table: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(table).unwrap_or_default();
    format!("{text}\n")
}
