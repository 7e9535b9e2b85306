//! What becomes of an incident when a check changes.

use model::{
    Actor, CheckId, IncidentId, Timestamp,
    check::Check,
    incident::{Incident, IncidentState},
};

use super::view::View;

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The check as it is now.
    pub check: Check,
    /// The incident that changed, and the action for the journal.
    pub incident: Option<(IncidentId, Incident, &'static str)>,
}

/// Decides what a check shows now, and what becomes of its incident. `incident` is the one
/// that the check names as open, or as the last one; there is at most one open at a time.
#[must_use]
pub fn outcome(
    id: &CheckId,
    known: Check,
    view: &View,
    incident: Option<Incident>,
    detail: &str,
    by: &Actor,
    at: Timestamp,
) -> Outcome {
    let mut check = Check {
        state: view.state,
        since: if known.state == view.state { known.since } else { at },
        root_cause: view.root_cause.clone(),
        detail: detail.to_owned(),
        ..known
    };
    let change = match (check.incident.clone(), view) {
        (None, View { alarm: true, .. }) => {
            let (incident_id, incident, action) = opened(id, &check, incident, detail, by, at);
            check.incident = Some(incident_id.clone());
            check.last_incident = Some(incident_id.clone());
            Some((incident_id, incident, action))
        }
        (Some(open), View { over: true, .. }) => {
            check.incident = None;
            // Somebody may have resolved it already, and why they did stays.
            let resolved = incident.and_then(|i| i.resolve(by.clone(), at, detail).ok());
            resolved.map(|incident| (open, incident, "incident.resolved"))
        }
        _ => None,
    };
    Outcome { check, incident: change }
}

fn opened(
    id: &CheckId,
    check: &Check,
    last: Option<Incident>,
    detail: &str,
    by: &Actor,
    at: Timestamp,
) -> (IncidentId, Incident, &'static str) {
    let again = last.and_then(|last| last.reopen(by.clone(), at, detail).ok());
    if let (Some(id), Some(incident)) = (check.last_incident.clone(), again) {
        return (id, incident, "incident.reopened");
    }
    let spec = &check.spec;
    let title = match check.state {
        model::check::CheckState::Flapping => format!("{} comes and goes", spec.name),
        _ => format!("{} does not answer as it should", spec.name),
    };
    let incident = Incident {
        service: spec.service.clone(),
        check: Some(id.clone()),
        assignee: spec.owner.clone(),
        ..Incident::open(title, spec.severity, detail, by.clone(), at)
    };
    debug_assert_eq!(incident.state, IncidentState::Open, "as it was made");
    // The instant makes the id the same however often this is tried.
    (IncidentId::new(format!("{id}-{}", at.as_second())), incident, "incident.opened")
}

#[cfg(test)]
mod tests {
    use model::{
        ServiceId,
        check::{CheckSpec, CheckState},
    };

    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + second).expect("in range").into()
    }

    fn known() -> Check {
        Check::new(CheckSpec::of_service(ServiceId::new("shop"), "Shop", 10), at(0))
    }

    fn after(check: Check, view: &View, incident: Option<Incident>, second: i64) -> Outcome {
        let (id, by) = (CheckId::new("shop-http"), Actor::service("destine-root@mesh"));
        outcome(&id, check, view, incident, "answered 502", &by, at(second))
    }

    fn down() -> View {
        View { state: CheckState::Down, alarm: true, ..View::default() }
    }

    fn up() -> View {
        View { state: CheckState::Up, over: true, ..View::default() }
    }

    #[test]
    fn one_incident_is_opened_resolved_and_reopened_within_an_hour() {
        let first = after(known(), &down(), None, 60);
        let (id, open, action) = first.incident.expect("opened");
        assert_eq!((id.as_str(), action), ("shop-http-1790000060", "incident.opened"));
        assert_eq!(first.check.incident, Some(id.clone()));
        let still = after(first.check.clone(), &down(), Some(open.clone()), 120);
        assert_eq!((still.incident, still.check.since), (None, at(60)), "there is one already");
        let over = after(first.check, &up(), Some(open), 180);
        let (_, resolved, action) = over.incident.expect("resolved");
        assert_eq!((action, over.check.incident.clone()), ("incident.resolved", None));
        let again = after(over.check.clone(), &down(), Some(resolved.clone()), 240);
        let (same, reopened, action) = again.incident.expect("reopened");
        assert_eq!((same, action, reopened.reopened), (id.clone(), "incident.reopened", 1));
        let later = after(over.check, &down(), Some(resolved), 180 + 3601);
        let (another, _, action) = later.incident.expect("opened");
        assert_eq!(action, "incident.opened");
        assert_ne!(another, id);
    }

    #[test]
    fn what_somebody_resolved_stays_as_they_said() {
        let first = after(known(), &down(), None, 60);
        let (_, open, _) = first.incident.expect("opened");
        let opal = Actor::Person { uid: model::Uid::new("opal"), email: None };
        let said = open.resolve(opal, at(90), "a false alarm").expect("open");
        let over = after(first.check, &up(), Some(said), 180);
        assert_eq!((over.incident, over.check.incident), (None, None));
    }

    #[test]
    fn nothing_is_opened_while_it_is_explained_and_what_is_open_stays() {
        let explained = View { alarm: false, ..down() };
        assert_eq!(after(known(), &explained, None, 60).incident, None);
        let first = after(known(), &down(), None, 60);
        let (_, open, _) = first.incident.expect("opened");
        let hidden = after(first.check, &explained, Some(open), 120);
        assert!(hidden.incident.is_none() && hidden.check.incident.is_some());
    }
}
