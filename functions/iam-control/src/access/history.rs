//! What was decided in the past, added up.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use model::{
    Actor, Permission, Timestamp, Uid,
    access::decision_log::{DecisionTally, Tally},
};

/// How far questions look back: a quarter, in which everything that people do at all
/// regularly happens once.
pub const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The decisions of the last 90 days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// By person and permission.
    decisions: BTreeMap<(Uid, Permission), Tally>,
    /// How often a service called a function.
    calls: BTreeMap<(String, String), u64>,
}

impl History {
    /// Adds one day of one caller, unless it is older than what is looked at.
    pub fn add(&mut self, tally: &DecisionTally, now: Timestamp) {
        if tally.day < now.plus(-LOOKS_BACK) {
            return;
        }
        if let Some(uid) = tally.caller.strip_prefix("person:") {
            for (permission, count) in &tally.counts {
                let sum = self.decisions.entry((Uid::new(uid), *permission)).or_default();
                sum.allowed += count.allowed;
                sum.refused += count.refused;
            }
        } else if tally.calls > 0 {
            let key = (tally.caller.clone(), tally.function.clone());
            *self.calls.entry(key).or_default() += tally.calls;
        }
    }

    /// Returns how often a permission was used and refused.
    #[must_use]
    pub fn of(&self, uid: &Uid, permission: Permission) -> Tally {
        self.decisions.get(&(uid.clone(), permission)).copied().unwrap_or_default()
    }

    /// Returns a person's decisions, by permission.
    pub fn of_person<'a>(
        &'a self,
        uid: &'a Uid,
    ) -> impl Iterator<Item = (Permission, Tally)> + use<'a> {
        let first = (uid.clone(), Permission::ALL[0]);
        let from = self.decisions.range(first..);
        from.take_while(move |((person, _), _)| person == uid).map(|((_, p), tally)| (*p, *tally))
    }

    /// Returns how often a service account called a function.
    #[must_use]
    pub fn calls(&self, account: &str, function: &str) -> u64 {
        let caller = Actor::service(account).to_string();
        self.calls.get(&(caller, function.to_owned())).copied().unwrap_or_default()
    }

    /// Returns how many decisions there were about people.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.decisions.values().map(|tally| tally.allowed + tally.refused).sum()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::people::tests::{NOON, at};

    pub(in crate::access) fn tally(
        caller: &str,
        day: &str,
        counts: &[(Permission, u64, u64)],
    ) -> DecisionTally {
        let counts = counts.iter().map(|(permission, allowed, refused)| {
            (*permission, Tally { allowed: *allowed, refused: *refused })
        });
        DecisionTally {
            caller: caller.to_owned(),
            function: "firebase-proxy".into(),
            day: at(day),
            counts: counts.collect(),
            calls: 0,
            expires_at: at("2027-11-23T00:00:00Z"),
        }
    }

    #[test]
    fn days_add_up_and_old_ones_are_left_out() {
        let mut history = History::default();
        let used = [(Permission::AuditsRun, 2, 1)];
        for day in ["2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", "2026-08-25T11:59:59Z"] {
            history.add(&tally("person:ada", day, &used), at(NOON));
        }
        let ada = Uid::new("ada");
        assert_eq!(history.of(&ada, Permission::AuditsRun), Tally { allowed: 4, refused: 2 });
        assert_eq!(history.of_person(&ada).count(), 1);
        assert_eq!(history.of_person(&Uid::new("ad")).count(), 0);
        assert_eq!(history.decisions(), 6);
        let called = DecisionTally { calls: 3, ..tally("service:a@x", NOON, &[]) };
        history.add(&called, at(NOON));
        assert_eq!(history.calls("a@x", "firebase-proxy"), 3);
        assert_eq!(history.calls("a@x", "audit-engine"), 0);
    }
}
