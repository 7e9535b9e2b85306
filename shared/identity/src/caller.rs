//! Who calls, and whether they may.

use model::{Actor, Permission};

use crate::{IdentityError, Person, Service};

/// A verified caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person who signed in.
    Person(Person),
    /// A service.
    Service(Service),
}

impl Caller {
    /// Lets the caller through if one of their roles holds a permission.
    ///
    /// # Errors
    /// `PermissionDenied`, naming the permission, when none does. Services have no
    /// roles, so no permission either: what they may do is decided by who may call.
    pub fn require(&self, permission: Permission) -> Result<(), IdentityError> {
        let held = match self {
            Self::Person(person) if person.roles.iter().any(|role| role.holds(permission)) => {
                return Ok(());
            }
            Self::Person(person) if person.roles.is_empty() => "you have no role".to_owned(),
            Self::Person(person) => {
                format!("none of your roles ({}) holds it", names(person))
            }
            Self::Service(service) => {
                format!("`{}` is a service, and only people hold it", service.account)
            }
        };
        Err(IdentityError::Lacking { permission, held })
    }

    /// Returns the caller as the journal names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Person(person) => {
                Actor::Person { uid: person.uid.clone(), email: person.email.clone() }
            }
            Self::Service(service) => Actor::service(&service.account),
        }
    }
}

/// Returns the names of a person's roles, as documents and claims spell them.
fn names(person: &Person) -> String {
    let name = |role| match serde_json::to_value(role) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{role:?}"),
    };
    person.roles.iter().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use model::{Role, Uid};
    use problem::{Code, Coded};

    use super::*;

    fn person(roles: &[Role]) -> Caller {
        Caller::Person(Person {
            uid: Uid::new("ada"),
            email: Some("ada@example.com".into()),
            roles: roles.to_vec(),
            authenticated_at: "2026-11-23T12:00:00Z".parse().expect("valid"),
        })
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
