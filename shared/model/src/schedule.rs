//! Schedules, and when they last did their work.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Document, Measurement, ScheduleRunId, Timestamp};

/// The last time that the handler of a schedule ended well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleRun {
    /// The time that it was due.
    pub due_at: Timestamp,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl Document for ScheduleRun {
    type Id = ScheduleRunId;
}

impl Measurement for ScheduleRun {}
