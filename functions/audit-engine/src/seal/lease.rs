//! Who adds to the log just now.
//!
//! The commit that adds a batch replaces the log's head as it was read, so that of two at once
//! only one commits, whatever clocks say. The lease only spares the other one the work.

use jiff::SignedDuration;
use model::{Timestamp, log::LogHead};

/// How long others leave the log to whoever added last: a few batches. Whoever is killed is
/// missed for as long.
const HELD: SignedDuration = SignedDuration::from_secs(1);

/// Decides who may add; returns the head to write, or `None` while it is another's turn.
///
/// `more` tells whether the holder wants to go on after this batch.
#[must_use]
pub fn claim(known: Option<&LogHead>, holder: &str, more: bool, now: Timestamp) -> Option<LogHead> {
    let held = known.and_then(|head| head.holder.as_deref().map(|by| (by, head.until)));
    let ours = match held {
        Some((by, _)) if by == holder => true,
        Some((_, until)) if now < until => return None,
        _ => false,
    };
    let epoch = known.map_or(0, |head| head.epoch);
    Some(LogHead {
        size: known.map_or(0, |head| head.size),
        epoch: if ours { epoch } else { epoch + 1 },
        holder: more.then(|| holder.to_owned()),
        until: now.plus(HELD),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        let start = 1_790_000_000_000;
        jiff::Timestamp::from_millisecond(start + millisecond).expect("in range").into()
    }

    #[test]
    fn one_at_a_time_until_it_lets_go_or_is_gone() {
        let first = claim(None, "a", true, at(0)).expect("nobody holds it");
        assert_eq!((first.epoch, first.holder.as_deref()), (1, Some("a")));
        assert_eq!(claim(Some(&first), "b", true, at(999)), None);
        assert_eq!(claim(Some(&first), "b", true, at(1000)).expect("it is gone").epoch, 2);
        let again = claim(Some(&first), "a", false, at(999)).expect("it is ours");
        assert_eq!((again.epoch, again.holder.clone()), (1, None));
        assert_eq!(claim(Some(&again), "b", true, at(1000)).expect("it was let go").epoch, 2);
    }
}
