//! Who calls, and whether they may.

use model::{
    Actor, Permission,
    access::{Reason, Role},
};

use crate::{IdentityError, Person, Service};

/// A verified caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person who signed in, and the service that calls for them, if one does.
    Person(Person, Option<Service>),
    /// A service.
    Service(Service),
}

impl Caller {
    /// Lets the caller through if one of their roles holds a permission.
    ///
    /// # Errors
    /// `PermissionDenied`, naming the permission, when none does. Services have no
    /// roles, so no permission either: what they may do is decided by who may call.
    pub fn require(&self, permission: Permission) -> Result<&Person, IdentityError> {
        match self {
            Self::Person(person, _) => {
                let reason = person.decide(permission);
                if reason.allows() { Ok(person) } else { Err(lacking(permission, &reason)) }
            }
            Self::Service(service) => Err(IdentityError::Lacking {
                permission,
                held: format!("`{}` is a service, and only people hold it", service.account),
            }),
        }
    }

    /// Returns the person who calls.
    ///
    /// # Errors
    /// `PermissionDenied` when it is a service on its own account.
    pub fn person(&self) -> Result<&Person, IdentityError> {
        match self {
            Self::Person(person, _) => Ok(person),
            Self::Service(service) => Err(IdentityError::Account(service.account.clone())),
        }
    }

    /// Returns the caller as the journal names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(person, _) => {
                Actor::Person { uid: person.uid().clone(), email: person.sign_in.email.clone() }
            }
            Self::Service(service) => Actor::service(&service.account),
        }
    }
}

fn lacking(permission: Permission, reason: &Reason) -> IdentityError {
    let held = match reason {
        Reason::Lacking { roles } if roles.is_empty() => "you have no role".to_owned(),
        Reason::Lacking { roles } => {
            let names: Vec<_> = roles.iter().map(|role| Role::name(*role)).collect();
            format!("none of your roles ({}) holds it", names.join(", "))
        }
        Reason::SignInTooOld => "you signed in too long ago for it: sign in again".to_owned(),
        Reason::SecondFactorMissing { role } => {
            format!("your role `{role}` counts only where you signed in with a second factor")
        }
        other => return IdentityError::ShutOut(other.clone()),
    };
    IdentityError::Lacking { permission, held }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::{
        Uid,
        access::{User, UserState},
    };
    use problem::{Code, Coded};

    use super::*;
    use crate::SignIn;

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn person(roles: &[Role]) -> Caller {
        let at = |text: &str| text.parse().expect("valid");
        let user = User {
            email: "ada@example.com".into(),
            display_name: "Ada".into(),
            state: UserState::Active,
            roles: roles.iter().copied().collect(),
            elevations: [].into(),
            second_factor_for: [].into(),
            sessions_since: at("2026-11-23T09:00:00Z"),
            policy_version: 1,
            invitation: None,
        };
        let sign_in = SignIn {
            uid: Uid::new("ada"),
            email: Some("ada@example.com".into()),
            authenticated_at: at(NOON),
            second_factor: false,
            expires_at: at("2026-11-23T13:00:00Z"),
        };
        Caller::Person(Person { sign_in, user: Arc::new(user), now: at(NOON) }, None)
    }

    #[test]
    fn a_permission_comes_with_any_one_role_that_holds_it() {
        assert!(person(&[Role::Viewer, Role::Auditor]).require(Permission::AuditsRun).is_ok());
        assert!(person(&[Role::Owner]).require(Permission::AuditsRun).is_ok());
    }

    #[test]
    fn who_lacks_a_permission_is_told_which() {
        let words = |caller: Caller| {
            let error = caller.require(Permission::AuditsRun).expect_err("not held");
            assert_eq!(error.code(), Code::PermissionDenied);
            error.to_string()
        };
        assert_eq!(
            words(person(&[Role::Viewer, Role::Operator])),
            "`audits.run` is needed and none of your roles (viewer, operator) holds it"
        );
        assert_eq!(words(person(&[])), "`audits.run` is needed and you have no role");
        assert_eq!(
            words(Caller::Service(Service { account: "bridge@x.example".into() })),
            "`audits.run` is needed and `bridge@x.example` is a service, and only people hold it"
        );
    }

    #[test]
    fn a_caller_is_named_in_the_journal() {
        assert_eq!(person(&[]).actor().to_string(), "person:ada");
        let service = Caller::Service(Service { account: "bridge@x.example".into() });
        assert_eq!(service.actor(), Actor::service("bridge@x.example"));
    }
}
