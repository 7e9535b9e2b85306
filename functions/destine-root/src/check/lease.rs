//! Who runs the checks of a tick.

use jiff::SignedDuration;
use model::{Timestamp, check::CheckLease};

/// Longer than a handler can run (`timeout_seconds` of the manifest): whoever took a lease
/// so long ago is gone.
const HELD_MAX: SignedDuration = SignedDuration::from_secs(125);
/// How long a lease is kept; it only has to survive the night.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What becomes of a wish to run a tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is ours. Says whose memory is the newest.
    Ours {
        /// What to write.
        lease: CheckLease,
        /// Who kept what was learnt last.
        before: Option<String>,
    },
    /// Somebody ran this tick, or a later one: it says nothing about the present.
    Past,
    /// Somebody is still running an earlier one.
    Busy,
}

/// Decides whether a tick may run. `now` is the time of the wall, which a tick that is
/// delivered late is behind of.
#[must_use]
pub fn claim(known: Option<&CheckLease>, tick: Timestamp, holder: &str, now: Timestamp) -> Claim {
    if let Some(known) = known {
        if known.tick >= tick {
            return Claim::Past;
        }
        if !known.done && now < known.until {
            return Claim::Busy;
        }
    }
    Claim::Ours {
        lease: CheckLease {
            tick,
            holder: holder.to_owned(),
            until: now.plus(HELD_MAX),
            done: false,
            expires_at: now.plus(KEPT),
        },
        // Who did not end did not keep what they learnt either.
        before: known.filter(|known| known.done).map(|known| known.holder.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + second).expect("in range").into()
    }

    fn ours(known: Option<&CheckLease>, tick: i64, now: i64) -> CheckLease {
        match claim(known, at(tick), "b", at(now)) {
            Claim::Ours { lease, .. } => lease,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_tick_runs_once_and_after_the_one_before() {
        let first = ours(None, 0, 1);
        assert_eq!(claim(Some(&first), at(0), "c", at(1)), Claim::Past);
        assert_eq!(claim(Some(&first), at(-60), "c", at(1)), Claim::Past);
        assert_eq!(claim(Some(&first), at(60), "c", at(61)), Claim::Busy);
        let done = CheckLease { done: true, ..first.clone() };
        assert_eq!(claim(Some(&done), at(0), "c", at(1)), Claim::Past, "also when it is done");
        let Claim::Ours { before, .. } = claim(Some(&done), at(60), "c", at(61)) else {
            panic!("the next one may run");
        };
        assert_eq!(before.as_deref(), Some("b"));
    }

    #[test]
    fn who_is_gone_is_not_waited_for_for_ever() {
        let gone = ours(None, 0, 0);
        assert_eq!(claim(Some(&gone), at(60), "c", at(124)), Claim::Busy);
        let Claim::Ours { before, .. } = claim(Some(&gone), at(60), "c", at(125)) else {
            panic!("its time is over");
        };
        assert_eq!(before, None, "what it learnt is lost");
    }
}
