//! What a check shows: its condition, seen through maintenance and the checks further up.

use std::collections::BTreeSet;

use model::{
    CheckId, Timestamp,
    check::{CheckSpec, CheckState},
};

use super::machine::{Condition, Memory};

/// How far up the cause of a failure is looked for.
pub const ANCESTORS_MAX: usize = 8;

/// What a check shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Its state.
    pub state: CheckState,
    /// The check further up that explains why it fails.
    pub root_cause: Option<CheckId>,
    /// Whether an incident should be opened; one that is open stays until `over`.
    pub alarm: bool,
    /// Whether an incident that is open should be resolved.
    pub over: bool,
}

/// What a check needs to know of the one further up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The one further up from there.
    pub parent: Option<CheckId>,
    /// How it is.
    pub memory: Memory,
}

/// What the checks further up say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Above {
    /// The uppermost of those that are down.
    pub root_cause: Option<CheckId>,
    /// Whether one has failed and is not judged yet.
    pub in_doubt: bool,
}

/// Looks up from a check, as far as [`ANCESTORS_MAX`], and once at each.
pub fn above(parent: Option<&CheckId>, find: impl Fn(&CheckId) -> Option<Parent>) -> Above {
    let (mut above, mut seen) = (Above::default(), BTreeSet::new());
    let mut next = parent.cloned();
    while let Some(id) = next.take() {
        if seen.len() == ANCESTORS_MAX || !seen.insert(id.clone()) {
            break;
        }
        let Some(found) = find(&id) else { break };
        if matches!(found.memory.condition, Condition::Down | Condition::Flapping) {
            above.root_cause = Some(id);
        } else {
            above.in_doubt |= found.memory.is_failing();
        }
        next = found.parent;
    }
    above
}

/// Says what a check shows at an instant.
///
/// Maintenance hides its condition, and opens no incident. Below one that is down it opens
/// none either; below one that has just failed, it waits until that is judged. A check that
/// is switched off is unknown, and what was open is over.
#[must_use]
pub fn view(spec: &CheckSpec, memory: &Memory, above: &Above, now: Timestamp) -> View {
    if !spec.enabled {
        return View { over: true, ..View::default() };
    }
    let maintenance = spec.in_maintenance(now);
    let state = match memory.condition {
        _ if maintenance => CheckState::Maintenance,
        Condition::Unknown => CheckState::Unknown,
        Condition::Up => CheckState::Up,
        Condition::Degraded => CheckState::Degraded,
        Condition::Down => CheckState::Down,
        Condition::Flapping => CheckState::Flapping,
    };
    let root_cause = above.root_cause.clone().filter(|_| memory.firing);
    let explained = root_cause.is_some() || above.in_doubt;
    View {
        state,
        alarm: memory.firing && !maintenance && !explained,
        over: !memory.firing,
        root_cause,
    }
}

#[cfg(test)]
mod tests {
    use model::{ServiceId, check::MaintenanceWindow};

    use super::*;

    fn noon() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().expect("valid")
    }

    fn spec() -> CheckSpec {
        CheckSpec::of_service(ServiceId::new("shop"), "Shop", 10)
    }

    fn down() -> Memory {
        Memory::of(Condition::Down, true)
    }

    type Chain = [(&'static str, Option<&'static str>, Condition)];

    fn cause(of: &Chain) -> Option<String> {
        chain(of).root_cause.map(|id| id.to_string())
    }

    fn chain(of: &Chain) -> Above {
        above(of.first().map(|(id, ..)| CheckId::new(*id)).as_ref(), |id| {
            let (_, parent, condition) = of.iter().find(|(name, ..)| *name == id.as_str())?;
            let memory = Memory::of(*condition, *condition == Condition::Down);
            Some(Parent { parent: parent.map(CheckId::new), memory })
        })
    }

    #[test]
    fn the_uppermost_that_is_down_is_the_cause() {
        let down = Condition::Down;
        let up = Condition::Up;
        assert_eq!(cause(&[]), None);
        assert_eq!(cause(&[("a", None, up)]), None);
        assert_eq!(cause(&[("a", None, down)]).as_deref(), Some("a"));
        let chain = [("a", Some("b"), down), ("b", Some("c"), up), ("c", None, down)];
        assert_eq!(cause(&chain).as_deref(), Some("c"));
        // One that is its own ancestor, or has a parent that nobody knows, ends the search.
        assert_eq!(cause(&[("a", Some("b"), down), ("b", Some("a"), up)]).as_deref(), Some("a"));
        assert_eq!(cause(&[("a", Some("gone"), down)]).as_deref(), Some("a"));
    }

    #[test]
    fn a_child_of_what_is_down_is_silent_and_names_why() {
        let above = Above { root_cause: Some(CheckId::new("db")), in_doubt: false };
        let child = view(&spec(), &down(), &above, noon());
        assert_eq!((child.state, child.alarm), (CheckState::Down, false));
        assert_eq!(child.root_cause, Some(CheckId::new("db")));
        let well = view(&spec(), &Memory::of(Condition::Up, false), &above, noon());
        assert_eq!((well.root_cause, well.over), (None, true));
        let doubt = Above { root_cause: None, in_doubt: true };
        assert!(!view(&spec(), &down(), &doubt, noon()).alarm);
        assert!(view(&spec(), &down(), &Above::default(), noon()).alarm);
    }

    #[test]
    fn maintenance_and_a_switch_hide_what_is_measured() {
        let mut worked_on = spec();
        worked_on.maintenance.push(MaintenanceWindow {
            from: noon(),
            until: noon().plus(jiff::SignedDuration::from_secs(60)),
            reason: "a new disk".into(),
        });
        let during = view(&worked_on, &down(), &Above::default(), noon());
        assert_eq!(
            (during.state, during.alarm, during.over),
            (CheckState::Maintenance, false, false)
        );
        let later = noon().plus(jiff::SignedDuration::from_secs(60));
        assert!(view(&worked_on, &down(), &Above::default(), later).alarm);
        let off = CheckSpec { enabled: false, ..spec() };
        let off = view(&off, &down(), &Above::default(), noon());
        assert_eq!((off.state, off.alarm, off.over), (CheckState::Unknown, false, true));
    }
}
