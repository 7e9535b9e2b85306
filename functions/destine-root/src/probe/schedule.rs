//! A schedule did its work lately.

use jiff::SignedDuration;
use model::{ScheduleRunId, Timestamp, check::ScheduleProbe, schedule::ScheduleRun};
use store::Store;

use super::{Answer, Known};

pub(super) async fn read(store: &Store, probe: &ScheduleProbe, known: &Known) -> Answer {
    match store.get::<ScheduleRun>(&ScheduleRunId::new(&probe.schedule)).await {
        Ok(run) => judge(probe, run.map(|run| run.document.due_at), known.changed_at, known.at),
        Err(error) => Answer::unread(&error),
    }
}

/// Judges the last success. Before the first one that is known, the time counts from when
/// the check was written; until that is over, nobody knows.
fn judge(
    probe: &ScheduleProbe,
    last: Option<Timestamp>,
    changed_at: Timestamp,
    now: Timestamp,
) -> Answer {
    let age = now.duration_since(*last.unwrap_or(changed_at));
    let well = age <= SignedDuration::from_secs(probe.age_max_seconds.into());
    let seconds = age.as_secs().max(0);
    match last {
        Some(last) if well => Answer::good(format!("did its work of {last}")),
        Some(last) => {
            Answer::bad(format!("did its work of {last}, {seconds} s ago, and none since"))
        }
        None if well => Answer::unknown("no success is known yet"),
        None => Answer::bad(format!("no success is known, in {seconds} s")),
    }
}

#[cfg(test)]
mod tests {
    use model::check::Verdict;

    use super::*;

    #[test]
    fn a_schedule_that_did_nothing_for_too_long_is_bad() {
        let at = |text: &str| text.parse::<Timestamp>().expect("valid");
        let probe =
            ScheduleProbe { schedule: "audit-engine.nightly".into(), age_max_seconds: 3600 };
        let written = at("2026-11-23T12:00:00Z");
        let verdict = |last, now| judge(&probe, last, written, at(now)).verdict;
        assert_eq!(verdict(None, "2026-11-23T13:00:00Z"), None);
        assert_eq!(verdict(None, "2026-11-23T13:00:01Z"), Some(Verdict::Bad));
        let last = Some(at("2026-11-23T14:00:00Z"));
        assert_eq!(verdict(last, "2026-11-23T15:00:00Z"), Some(Verdict::Good));
        assert_eq!(verdict(last, "2026-11-23T15:00:01Z"), Some(Verdict::Bad));
    }
}
