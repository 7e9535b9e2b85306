//! Which roles count only in sessions that began with a second factor.
//!
//! Who operates the mesh names them, and every person's document says so, because a decision
//! is made from that document alone. A role that somebody is given later is covered at once.

use std::collections::BTreeSet;

use function::Environment;
use model::{Role, Uid, access::User};
use store::Cause;

use crate::{Context, IamError, write};

/// The variable that names the roles, with commas between them.
const VARIABLE: &str = "SECOND_FACTOR_ROLES";
/// What stands in it for no role: manifests hold no empty values.
const NONE: &str = "none";

/// Reads the roles.
///
/// # Errors
/// When one of them is no role.
pub(crate) fn read(environment: &Environment) -> Result<BTreeSet<Role>, String> {
    let named = environment.get(VARIABLE).filter(|text| *text != NONE).into_iter();
    let named = named.flat_map(|text| text.split(',')).map(str::trim);
    named.map(|name| role(name).ok_or_else(|| wrong(name))).collect()
}

fn role(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.name() == name)
}

fn wrong(name: &str) -> String {
    let known = Role::ALL.map(Role::name).join(", ");
    format!(
        "{VARIABLE}: `{name}` is no role: name some of {known} with commas between, or `{NONE}`"
    )
}

/// Makes a person's document say what is demanded now; nothing when it does.
#[must_use]
pub(crate) fn demand(user: &User, of: &BTreeSet<Role>) -> Option<User> {
    (user.second_factor_for != *of).then(|| User {
        second_factor_for: of.clone(),
        policy_version: user.policy_version + 1,
        ..user.clone()
    })
}

/// Writes into a person's document what is demanded now.
///
/// # Errors
/// When the document cannot be read or written.
pub(crate) async fn follow(ctx: &Context, cause: &Cause, uid: &Uid) -> Result<(), IamError> {
    let words = ("person.second_factor", "`SECOND_FACTOR_ROLES` names other roles");
    write::person(ctx, cause, uid, None, words, |user, _| Ok(demand(user, &ctx.second_factor_for)))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::person;

    #[test]
    fn roles_are_named_with_commas_between_them() {
        let read = |text| read(&Environment::of([(VARIABLE, text)]));
        assert_eq!(read("owner, admin"), Ok([Role::Owner, Role::Admin].into()));
        assert_eq!(read("none"), Ok([].into()));
        let wrong = read("owner,root").expect_err("no role");
        assert!(wrong.contains("`root` is no role") && wrong.contains("treasurer"), "{wrong}");
    }

    #[test]
    fn a_document_is_written_only_where_it_says_something_else() {
        let of = [Role::Owner].into();
        let changed = demand(&person(&[Role::Viewer]), &of).expect("changed");
        assert_eq!((&changed.second_factor_for, changed.policy_version), (&of, 5));
        assert_eq!(demand(&changed, &of), None);
    }
}
