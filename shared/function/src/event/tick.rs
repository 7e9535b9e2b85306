//! Times, as Cloud Scheduler delivers them.
//!
//! Source: <https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#httptarget>.

use model::Timestamp;

use super::{Delivered, Event, Malformed};

const EXPECTED: &str = "a call of Cloud Scheduler";
/// The time that the job was due, the same for every attempt.
const SCHEDULE_TIME: &str = "x-cloudscheduler-scheduletime";

/// A scheduled time that has come.
#[derive(Clone, Debug)]
pub struct Tick {
    /// The event; its time is the scheduled one.
    pub event: Event,
}

impl Tick {
    pub(super) fn read(delivered: &Delivered) -> Result<Self, Malformed> {
        let due = delivered
            .header(SCHEDULE_TIME)
            .ok_or_else(|| Malformed::new(EXPECTED, format!("`{SCHEDULE_TIME}` is missing")))?;
        let time: Timestamp = due.parse().map_err(|error| Malformed::new(EXPECTED, error))?;
        let event = delivered.event("schedule", &time.to_string(), time, None, None);
        Ok(Self { event })
    }
}
