//! The account that Firebase Authentication should have for a person, and what is to be
//! done until it has.

use model::{
    Timestamp, Uid,
    access::{Claims, User, UserState},
};

/// An account as the Identity Toolkit has it, as far as it follows from a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The account's id.
    pub uid: Uid,
    /// The address to sign in with.
    pub email: String,
    /// What others call the person.
    pub display_name: String,
    /// Whether nobody can sign in.
    pub disabled: bool,
    /// The claims, as JSON text; empty when there are none.
    pub claims: String,
    /// Refresh tokens of sign-ins before this second of Unix time are void.
    pub valid_since: i64,
}

impl Account {
    /// Projects a person's document at an instant.
    #[must_use]
    pub fn of(uid: &Uid, user: &User, now: Timestamp) -> Self {
        Self {
            uid: uid.clone(),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            disabled: user.state != UserState::Active,
            claims: Claims::of(user, now).to_json(),
            valid_since: user.sessions_since.as_second(),
        }
    }
}

/// What is to be done to an account. A field that is absent is as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The address.
    pub email: Option<String>,
    /// The name.
    pub display_name: Option<String>,
    /// Whether nobody can sign in.
    pub disabled: Option<bool>,
    /// The claims.
    pub claims: Option<String>,
    /// Since when sign-ins count.
    pub valid_since: Option<i64>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is no account.
    Create(Account),
    /// The account is otherwise.
    Update(Update),
    /// Nothing.
    Stay,
}

/// Decides what is to be done to an account for a person, or for nobody: the account of
/// somebody who is no longer a person of the mesh is shut.
#[must_use]
pub fn decide(wanted: Option<Account>, present: Option<&Account>) -> Step {
    let (wanted, present) = match (wanted, present) {
        (None, None) => return Step::Stay,
        (Some(wanted), None) => return Step::Create(wanted),
        (None, Some(present)) => {
            (Account { disabled: true, claims: String::new(), ..present.clone() }, present)
        }
        (Some(wanted), Some(present)) => (wanted, present),
    };
    let update = Update {
        email: (wanted.email != present.email).then_some(wanted.email),
        display_name: (wanted.display_name != present.display_name).then_some(wanted.display_name),
        disabled: (wanted.disabled != present.disabled).then_some(wanted.disabled),
        claims: (!same_claims(&wanted.claims, &present.claims)).then_some(wanted.claims),
        // A password that changes moves it on by itself; it never goes back.
        valid_since: (wanted.valid_since > present.valid_since).then_some(wanted.valid_since),
    };
    if update == Update::default() { Step::Stay } else { Step::Update(update) }
}

/// Compares claims by what they say: the service may word the same ones otherwise.
fn same_claims(one: &str, other: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match (value(one), value(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use model::Role;

    use super::*;
    use crate::people::tests::{NOON, at, person};

    fn wanted() -> Account {
        Account::of(&Uid::new("oscar"), &person(&[Role::Operator]), at(NOON))
    }

    fn update(present: &Account) -> Update {
        match decide(Some(wanted()), Some(present)) {
            Step::Update(update) => update,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_account_that_is_as_it_should_be_is_left_alone() {
        assert_eq!(decide(Some(wanted()), Some(&wanted())), Step::Stay);
        assert_eq!(decide(None, None), Step::Stay);
        assert_eq!(decide(Some(wanted()), None), Step::Create(wanted()));
        let later = Account { valid_since: wanted().valid_since + 9, ..wanted() };
        assert_eq!(decide(Some(wanted()), Some(&later)), Step::Stay);
    }

    #[test]
    fn only_what_differs_is_updated() {
        for claims in [r#"{"roles":["owner"],"pv":4}"#, r#"{"role":"owner"}"#, "", "{}", "rubbish"]
        {
            let tampered = Account { claims: claims.into(), ..wanted() };
            let expected = Update { claims: Some(wanted().claims), ..Update::default() };
            assert_eq!(update(&tampered), expected, "{claims}");
        }
        let more = r#"{"roles":["operator"],"pv":4,"root":true}"#;
        assert!(update(&Account { claims: more.into(), ..wanted() }).claims.is_some());
        let open = Account { disabled: true, ..wanted() };
        assert_eq!(update(&open).disabled, Some(false));
        let older = Account { valid_since: 0, ..wanted() };
        assert_eq!(update(&older).valid_since, Some(wanted().valid_since));
    }

    #[test]
    fn who_is_no_person_of_the_mesh_is_shut_out() {
        let Step::Update(update) = decide(None, Some(&wanted())) else { panic!("an update") };
        assert_eq!((update.disabled, update.claims.as_deref()), (Some(true), Some("")));
        let shut = Account { disabled: true, claims: String::new(), ..wanted() };
        assert_eq!(decide(None, Some(&shut)), Step::Stay);
    }
}
