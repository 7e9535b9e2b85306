//! Who can, what can somebody, and why.

use model::{
    Permission, Role, Timestamp, Uid,
    access::{
        User,
        api::{Held, Holder, Principal, WhatCan, WhoCan, Why},
    },
};

use super::{Directory, History, Module, Modules, directory::fresh};

/// Lists who has a permission.
#[must_use]
pub fn who_can(directory: &Directory, permission: Permission, now: Timestamp) -> WhoCan {
    let holders = directory.people().into_iter().filter_map(|(uid, user)| {
        let reason = user.decide(permission, fresh(user, now), now);
        let principal = named(uid, user);
        reason.allows().then_some(Holder { principal, reason: Some(reason) })
    });
    WhoCan { permission: permission.name().to_owned(), holders: holders.collect() }
}

/// Lists which modules have a right, such as `call:iam-control`.
#[must_use]
pub fn which_modules(modules: &Modules, right: &str) -> WhoCan {
    let having = modules.all().iter().filter(|module| module.rights.contains(right));
    let holders = having.map(|module| Holder { principal: module.principal(), reason: None });
    WhoCan { permission: right.to_owned(), holders: holders.collect() }
}

/// Lists what a person may do.
#[must_use]
pub fn what_can(uid: &Uid, user: &User, now: Timestamp) -> WhatCan {
    let held = Permission::ALL.iter().filter_map(|permission| {
        let reason = user.decide(*permission, fresh(user, now), now);
        let age = permission.sign_in_age_max().and_then(|age| u32::try_from(age.as_mins()).ok());
        let held = Held { permission: *permission, reason, sign_in_age_max_minutes: age };
        held.reason.allows().then_some(held)
    });
    WhatCan { principal: named(uid, user), permissions: held.collect(), rights: Vec::new() }
}

/// Lists what a module may do, and whether it does.
#[must_use]
pub fn what_module_can(modules: &Modules, module: &Module, history: &History) -> WhatCan {
    let rights = modules.rights(module, |function| history.calls(&module.account, function));
    WhatCan { principal: module.principal(), permissions: Vec::new(), rights }
}

/// Says why somebody may, or may not.
#[must_use]
pub fn why(directory: &Directory, uid: &Uid, permission: Permission, now: Timestamp) -> Why {
    let session = directory.person(uid).map(|user| fresh(user, now));
    let session =
        session.unwrap_or(model::access::Session { authenticated_at: now, second_factor: true });
    let reason = directory.decide(uid, permission, session, now);
    Why {
        person: uid.clone(),
        permission,
        allowed: reason.allows(),
        grant: directory.grant_of(uid, &reason).cloned(),
        reason,
        roles: Role::ALL.into_iter().filter(|role| role.holds(permission)).collect(),
    }
}

fn named(uid: &Uid, user: &User) -> Principal {
    Principal::Person { uid: uid.clone(), display_name: user.display_name.clone() }
}

#[cfg(test)]
mod tests {
    use model::access::{Reason, UserState};

    use super::*;
    use crate::people::tests::{NOON, at, person};

    fn directory() -> Directory {
        let disabled = User { state: UserState::Disabled, ..person(&[Role::Owner]) };
        let people = [
            (Uid::new("audrey"), person(&[Role::Auditor])),
            (Uid::new("dora"), disabled),
            (Uid::new("olga"), person(&[Role::Owner])),
            (Uid::new("vera"), person(&[Role::Viewer])),
        ];
        Directory::new(people, [])
    }

    #[test]
    fn who_can_and_what_can_agree_with_every_decision() {
        let (directory, now) = (directory(), at(NOON));
        for permission in Permission::ALL {
            let who = who_can(&directory, *permission, now);
            for (uid, user) in directory.people() {
                let allowed = why(&directory, uid, *permission, now).allowed;
                let listed = who.holders.iter().any(|holder| holder.principal == named(uid, user));
                let held = what_can(uid, user, now).permissions;
                let held = held.iter().any(|held| held.permission == *permission);
                assert_eq!((listed, held), (allowed, allowed), "{uid} {permission}");
            }
        }
        let run = who_can(&directory, Permission::AuditsRun, now);
        assert_eq!(run.holders.len(), 2);
    }

    #[test]
    fn why_names_the_reason_and_what_would_help() {
        let asked = |uid: &str| why(&directory(), &Uid::new(uid), Permission::AuditsRun, at(NOON));
        assert_eq!(asked("audrey").reason, Reason::Role { role: Role::Auditor });
        assert_eq!(asked("dora").reason, Reason::Disabled);
        assert_eq!(asked("nobody").reason, Reason::Unknown);
        let vera = asked("vera");
        assert!(!vera.allowed);
        assert_eq!(vera.roles, [Role::Auditor, Role::Owner].into());
    }

    #[test]
    fn a_fresh_sign_in_is_named_where_it_is_needed() {
        let held = what_can(&Uid::new("olga"), &person(&[Role::Owner]), at(NOON)).permissions;
        assert_eq!(held.len(), Permission::ALL.len());
        for held in held {
            let needed = match held.permission {
                Permission::GlassBreak => Some(15),
                Permission::OverridesApprove | Permission::OverridesBreakGlass => Some(5),
                _ => None,
            };
            assert_eq!(held.sign_in_age_max_minutes, needed);
        }
    }
}
