//! What would change if roles were given and taken.

use std::collections::BTreeSet;

use model::{
    Permission, Role, Timestamp, Uid,
    access::{
        User,
        api::{Change, ChangeKind, Consequence, RoleChange, WhatWouldChange},
    },
};

use super::{Directory, History, directory::fresh};
use crate::people::{conflict, is_owner};

/// Compares what people may do now with what they might do after changes, and with what
/// was decided in the last 90 days. Only people who are named in a change can differ, so
/// only they are compared.
#[must_use]
pub fn what_if(
    directory: &Directory,
    changes: &[RoleChange],
    history: &History,
    now: Timestamp,
) -> WhatWouldChange {
    let (after, mut objections) = changed(directory, changes);
    let people: BTreeSet<&Uid> = changes.iter().map(|change| &change.person).collect();
    let mut answer = WhatWouldChange {
        gained: Vec::new(),
        lost: Vec::new(),
        consequences: Vec::new(),
        decisions: history.decisions(),
        objections: Vec::new(),
    };
    for uid in people {
        let (Some(before), Some(after)) = (directory.person(uid), after.person(uid)) else {
            continue;
        };
        for permission in Permission::ALL {
            let holds = |user: &User| user.decide(*permission, fresh(user, now), now).allows();
            let (had, has) = (holds(before), holds(after));
            if had == has {
                continue;
            }
            let list = if has { &mut answer.gained } else { &mut answer.lost };
            list.push(Change { person: uid.clone(), permission: *permission });
            let past = history.of(uid, *permission);
            let decisions = if has { past.refused } else { past.allowed };
            if decisions > 0 {
                answer.consequences.push(Consequence {
                    person: uid.clone(),
                    permission: *permission,
                    decisions,
                    would_be_allowed: has,
                });
            }
        }
        if let Some(refusal) = conflict(&after.roles_at(now)) {
            objections.push(format!("`{uid}`: {refusal}"));
        }
    }
    let owned = |directory: &Directory| directory.people().iter().any(|(_, user)| is_owner(user));
    if owned(directory) && !owned(&after) {
        objections.push("nobody who may come in would be owner".to_owned());
    }
    answer.objections = objections;
    answer
}

/// Makes the changes, one after the other, and says which cannot be made.
fn changed(directory: &Directory, changes: &[RoleChange]) -> (Directory, Vec<String>) {
    let (mut after, mut objections) = (directory.clone(), Vec::new());
    for change in changes {
        let Some(user) = after.person(&change.person) else {
            objections.push(format!("`{}`: the mesh does not know them", change.person));
            continue;
        };
        let user = with(user, change.role, change.change);
        after.replace(&change.person, user);
    }
    (after, objections)
}

pub(super) fn with(user: &User, role: Role, change: ChangeKind) -> User {
    let mut user = user.clone();
    match change {
        ChangeKind::Give => {
            user.roles.insert(role);
        }
        ChangeKind::Take => {
            user.roles.remove(&role);
            user.elevations.remove(&role);
        }
    }
    user
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

    use super::*;
    use crate::{
        access::history::tests::tally,
        people::tests::{NOON, at, person},
    };

    fn change(person: &str, change: ChangeKind, role: Role) -> RoleChange {
        RoleChange { person: Uid::new(person), role, change }
    }

    #[test]
    fn a_role_that_is_taken_changes_what_was_done_with_it() {
        let people = [
            (Uid::new("ada"), person(&[Role::Auditor, Role::Viewer])),
            (Uid::new("olga"), person(&[Role::Owner])),
        ];
        let directory = Directory::new(people, []);
        let mut history = History::default();
        let used = [
            (Permission::AuditsRun, 3, 1),
            (Permission::AuditsRead, 9, 0),
            (Permission::PeopleInvite, 0, 2),
        ];
        history.add(&tally("person:ada", NOON, &used), at(NOON));
        let ask = |changes: &[RoleChange]| what_if(&directory, changes, &history, at(NOON));

        let taken = ask(&[change("ada", ChangeKind::Take, Role::Auditor)]);
        assert!(taken.gained.is_empty() && taken.objections.is_empty());
        assert_eq!(taken.consequences.len(), 1);
        let lost = &taken.consequences[0];
        assert_eq!(
            (lost.permission, lost.decisions, lost.would_be_allowed),
            (Permission::AuditsRun, 3, false)
        );
        assert_eq!(taken.decisions, 15);

        let given = ask(&[change("ada", ChangeKind::Give, Role::Admin)]);
        let gained =
            given.consequences.iter().map(|c| (c.permission, c.decisions, c.would_be_allowed));
        assert_eq!(gained.collect::<Vec<_>>(), [(Permission::PeopleInvite, 2, true)]);
        assert_eq!(given.objections, ["`ada`: `auditor` and `admin` are not held by one person"]);

        let none = ask(&[
            change("olga", ChangeKind::Take, Role::Owner),
            change("nobody", ChangeKind::Give, Role::Viewer),
        ]);
        assert_eq!(none.objections.len(), 2);
    }

    #[test]
    fn the_difference_is_that_of_deciding_everything_twice() {
        let mut random = StdRng::seed_from_u64(7);
        for _ in 0..200 {
            let people: Vec<_> = (0..6)
                .map(|n| {
                    let roles: Vec<_> =
                        Role::ALL.into_iter().filter(|_| random.random_ratio(1, 3)).collect();
                    (Uid::new(format!("p{n}")), person(&roles))
                })
                .collect();
            let changes: Vec<_> = (0..random.random_range(1..5))
                .map(|_| RoleChange {
                    person: people.choose(&mut random).expect("six").0.clone(),
                    role: *Role::ALL.choose(&mut random).expect("six"),
                    change: if random.random() { ChangeKind::Give } else { ChangeKind::Take },
                })
                .collect();
            let before = Directory::new(people.clone(), []);
            let answer = what_if(&before, &changes, &History::default(), at(NOON));
            let mut everybody: std::collections::BTreeMap<_, _> = people.into_iter().collect();
            for change in &changes {
                let user = everybody.get_mut(&change.person).expect("known");
                *user = with(user, change.role, change.change);
            }
            let all = |holds: &dyn Fn(&Uid, Permission) -> bool| {
                let pairs = everybody.keys().flat_map(|uid| {
                    Permission::ALL.iter().map(move |permission| (uid.clone(), *permission))
                });
                pairs.filter(|(uid, p)| holds(uid, *p)).collect::<BTreeSet<_>>()
            };
            let now = at(NOON);
            let decide = |user: &User, p| user.decide(p, fresh(user, now), now).allows();
            let had = all(&|uid, p| decide(before.person(uid).expect("known"), p));
            let has = all(&|uid, p| decide(&everybody[uid], p));
            let pairs = |changes: &[Change]| {
                changes.iter().map(|c| (c.person.clone(), c.permission)).collect::<BTreeSet<_>>()
            };
            assert_eq!(pairs(&answer.gained), &has - &had);
            assert_eq!(pairs(&answer.lost), &had - &has);
        }
    }
}
