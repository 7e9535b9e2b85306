//! Times, as Cloud Scheduler delivers them.
//!
//! Source: <https://cloud.google.com/scheduler/docs/reference/rpc/google.cloud.scheduler.v1#httptarget>.

use jiff::SignedDuration;
use model::{ScheduleRunId, Timestamp, schedule::ScheduleRun};
use store::{Store, Trail};
use tracing::warn;

use super::{Delivered, Event, Malformed};

const EXPECTED: &str = "a call of Cloud Scheduler";
/// The time that the job was due, the same for every attempt.
const SCHEDULE_TIME: &str = "x-cloudscheduler-scheduletime";

/// How long the last success of a schedule is known: longer than any schedule waits.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

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
        let event = delivered.event("schedule", &time.to_string(), time, &Trail::default(), None);
        Ok(Self { event })
    }
}

impl Delivered {
    /// Whether Cloud Scheduler delivers.
    pub(super) fn is_tick(&self) -> bool {
        self.headers.contains_key(SCHEDULE_TIME)
    }
}

/// Remembers that the handler of a schedule ended well, for checks that ask.
///
/// A success that cannot be written down is a success all the same: the next one is.
pub(super) async fn remember(store: &Store, event: &Event) {
    let id = ScheduleRunId::new(format!("{}.{}", event.function, event.trigger));
    let run = ScheduleRun { due_at: event.time, expires_at: event.time.plus(KEPT) };
    if let Err(error) = store.measure(&id, &run).await {
        warn!("cannot remember that `{id}` did its work: {error}");
    }
}
