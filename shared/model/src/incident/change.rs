//! What may become of an incident. Pure: who, when and why are arguments.

use jiff::SignedDuration;

use super::{Acknowledgement, COMMENTS_MAX, EntryKind, Incident, IncidentState};
use crate::{Actor, FindingId, OverrideId, Timestamp, Uid};

/// What comes back within this time is the same incident; later it is another.
pub const REOPEN_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How many things of one kind may be linked.
const LINKS_MAX: usize = 50;

/// Why an incident stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncidentRefusal {
    /// It is over.
    #[error("the incident is resolved already")]
    Resolved,
    /// It goes on.
    #[error("the incident is not resolved")]
    NotResolved,
    /// It is over for too long.
    #[error("the incident is resolved for more than an hour: open another")]
    TooLate,
    /// It has enough comments.
    #[error("the incident has {COMMENTS_MAX} comments, and no place for more")]
    Comments,
    /// It has enough links.
    #[error("the incident has {LINKS_MAX} links of this kind, and no place for more")]
    Links,
}

/// What a change came to.
type Changed = Result<Incident, IncidentRefusal>;

impl Incident {
    fn going_on(self) -> Changed {
        if self.state.is_over() { Err(IncidentRefusal::Resolved) } else { Ok(self) }
    }

    /// Says that a person looks after it; who comes later takes over.
    ///
    /// # Errors
    /// When it is over.
    pub fn acknowledge(self, person: &Uid, by: Actor, at: Timestamp, why: &str) -> Changed {
        let mut incident = self.going_on()?;
        incident.state = IncidentState::Acknowledged;
        incident.waits_since = None;
        // The first counts for how long it took.
        incident.acknowledged.get_or_insert_with(|| Acknowledgement { by: person.clone(), at });
        incident.assignee.get_or_insert_with(|| person.clone());
        Ok(incident.with(at, by, EntryKind::Acknowledged, why))
    }

    /// Gives it to a person.
    ///
    /// # Errors
    /// When it is over.
    pub fn assign(self, to: Uid, by: Actor, at: Timestamp, why: &str) -> Changed {
        let mut incident = self.going_on()?;
        let words = format!("to {to}: {why}");
        incident.assignee = Some(to);
        Ok(incident.with(at, by, EntryKind::Assigned, &words))
    }

    /// Adds what somebody says; also when it is over.
    ///
    /// # Errors
    /// When there are too many comments.
    pub fn comment(self, by: Actor, at: Timestamp, text: &str) -> Changed {
        if self.comments() >= COMMENTS_MAX {
            return Err(IncidentRefusal::Comments);
        }
        Ok(self.with(at, by, EntryKind::Commented, text))
    }

    /// Calls somebody further up.
    ///
    /// # Errors
    /// When it is over.
    pub fn escalate(self, by: Actor, at: Timestamp, why: &str) -> Changed {
        let mut incident = self.going_on()?;
        incident.escalations = incident.escalations.saturating_add(1);
        // The next call waits its time from here.
        incident.waits_since = incident.state.waits().then_some(at);
        Ok(incident.with(at, by, EntryKind::Escalated, why))
    }

    /// Links overrides and findings; those that are linked stay once.
    ///
    /// # Errors
    /// When there are too many.
    pub fn link(
        mut self,
        overrides: &[OverrideId],
        findings: &[FindingId],
        by: Actor,
        at: Timestamp,
        why: &str,
    ) -> Changed {
        for id in overrides {
            if !self.overrides.contains(id) {
                self.overrides.push(id.clone());
            }
        }
        for id in findings {
            if !self.findings.contains(id) {
                self.findings.push(id.clone());
            }
        }
        if self.overrides.len() > LINKS_MAX || self.findings.len() > LINKS_MAX {
            return Err(IncidentRefusal::Links);
        }
        Ok(self.with(at, by, EntryKind::Linked, why))
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it is over.
    pub fn resolve(self, by: Actor, at: Timestamp, why: &str) -> Changed {
        let mut incident = self.going_on()?;
        incident.state = IncidentState::Resolved;
        incident.resolved_at = Some(at);
        incident.waits_since = None;
        Ok(incident.with(at, by, EntryKind::Resolved, why))
    }

    /// Opens it again, because the same thing came back soon.
    ///
    /// # Errors
    /// When it goes on, or was over for longer than [`REOPEN_WITHIN`].
    pub fn reopen(self, by: Actor, at: Timestamp, detail: &str) -> Changed {
        let Some(resolved_at) = self.resolved_at.filter(|_| self.state.is_over()) else {
            return Err(IncidentRefusal::NotResolved);
        };
        if at.duration_since(*resolved_at) > REOPEN_WITHIN {
            return Err(IncidentRefusal::TooLate);
        }
        let incident = Self {
            state: IncidentState::Reopened,
            resolved_at: None,
            detail: detail.to_owned(),
            reopened: self.reopened.saturating_add(1),
            waits_since: Some(at),
            ..self
        };
        Ok(incident.with(at, by, EntryKind::Reopened, detail))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::incident::{Priority, TIMELINE_MAX};

    pub(in crate::incident) fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + second).expect("in range").into()
    }

    pub(in crate::incident) fn root() -> Actor {
        Actor::service("destine-root@mesh")
    }

    pub(in crate::incident) fn person(uid: &str) -> Actor {
        Actor::Person { uid: Uid::new(uid), email: None }
    }

    pub(in crate::incident) fn open(priority: Priority) -> Incident {
        Incident::open("Shop is down", priority, "answered 502", root(), at(0))
    }

    #[test]
    fn an_incident_goes_from_open_to_resolved_and_back() {
        let oscar = Uid::new("oscar");
        let seen = open(Priority::P2)
            .acknowledge(&oscar, person("oscar"), at(60), "I look")
            .expect("open");
        assert_eq!(seen.state, IncidentState::Acknowledged);
        assert_eq!((seen.assignee.as_ref(), seen.waits_since), (Some(&oscar), None));
        let taken = seen
            .acknowledge(&Uid::new("opal"), person("opal"), at(70), "I help")
            .expect("who comes later helps");
        let first = taken.acknowledged.clone().expect("acknowledged");
        assert_eq!((first.by, first.at), (oscar, at(60)));
        let given =
            taken.assign(Uid::new("opal"), person("oscar"), at(80), "knows it").expect("on");
        assert_eq!(given.assignee, Some(Uid::new("opal")));
        let over = given.resolve(root(), at(90), "answered 200").expect("going on");
        assert_eq!((over.state, over.resolved_at), (IncidentState::Resolved, Some(at(90))));
        for refused in [
            over.clone().resolve(root(), at(91), ""),
            over.clone().acknowledge(&Uid::new("o"), root(), at(91), ""),
            over.clone().assign(Uid::new("o"), root(), at(91), ""),
            over.clone().escalate(root(), at(91), ""),
        ] {
            assert_eq!(refused, Err(IncidentRefusal::Resolved));
        }
        assert!(over.clone().comment(person("opal"), at(91), "it was the disk").is_ok());
        let back = over.clone().reopen(root(), at(90 + 3600), "answered 502").expect("in time");
        assert_eq!(
            (back.state, back.reopened, back.resolved_at),
            (IncidentState::Reopened, 1, None)
        );
        assert_eq!(back.reopen(root(), at(91), ""), Err(IncidentRefusal::NotResolved));
        assert_eq!(over.reopen(root(), at(91 + 3600), ""), Err(IncidentRefusal::TooLate));
    }

    #[test]
    fn a_timeline_keeps_its_beginning_its_end_and_no_more_than_its_bound() {
        let mut incident = open(Priority::P2);
        for turn in 0..300 {
            incident = incident.escalate(root(), at(turn), &turn.to_string()).expect("going on");
        }
        assert_eq!(incident.timeline.len(), TIMELINE_MAX);
        assert_eq!(incident.timeline[0].kind, EntryKind::Opened);
        assert_eq!(incident.timeline[TIMELINE_MAX - 1].text, "299");
        let mut talk = open(Priority::P2);
        for _ in 0..COMMENTS_MAX {
            talk = talk.comment(person("opal"), at(1), "more").expect("there is place");
        }
        assert_eq!(talk.comment(person("opal"), at(1), "x"), Err(IncidentRefusal::Comments));
    }

    #[test]
    fn what_is_linked_is_linked_once() {
        let ids = [OverrideId::new("o1"), OverrideId::new("o1")];
        let linked = open(Priority::P2).link(&ids, &[], root(), at(1), "halted").expect("few");
        let again = linked.link(&ids, &[FindingId::new("f")], root(), at(1), "x").expect("few");
        assert_eq!((again.overrides.len(), again.findings.len()), (1, 1));
        let many: Vec<_> = (0..51).map(|n| FindingId::new(n.to_string())).collect();
        assert_eq!(again.link(&[], &many, root(), at(2), ""), Err(IncidentRefusal::Links));
    }
}
