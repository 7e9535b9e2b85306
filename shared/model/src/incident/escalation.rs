//! When an incident that nobody looks after calls somebody further up.

use jiff::SignedDuration;

use super::{Incident, Priority};
use crate::{Actor, Timestamp};

/// How often it calls: after that everybody knows who wants to.
pub const ESCALATIONS_MAX: u32 = 3;

/// Returns how long an incident may wait for somebody.
#[must_use]
pub fn escalation_after(priority: Priority) -> SignedDuration {
    match priority {
        Priority::P1 => SignedDuration::from_mins(5),
        Priority::P2 => SignedDuration::from_mins(15),
        Priority::P3 => SignedDuration::from_hours(4),
        Priority::P4 => SignedDuration::from_hours(24),
    }
}

impl Incident {
    /// Escalates, if it is time to.
    #[must_use]
    pub fn escalated_if_due(&self, by: Actor, now: Timestamp) -> Option<Self> {
        let since = self.waits_since.filter(|_| self.state.waits())?;
        let waited = now.duration_since(*since);
        if self.escalations >= ESCALATIONS_MAX || waited < escalation_after(self.priority) {
            return None;
        }
        let words = format!("nobody has looked after it for {} min", waited.as_mins());
        self.clone().escalate(by, now, &words).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::change::tests::{at, open, person, root},
        *,
    };
    use crate::Uid;

    #[test]
    fn who_is_not_heard_calls_again_until_the_bound() {
        let incident = open(Priority::P1);
        assert_eq!(incident.escalated_if_due(root(), at(299)), None);
        let first = incident.escalated_if_due(root(), at(300)).expect("it is time");
        assert_eq!(first.escalations, 1);
        assert_eq!(first.escalated_if_due(root(), at(301)), None, "each call has its time");
        let second = first.escalated_if_due(root(), at(600)).expect("again");
        let third = second.escalated_if_due(root(), at(900)).expect("and again");
        assert_eq!(third.escalated_if_due(root(), at(100_000)), None);
    }

    #[test]
    fn who_is_heard_does_not_call() {
        for priority in [Priority::P1, Priority::P2, Priority::P3, Priority::P4] {
            let due = at(escalation_after(priority).as_secs());
            assert!(open(priority).escalated_if_due(root(), due).is_some());
            let oscar = Uid::new("oscar");
            let seen = open(priority).acknowledge(&oscar, person("oscar"), at(1), "I look");
            assert_eq!(seen.expect("open").escalated_if_due(root(), due), None);
            let over = open(priority).resolve(root(), at(1), "").expect("open");
            assert_eq!(over.escalated_if_due(root(), due), None);
        }
    }
}
