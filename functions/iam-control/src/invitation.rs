//! Invitations: a secret that is given out once and accepted once.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use model::{
    Timestamp,
    access::{Accepting, Invitation, User, UserState, api::InvitationSecret},
};
use sha2::{Digest, Sha256};

use crate::Refusal;

/// How long an invitation can be accepted: over a weekend.
const ACCEPTED_WITHIN: SignedDuration = SignedDuration::from_hours(72);
/// How long a request has an invitation for itself while it sets the password. Longer than
/// the request may take, so that nobody else sets another password at the same time.
const ACCEPTING_FOR: SignedDuration = SignedDuration::from_secs(90);

/// Makes an invitation of 256 random bits. The secret is returned once and kept nowhere.
#[must_use]
pub fn make(bits: [u8; 32], now: Timestamp) -> (InvitationSecret, Invitation) {
    let secret = InvitationSecret::new(BASE64_URL_SAFE_NO_PAD.encode(bits));
    let invitation = Invitation {
        secret_hash: hash(&secret),
        expires_at: now.plus(ACCEPTED_WITHIN),
        accepting: None,
    };
    (secret, invitation)
}

/// Returns what is kept of a secret. A plain digest will do: nobody can try 2^256.
#[must_use]
pub fn hash(secret: &InvitationSecret) -> String {
    hex::encode(Sha256::digest(secret.expose()))
}

/// Keeps the invitation for one request, which then sets the password.
///
/// # Errors
/// When the secret is not the person's any more, its time is over, or another request
/// has it.
pub fn begin(user: &User, hash: &str, attempt: &str, now: Timestamp) -> Result<User, Refusal> {
    let invitation = held(user, hash)?;
    if invitation.expires_at <= now {
        return Err(Refusal::InvitationEnded(invitation.expires_at));
    }
    let busy = |accepting: &Accepting| now < accepting.until && accepting.attempt != attempt;
    if invitation.accepting.as_ref().is_some_and(busy) {
        return Err(Refusal::InvitationBusy);
    }
    let accepting = Some(Accepting { attempt: attempt.to_owned(), until: now.plus(ACCEPTING_FOR) });
    let invitation = Some(Invitation { accepting, ..invitation.clone() });
    Ok(User { invitation, ..user.clone() })
}

/// Lets the person in, for the request that has the invitation.
///
/// # Errors
/// When another request has it, or the secret is not the person's any more.
pub fn finish(user: &User, hash: &str, attempt: &str) -> Result<User, Refusal> {
    let accepting = held(user, hash)?.accepting.as_ref();
    if accepting.is_none_or(|accepting| accepting.attempt != attempt) {
        return Err(Refusal::InvitationBusy);
    }
    Ok(User {
        state: UserState::Active,
        invitation: None,
        policy_version: user.policy_version + 1,
        ..user.clone()
    })
}

/// Forgets the secret of an invitation whose time is over; `None` when there is nothing to
/// forget. That the person was invited stays known.
#[must_use]
pub fn expire(user: &User, now: Timestamp) -> Option<User> {
    let invitation = user.invitation.as_ref()?;
    if invitation.secret_hash.is_empty() || now < invitation.expires_at {
        return None;
    }
    let void = Invitation { secret_hash: String::new(), accepting: None, ..invitation.clone() };
    Some(User { invitation: Some(void), ..user.clone() })
}

fn held<'a>(user: &'a User, hash: &str) -> Result<&'a Invitation, Refusal> {
    let invitation = user.invitation.as_ref().filter(|_| user.state == UserState::Invited);
    // One whose secret is forgotten has an empty hash, which no secret has.
    invitation
        .filter(|invitation| !hash.is_empty() && invitation.secret_hash == hash)
        .ok_or(Refusal::NoInvitation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::{NOON, at, person};

    fn invited() -> (InvitationSecret, User) {
        let (secret, invitation) = make([7; 32], at(NOON));
        let user = User {
            state: UserState::Invited,
            invitation: Some(invitation),
            ..person(&[model::Role::Viewer])
        };
        (secret, user)
    }

    #[test]
    fn an_invitation_is_accepted_once() {
        let (secret, user) = invited();
        assert_eq!(secret.expose().len(), 43);
        let hash = hash(&secret);
        assert_ne!(hash, secret.expose());
        let begun = begin(&user, &hash, "a", at(NOON)).expect("open");
        let accepted = finish(&begun, &hash, "a").expect("begun");
        assert_eq!((accepted.state, accepted.invitation.clone()), (UserState::Active, None));
        assert_eq!(accepted.policy_version, user.policy_version + 1);
        assert_eq!(begin(&accepted, &hash, "b", at(NOON)), Err(Refusal::NoInvitation));
        assert_eq!(finish(&accepted, &hash, "a"), Err(Refusal::NoInvitation));
    }

    #[test]
    fn a_secret_is_good_for_72_hours() {
        let (secret, user) = invited();
        let begins = |now| begin(&user, &hash(&secret), "a", at(now)).is_ok();
        assert!(begins("2026-11-26T11:59:59Z"));
        assert!(!begins("2026-11-26T12:00:00Z"));
        assert_eq!(expire(&user, at("2026-11-26T11:59:59Z")), None);
        let expired = expire(&user, at("2026-11-26T12:00:00Z")).expect("something to forget");
        for hash in ["", &hash(&secret)] {
            assert_eq!(begin(&expired, hash, "a", at(NOON)), Err(Refusal::NoInvitation));
        }
        assert_eq!(expire(&expired, at("2026-11-27T12:00:00Z")), None);
    }

    #[test]
    fn two_requests_do_not_set_two_passwords() {
        let (secret, user) = invited();
        let hash = hash(&secret);
        let begun = begin(&user, &hash, "a", at(NOON)).expect("open");
        let second = |now| begin(&begun, &hash, "b", at(now));
        assert_eq!(second("2026-11-23T12:01:29Z"), Err(Refusal::InvitationBusy));
        let taken_over = second("2026-11-23T12:01:30Z").expect("the first one was lost");
        assert_eq!(finish(&taken_over, &hash, "a"), Err(Refusal::InvitationBusy));
        assert!(finish(&taken_over, &hash, "b").is_ok());
    }

    #[test]
    fn another_secret_opens_nothing() {
        let (_, user) = invited();
        let (other, _) = make([8; 32], at(NOON));
        assert_eq!(begin(&user, &hash(&other), "a", at(NOON)), Err(Refusal::NoInvitation));
    }
}
