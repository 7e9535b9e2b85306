//! Schedules: what Cloud Scheduler does in production.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cronexpr::{Crontab, MakeTimestamp};
use function::manifest::Kind;
use jiff::{SignedDuration, Timestamp};
use tracing::{debug, info, warn};

use super::{
    Core, Target,
    queue::{Event, QueueError, Transport},
    trace,
};

/// The longest sleep. A machine that was suspended wakes up with timers that
/// are late by the time it slept, so the clock is read this often.
const SLEEP_MAX: Duration = Duration::from_secs(1);

/// A trigger that fires at times.
#[derive(Debug)]
pub(super) struct Schedule {
    function: String,
    trigger: String,
    crontab: Crontab,
}

/// Why a schedule cannot fire.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// A manifest's schedule that is not one.
    #[error("`{job}` has the schedule `{crontab}`, which cannot be read: {reason}")]
    Invalid {
        /// The function and its trigger.
        job: String,
        /// What the manifest says.
        crontab: String,
        /// Why not.
        reason: String,
    },
    /// No such schedule.
    #[error("there is no schedule `{0}`")]
    Unknown(String),
    /// A name that several functions use.
    #[error("`{0}` is the schedule of several functions: write `function.{0}`")]
    Ambiguous(String),
    /// The queue cannot be written.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl Schedule {
    /// Returns every schedule of the functions.
    pub(super) fn all(targets: &[Target]) -> Result<Vec<Self>, ScheduleError> {
        let mut schedules = Vec::new();
        for target in targets {
            for (id, trigger) in &target.manifest.triggers {
                let Some(Kind::Schedule(schedule)) = trigger.kind() else { continue };
                let crontab = format!("{} {}", schedule.cron, schedule.time_zone);
                let parsed = cronexpr::parse_crontab(&crontab).map_err(|error| {
                    let job = format!("{}.{id}", target.name);
                    ScheduleError::Invalid { job, crontab, reason: error.to_string() }
                })?;
                schedules.push(Self {
                    function: target.name.clone(),
                    trigger: id.clone(),
                    crontab: parsed,
                });
            }
        }
        Ok(schedules)
    }

    /// Returns the name that Terraform gives the job.
    fn job(&self) -> String {
        format!("{}.{}", self.function, self.trigger)
    }

    fn next_after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.crontab.find_next(MakeTimestamp(time)).ok()?;
        Some(next.timestamp())
    }

    /// Returns the last time due in `(after, until]`.
    ///
    /// Halves the span instead of walking through every time in it: a year of
    /// minutes takes 25 steps.
    fn last_due(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let due_after = |time| self.next_after(time).filter(|next| *next <= until);
        let mut due = due_after(after)?;
        // Something is due after `low`, nothing after `high`.
        let (mut low, mut high) = (after.as_second(), until.as_second());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match due_after(Timestamp::from_second(middle).ok()?) {
                Some(later) => (low, due) = (middle, later),
                None => high = middle,
            }
        }
        Some(due)
    }

    fn event(&self, at: Timestamp) -> Event {
        let headers = [
            ("user-agent", "Google-Cloud-Scheduler".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("x-cloudscheduler", "true".to_owned()),
            ("x-cloudscheduler-jobname", self.job()),
            ("x-cloudscheduler-scheduletime", model::Timestamp::from(at).to_string()),
            ("traceparent", trace::traceparent()),
        ];
        Event {
            function: self.function.clone(),
            trigger: self.trigger.clone(),
            transport: Transport::Scheduler,
            // Cloud Scheduler has one attempt of a job outstanding at a time.
            key: Some(self.trigger.clone()),
            accepted_at: Timestamp::now().into(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: bytes::Bytes::new(),
        }
    }
}

/// Fires every schedule when it is due, by the stack's clock.
///
/// A clock that jumps forward fires each schedule at most once, with the last
/// time that was due. A schedule that is still being delivered is not fired
/// again. Times at which the bridge does not run are missed.
pub(super) async fn run(core: Arc<Core>) {
    let mut moved = core.clock.moved();
    let mut seen = core.clock.now();
    loop {
        let now = core.clock.now();
        if now < seen {
            info!(%now, "the clock was set back; schedules go on from there");
        } else {
            for schedule in &core.schedules {
                if let Some(at) = schedule.last_due(seen, now) {
                    fire_due(&core, schedule, at);
                }
            }
        }
        seen = now;
        let next = core.schedules.iter().filter_map(|schedule| schedule.next_after(now)).min();
        let wait = next.map_or(SignedDuration::MAX, |next| next.duration_since(now));
        let wait = Duration::try_from(wait).unwrap_or_default().clamp(
            // Times are whole minutes: a moment later is as good, and never early.
            Duration::from_millis(1),
            SLEEP_MAX,
        );
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = moved.changed() => {}
        }
    }
}

fn fire_due(core: &Arc<Core>, schedule: &Schedule, at: Timestamp) {
    let job = schedule.job();
    let outstanding = core.queue.pending().iter().any(|delivery| {
        let event = &delivery.event;
        event.transport == Transport::Scheduler
            && event.function == schedule.function
            && event.trigger == schedule.trigger
    });
    if outstanding {
        warn!(%at, "skipped `{job}`: its last run is not done");
        return;
    }
    match core.accept(vec![schedule.event(at)]) {
        Ok(()) => debug!(%at, "fired `{job}`"),
        Err(error) => warn!(%error, "cannot fire `{job}`"),
    }
}

/// Fires one schedule now, whether or not it is due.
pub(super) fn tick(
    core: &Arc<Core>,
    name: &str,
    at: Option<Timestamp>,
) -> Result<(), ScheduleError> {
    let mut matching =
        core.schedules.iter().filter(|schedule| schedule.trigger == name || schedule.job() == name);
    let schedule = matching.next().ok_or_else(|| ScheduleError::Unknown(name.to_owned()))?;
    if matching.next().is_some() {
        return Err(ScheduleError::Ambiguous(name.to_owned()));
    }
    core.accept(vec![schedule.event(at.unwrap_or_else(|| core.clock.now()))])?;
    Ok(())
}

/// Returns when each schedule fires next.
pub(super) fn upcoming(core: &Core) -> BTreeMap<String, Option<String>> {
    let now = core.clock.now();
    let next = |schedule: &Schedule| schedule.next_after(now).map(|next| next.to_string());
    core.schedules.iter().map(|schedule| (schedule.job(), next(schedule))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(crontab: &str, after: &str, until: &str, expected: Option<&str>) {
        let schedule = Schedule {
            function: "f".into(),
            trigger: "t".into(),
            crontab: cronexpr::parse_crontab(crontab).expect("valid"),
        };
        let time = |text: &str| text.parse::<Timestamp>().expect("valid");
        let due = schedule.last_due(time(after), time(until)).map(|due| due.to_string());
        assert_eq!(due.as_deref(), expected, "{crontab} after {after} until {until}");
    }

    #[test]
    fn a_jump_finds_the_last_time_due() {
        let minutely = "* * * * * Etc/UTC";
        check(minutely, "2026-01-01T00:00:00Z", "2026-01-01T00:00:59Z", None);
        check(
            minutely,
            "2026-01-01T00:00:59.9Z",
            "2026-01-01T00:01:00Z",
            Some("2026-01-01T00:01:00Z"),
        );
        check(
            minutely,
            "2026-01-01T00:00:00Z",
            "2027-01-01T00:00:30Z",
            Some("2027-01-01T00:00:00Z"),
        );
        check(minutely, "2026-01-01T00:01:00Z", "2026-01-01T00:01:00Z", None);
        let nightly = "0 3 * * * Europe/Berlin";
        check(nightly, "2026-01-01T02:00:00Z", "2026-01-02T01:59:59Z", None);
        check(
            nightly,
            "2026-01-01T00:00:00Z",
            "2026-07-02T12:00:00Z",
            Some("2026-07-02T01:00:00Z"),
        );
        check(
            "0 0 29 2 * Etc/UTC",
            "2025-01-01T00:00:00Z",
            "2031-01-01T00:00:00Z",
            Some("2028-02-29T00:00:00Z"),
        );
    }
}
