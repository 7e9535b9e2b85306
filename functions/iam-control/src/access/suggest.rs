//! Which roles nobody would miss.

use model::{
    Role,
    access::{
        User, UserState,
        api::{ChangeKind, Suggestion, Suggestions},
    },
};

use super::{Directory, History, Modules, explain::what_module_can, what_if::with};
use crate::people::is_owner;

/// Suggests standing roles to take: those without which every decision of the last 90 days
/// about the person would have been the same. The last owner's role is never one.
///
/// Each suggestion stands for itself: of two roles that hold the same permission, either
/// can go, not both.
#[must_use]
pub fn suggestions(directory: &Directory, modules: &Modules, history: &History) -> Suggestions {
    let people = directory.people();
    let owners = people.iter().filter(|(_, user)| is_owner(user)).count();
    let mut roles = Vec::new();
    for (uid, user) in people {
        if user.state != UserState::Active {
            continue;
        }
        let decisions =
            history.of_person(uid).map(|(_, tally)| tally.allowed + tally.refused).sum();
        for role in &user.roles {
            let needed = *role == Role::Owner && owners == 1;
            let missed = history
                .of_person(uid)
                .filter(|(permission, _)| misses(user, *role, *permission))
                .map(|(_, tally)| tally.allowed)
                .sum::<u64>();
            if missed == 0 && !needed {
                let person = uid.clone();
                roles.push(Suggestion { person, role: *role, would_change: missed, decisions });
            }
        }
    }
    let modules = modules.all().iter().map(|module| what_module_can(modules, module, history));
    Suggestions { roles, modules: modules.collect(), decisions: history.decisions() }
}

/// Tells whether a person would lose a permission with a standing role. Elevations do not
/// make up for it: they end.
fn misses(user: &User, role: Role, permission: model::Permission) -> bool {
    let holds = |user: &User| user.roles.iter().any(|role| role.holds(permission));
    holds(user) && !holds(&with(user, role, ChangeKind::Take))
}

#[cfg(test)]
mod tests {
    use model::{Permission, Uid};

    use super::*;
    use crate::{
        access::history::tests::tally,
        people::tests::{NOON, at, person},
    };

    #[test]
    fn a_role_is_suggested_when_no_decision_needed_it() {
        let people = [
            (Uid::new("ada"), person(&[Role::Auditor, Role::Viewer])),
            (Uid::new("oscar"), person(&[Role::Operator, Role::Treasurer])),
            (Uid::new("olga"), person(&[Role::Owner])),
        ];
        let mut history = History::default();
        let add = |history: &mut History, who, counts: &[_]| {
            history.add(&tally(who, NOON, counts), at(NOON));
        };
        add(
            &mut history,
            "person:ada",
            &[(Permission::AuditsRun, 4, 0), (Permission::ServicesRead, 5, 0)],
        );
        add(
            &mut history,
            "person:oscar",
            &[(Permission::OverridesRequest, 2, 0), (Permission::PeopleInvite, 0, 3)],
        );
        let directory = Directory::new(people, []);
        let modules = Modules::built_in("demo").expect("good manifests");
        let suggested = suggestions(&directory, &modules, &history);
        let roles: Vec<_> = suggested
            .roles
            .iter()
            .map(|s| (s.person.as_str(), s.role, s.would_change, s.decisions))
            .collect();
        // Ada reads by either role; a refusal needs no role; the last owner stays.
        assert_eq!(roles, [("ada", Role::Viewer, 0, 9), ("oscar", Role::Treasurer, 0, 5)]);
        assert_eq!(suggested.decisions, 14);
        assert_eq!(suggested.modules.len(), modules.all().len());
    }
}
