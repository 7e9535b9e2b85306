//! Somebody says regularly that they live.

use jiff::SignedDuration;
use model::{
    CheckId, HeartbeatId, Timestamp,
    check::{Heartbeat, HeartbeatProbe},
};
use store::Store;

use super::{Answer, Known};

pub(super) async fn read(
    store: &Store,
    id: &CheckId,
    probe: &HeartbeatProbe,
    known: &Known,
) -> Answer {
    match store.get::<Heartbeat>(&HeartbeatId::new(id.as_str())).await {
        Ok(found) => {
            judge(probe, found.map(|stored| stored.document.at), known.changed_at, known.at)
        }
        Err(error) => Answer::unread(&error),
    }
}

/// Judges the last sign of life. Before the first one, the time counts from when the check
/// was written; until that is over, nobody knows.
fn judge(
    probe: &HeartbeatProbe,
    last: Option<Timestamp>,
    changed_at: Timestamp,
    now: Timestamp,
) -> Answer {
    let allowed =
        SignedDuration::from_secs(i64::from(probe.period_seconds) + i64::from(probe.grace_seconds));
    let since = last.unwrap_or(changed_at).max(changed_at.min(now));
    let age = now.duration_since(*last.unwrap_or(since));
    let seconds = age.as_secs().max(0);
    match last {
        Some(_) if age <= allowed => Answer::good(format!("heard {seconds} s ago")),
        Some(_) => Answer::bad(format!("not heard for {seconds} s")),
        None if age <= allowed => Answer::unknown("not heard yet"),
        None => Answer::bad(format!("never heard, in {seconds} s")),
    }
}

#[cfg(test)]
mod tests {
    use model::check::Verdict;

    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + second).expect("in range").into()
    }

    #[test]
    fn a_sign_of_life_has_to_come_within_period_and_grace() {
        let probe = HeartbeatProbe { period_seconds: 60, grace_seconds: 10 };
        let verdict = |last: Option<i64>, now| judge(&probe, last.map(at), at(0), at(now)).verdict;
        assert_eq!(verdict(None, 70), None, "nobody knows yet");
        assert_eq!(verdict(None, 71), Some(Verdict::Bad));
        assert_eq!(verdict(Some(100), 170), Some(Verdict::Good));
        assert_eq!(verdict(Some(100), 171), Some(Verdict::Bad));
        // One that comes while the run waits is after the run's instant.
        assert_eq!(verdict(Some(172), 171), Some(Verdict::Good));
    }
}
