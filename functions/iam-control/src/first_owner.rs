//! The first owner: who comes in when nobody is there who could invite them.
//!
//! Nobody is sent a secret. The operator names an address, and the person who proves to
//! Firebase Authentication that it is theirs becomes owner, as long as there is none.

use std::fmt;

use function::Environment;
use model::{
    Role, Timestamp, Uid,
    access::{User, UserState},
};

use crate::{account::Account, people};

/// The variable that names the address.
pub const VARIABLE: &str = "FIRST_OWNER_EMAIL";
/// What stands in it for nobody: manifests hold no empty values.
const NOBODY: &str = "none";
/// The longest address, and the longest name, that an invitation takes as well.
const ADDRESS_CHARS_MAX: usize = 254;
const NAME_CHARS_MAX: usize = 100;

/// The address of the first owner, in small letters.
#[derive(Clone, PartialEq, Eq)]
pub struct FirstOwner(String);

impl fmt::Debug for FirstOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstOwner([redacted])")
    }
}

/// An account, and whether somebody proved that its address is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUp {
    /// The account.
    pub account: Account,
    /// Whether the address is verified.
    pub verified: bool,
}

/// Why nobody becomes owner yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Waiting {
    /// Nobody signed up.
    #[error("no account has the address in {VARIABLE}")]
    NoAccount,
    /// Somebody signed up, and may be anybody.
    #[error("the account with the address in {VARIABLE} has not verified it")]
    Unverified,
    /// Somebody shut the account.
    #[error("the account with the address in {VARIABLE} is disabled")]
    Disabled,
    /// Nobody can say whose the address is.
    #[error("several accounts have the address in {VARIABLE}")]
    Several,
    /// A person of the mesh has it, and what they may do was decided.
    #[error("a person of the mesh has the address in {VARIABLE}, and is no owner")]
    Person,
}

impl FirstOwner {
    /// Reads the address; `None` when nobody is named.
    ///
    /// # Errors
    /// When it is no address. The message does not repeat it.
    pub fn read(environment: &Environment) -> Result<Option<Self>, String> {
        let Some(text) = environment.get(VARIABLE).filter(|text| *text != NOBODY) else {
            return Ok(None);
        };
        let address = people::address(text);
        let short = address.chars().count() <= ADDRESS_CHARS_MAX;
        if !short || garde::rules::email::parse_email(&address).is_err() {
            return Err(format!("{VARIABLE}: is neither an address nor `{NOBODY}`"));
        }
        Ok(Some(Self(address)))
    }

    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0
    }

    /// Finds the account whose holder becomes owner, and makes their document.
    ///
    /// Sessions that began before are over: until the address was verified, somebody else
    /// may have held the account.
    ///
    /// # Errors
    /// Why nobody becomes owner yet.
    pub fn appoint(&self, found: &[SignUp], now: Timestamp) -> Result<(Uid, User), Waiting> {
        let mut ours = found.iter().filter(|sign_up| sign_up.account.email == self.0);
        let SignUp { account, verified } = match (ours.next(), ours.next()) {
            (None, _) => return Err(Waiting::NoAccount),
            (Some(_), Some(_)) => return Err(Waiting::Several),
            (Some(only), None) => only,
        };
        if account.disabled {
            return Err(Waiting::Disabled);
        }
        if !verified {
            return Err(Waiting::Unverified);
        }
        let user = User {
            email: self.0.clone(),
            display_name: self.name(&account.display_name),
            state: UserState::Active,
            roles: [Role::Owner].into(),
            elevations: [].into(),
            second_factor_for: [].into(),
            sessions_since: people::next_second(now),
            policy_version: 1,
            invitation: None,
        };
        Ok((account.uid.clone(), user))
    }

    /// Returns what the person calls themselves, or what stands before the `@`.
    fn name(&self, own: &str) -> String {
        let local = self.0.split('@').next().unwrap_or_default();
        let name = if own.trim().is_empty() { local } else { own.trim() };
        name.chars().take(NAME_CHARS_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::{NOON, at};

    fn read(text: &str) -> Result<Option<FirstOwner>, String> {
        FirstOwner::read(&Environment::of([(VARIABLE, text)]))
    }

    fn first() -> FirstOwner {
        read(" Olga@Meridian.example").expect("an address").expect("somebody")
    }

    fn sign_up(uid: &str) -> SignUp {
        let account = Account {
            uid: Uid::new(uid),
            email: "olga@meridian.example".into(),
            display_name: String::new(),
            disabled: false,
            claims: String::new(),
            valid_since: 0,
        };
        SignUp { account, verified: true }
    }

    #[test]
    fn an_address_is_read_and_a_wrong_one_is_not_repeated() {
        assert_eq!(first().address(), "olga@meridian.example");
        assert_eq!(read("none"), Ok(None));
        assert_eq!(read(""), Ok(None));
        let long = format!("canary@{}.example", "a".repeat(ADDRESS_CHARS_MAX));
        for wrong in ["canary", "canary@", "@canary.example", "a@canary b", &long] {
            let mistake = read(wrong).expect_err("no address");
            assert!(mistake.starts_with(VARIABLE) && !mistake.contains("canary"), "{mistake}");
        }
        assert!(!format!("{:?}", first()).contains("olga"));
    }

    #[test]
    fn who_proved_that_the_address_is_theirs_becomes_owner() {
        let (uid, user) = first().appoint(&[sign_up("u1")], at(NOON)).expect("an owner");
        assert_eq!(uid, Uid::new("u1"));
        assert_eq!((user.email.as_str(), user.display_name.as_str()), (first().address(), "olga"));
        assert!(people::is_owner(&user));
        assert_eq!(user.roles, [Role::Owner].into());
        assert_eq!(user.sessions_since, at("2026-11-23T12:00:01Z"));
        let named = |name: &str| {
            let mut sign_up = sign_up("u1");
            sign_up.account.display_name = name.into();
            first().appoint(&[sign_up], at(NOON)).expect("an owner").1.display_name
        };
        assert_eq!(named(" Olga O. "), "Olga O.");
        assert_eq!(named(&"o".repeat(NAME_CHARS_MAX + 1)).len(), NAME_CHARS_MAX);
    }

    #[test]
    fn whoever_may_be_somebody_else_does_not() {
        let appoint = |found: &[SignUp]| first().appoint(found, at(NOON)).map(|_| ());
        assert_eq!(appoint(&[]), Err(Waiting::NoAccount));
        let unverified = SignUp { verified: false, ..sign_up("u1") };
        assert_eq!(appoint(&[unverified]), Err(Waiting::Unverified));
        let (mut disabled, mut another) = (sign_up("u1"), sign_up("u1"));
        disabled.account.disabled = true;
        assert_eq!(appoint(&[disabled]), Err(Waiting::Disabled));
        another.account.email = "olga@meridian.example.evil".into();
        assert_eq!(appoint(&[another]), Err(Waiting::NoAccount));
        assert_eq!(appoint(&[sign_up("u1"), sign_up("u2")]), Err(Waiting::Several));
    }
}
