//! How an override moves from state to state. Time is an argument; nothing here reads or
//! writes.

use jiff::SignedDuration;

use super::{
    Approval, Broken, Change, Controls, Override, OverrideState, Policy, Review, Said, broken_rules,
};
use crate::{
    Actor, OverrideId, Timestamp, Uid,
    control::{Control, RESTRICTIONS_MAX, Restriction},
};

/// How long a request waits for consent, and an approved one for being carried out.
pub const WAITS: SignedDuration = SignedDuration::from_mins(15);
/// How long ago a person may have signed in who agrees, confirms or breaks glass.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How long after an emergency somebody must have looked at it.
const REVIEWED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Why something cannot be done about an override.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is in another state.
    #[error("the override is {0:?}, so that it cannot be {1}")]
    State(OverrideState, &'static str),
    /// Nobody agrees to what they asked for themselves.
    #[error("you asked for this override yourself: somebody else has to agree")]
    OwnRequest,
    /// Nobody counts twice.
    #[error("you have agreed already: somebody else has to agree as well")]
    AgreedBefore,
    /// What was agreed to is not what is there.
    #[error("the hash is of another change: read the override again")]
    OtherChange,
    /// The sign-in is too long ago.
    #[error("you signed in more than 5 minutes ago: sign in again")]
    OldSignIn,
    /// It waited too long.
    #[error("the override has waited for more than 15 minutes: ask anew")]
    TooLate,
    /// Only who asked may.
    #[error("only who asked for the override may withdraw it")]
    NotYours,
    /// A rule forbids it.
    #[error("{0}")]
    Rule(Broken),
    /// It is not what its approvals say.
    #[error("the override is not approved as it stands: {0}")]
    Unproven(&'static str),
    /// It needs no confirmation.
    #[error("only a kill without an end is confirmed")]
    NotConfirmed,
}

/// Tells whether somebody signed in recently enough to decide alone.
///
/// # Errors
/// [`Refused::OldSignIn`] when they did not.
pub fn fresh_sign_in(signed_in_at: Timestamp, now: Timestamp) -> Result<(), Refused> {
    match now.duration_since(*signed_in_at) <= FRESH {
        true => Ok(()),
        false => Err(Refused::OldSignIn),
    }
}

impl Override {
    /// Asks for a change.
    #[must_use]
    pub fn ask(
        id: &OverrideId,
        change: Change,
        requested_by: Actor,
        policy: &Policy,
        now: Timestamp,
    ) -> Self {
        Self {
            hash: change.hash(id, &requested_by),
            approvals_needed: policy.approvals_needed(&change),
            change,
            requested_by,
            requested_at: now,
            rule: None,
            state: OverrideState::Requested,
            approvals: Vec::new(),
            review: None,
            activated_at: None,
            until: None,
            prior: None,
            lift: None,
            confirmed: None,
            ended: None,
        }
    }

    /// Does without anybody's consent what cannot wait for it; somebody looks at it later.
    #[must_use]
    pub fn in_emergency(self) -> Self {
        let review = Review { due_at: self.requested_at.plus(REVIEWED_WITHIN), done: None };
        Self { state: OverrideState::Approved, approvals_needed: 0, review: Some(review), ..self }
    }

    /// Does by a rule what the rule may do without being asked.
    #[must_use]
    pub fn by_rule(self, rule: &str, applies: bool) -> Self {
        let ruled = Self { rule: Some(rule.to_owned()), ..self };
        match applies {
            true => Self { state: OverrideState::Approved, approvals_needed: 0, ..ruled },
            false => ruled,
        }
    }

    /// Agrees to a request.
    ///
    /// # Errors
    /// When it waits no longer, the person asked for it or agreed already, signed in too
    /// long ago, or saw another change.
    pub fn approve(mut self, approval: Approval, now: Timestamp) -> Result<Self, Refused> {
        self.waits("approved", now)?;
        if self.requested_by.is(&approval.by) {
            return Err(Refused::OwnRequest);
        }
        if self.approvals.iter().any(|before| before.by == approval.by) {
            return Err(Refused::AgreedBefore);
        }
        if approval.hash != self.hash {
            return Err(Refused::OtherChange);
        }
        fresh_sign_in(approval.signed_in_at, now)?;
        self.approvals.push(approval);
        if self.approvals.len() >= self.approvals_needed as usize {
            self.state = OverrideState::Approved;
        }
        Ok(self)
    }

    /// Refuses a request.
    ///
    /// # Errors
    /// When it waits no longer, or the person asked for it.
    pub fn reject(self, by: &Uid, said: Said) -> Result<Self, Refused> {
        self.waits("rejected", said.at)?;
        match self.requested_by.is(by) {
            true => Err(Refused::OwnRequest),
            false => Ok(self.end(OverrideState::Rejected, said)),
        }
    }

    /// Takes a request back.
    ///
    /// # Errors
    /// When it waits no longer, or somebody else asked for it.
    pub fn withdraw(self, by: &Uid, said: Said) -> Result<Self, Refused> {
        self.waits("withdrawn", said.at)?;
        match self.requested_by.is(by) {
            true => Ok(self.end(OverrideState::Withdrawn, said)),
            false => Err(Refused::NotYours),
        }
    }

    /// Asks for it to end now. Whoever may lift may lift everything: undoing is always
    /// possible.
    ///
    /// # Errors
    /// When it is not in force.
    pub fn ask_lift(self, said: Said) -> Result<Self, Refused> {
        self.is(OverrideState::Active, "lifted")?;
        Ok(Self { lift: self.lift.or(Some(said)), ..self })
    }

    /// Confirms a kill for another day.
    ///
    /// # Errors
    /// When it is not in force or ends by itself, or the person signed in too long ago.
    pub fn confirm(self, said: Said, signed_in_at: Timestamp) -> Result<Self, Refused> {
        self.is(OverrideState::Active, "confirmed")?;
        if !self.change.is_confirmed_daily() {
            return Err(Refused::NotConfirmed);
        }
        fresh_sign_in(signed_in_at, said.at)?;
        let until = Some(said.at.plus(self.in_force()));
        Ok(Self { confirmed: Some(said), until, ..self })
    }

    /// Looks at what was done in an emergency.
    ///
    /// # Errors
    /// When there was none, it was looked at, or the person did it.
    pub fn look_at(self, by: &Uid, said: Said) -> Result<Self, Refused> {
        match &self.review {
            Some(review) if review.done.is_none() => match self.requested_by.is(by) {
                true => Err(Refused::OwnRequest),
                false => {
                    let review = Review { done: Some(said), ..review.clone() };
                    Ok(Self { review: Some(review), ..self })
                }
            },
            _ => Err(Refused::State(self.state, "reviewed")),
        }
    }

    /// Checks that it is what was agreed to: anybody who finds it as the cause of a
    /// restriction can do so, and need not believe the restriction.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn proven(&self, id: &OverrideId) -> Result<(), Refused> {
        let of = |holds: bool, what| if holds { Ok(()) } else { Err(Refused::Unproven(what)) };
        of(self.hash == self.change.hash(id, &self.requested_by), "it was changed")?;
        let waiting = matches!(
            self.state,
            OverrideState::Requested
                | OverrideState::Rejected
                | OverrideState::Withdrawn
                | OverrideState::Lapsed
        );
        of(!waiting, "nobody approved it")?;
        for (place, approval) in self.approvals.iter().enumerate() {
            of(approval.hash == self.hash, "an approval is of something else")?;
            of(!self.requested_by.is(&approval.by), "its requester approved it")?;
            let before = &self.approvals[..place];
            of(before.iter().all(|other| other.by != approval.by), "somebody approved it twice")?;
        }
        of(self.approvals.len() >= self.approvals_needed as usize, "too few approved it")?;
        let alone = self.approvals.is_empty();
        of(!alone || self.review.is_some() || self.rule.is_some(), "nobody approved it")
    }

    /// Decides what becomes of it by itself, with the other overrides in force of its
    /// control and with all controls; `None` when nothing does.
    #[must_use]
    pub fn step(
        &self,
        id: &OverrideId,
        others: usize,
        controls: &Controls,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<Self> {
        let this = self.clone();
        let system = |reason: &str| Said {
            by: Actor::service("destine-root"),
            at: now,
            reason: reason.to_owned(),
        };
        match self.state {
            OverrideState::Requested if self.waited(now) => {
                Some(this.end(OverrideState::Lapsed, system("nobody agreed in time")))
            }
            OverrideState::Approved => {
                let refused = self.proven(id).err().map(|refused| refused.to_string());
                let late = self.approved_at().plus(WAITS) < now;
                let late = late.then(|| "it could not be carried out in time".to_owned());
                let full = others >= RESTRICTIONS_MAX;
                let full = full.then(|| format!("{RESTRICTIONS_MAX} overrides are in force"));
                let emergency = self.review.is_some();
                let broken = broken_rules(policy, &self.change, emergency, controls, now);
                let broken = broken.first().map(ToString::to_string);
                let failure = refused.or(late).or(full).or(broken);
                Some(match failure {
                    Some(failure) => this.end(OverrideState::Failed, system(&failure)),
                    None => {
                        let prior = controls.get(&self.change.control).map(|of| of.state);
                        Self {
                            state: OverrideState::Active,
                            activated_at: Some(now),
                            until: Some(now.plus(self.in_force())),
                            prior: Some(prior.unwrap_or_default()),
                            ..this
                        }
                    }
                })
            }
            OverrideState::Active => match (&self.lift, self.until) {
                (Some(said), _) => Some(this.clone().end(OverrideState::Lifted, said.clone())),
                (None, Some(until)) if until > now => None,
                (None, _) => Some(this.end(OverrideState::Expired, system("its time is over"))),
            },
            _ => None,
        }
    }

    /// Ends it because a newer one does the same to the same.
    #[must_use]
    pub fn superseded(self, by: &OverrideId, now: Timestamp) -> Self {
        let said =
            Said { by: Actor::service("destine-root"), at: now, reason: format!("by `{by}`") };
        self.end(OverrideState::Superseded, said)
    }

    /// Tells whether another one in force does the same to the same.
    #[must_use]
    pub fn supersedes(&self, other: &Self) -> bool {
        self.change.effect.kind() == other.change.effect.kind()
            && self.change.scope == other.change.scope
    }

    /// Returns what it takes away from its control, if it is in force.
    #[must_use]
    pub fn restriction(&self, id: &OverrideId) -> Option<Restriction> {
        let in_force = self.state == OverrideState::Active;
        in_force.then_some(())?;
        Some(Restriction {
            cause: id.clone(),
            hash: self.hash.clone(),
            effect: self.change.effect.clone(),
            scope: self.change.scope.clone(),
            since: self.activated_at?,
            until: self.until?,
        })
    }

    fn end(self, state: OverrideState, said: Said) -> Self {
        Self { state, ended: Some(said), ..self }
    }

    fn is(&self, state: OverrideState, what: &'static str) -> Result<(), Refused> {
        if self.state == state { Ok(()) } else { Err(Refused::State(self.state, what)) }
    }

    fn waits(&self, what: &'static str, now: Timestamp) -> Result<(), Refused> {
        self.is(OverrideState::Requested, what)?;
        if self.waited(now) { Err(Refused::TooLate) } else { Ok(()) }
    }

    fn waited(&self, now: Timestamp) -> bool {
        self.requested_at.plus(WAITS) < now
    }

    fn approved_at(&self) -> Timestamp {
        self.approvals.last().map_or(self.requested_at, |approval| approval.at)
    }

    fn in_force(&self) -> SignedDuration {
        SignedDuration::from_mins(self.change.minutes_in_force().into())
    }
}

impl Control {
    /// Returns the control that these overrides make of it; `None` when it is that already.
    /// A restriction that no override in force explains is gone, whoever wrote it.
    #[must_use]
    pub fn restricted(
        &self,
        in_force: &[(OverrideId, Override)],
        reason: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let mut restrictions: Vec<_> =
            in_force.iter().filter_map(|(id, one)| one.restriction(id)).collect();
        restrictions.sort_by(|a, b| (a.since, &a.cause).cmp(&(b.since, &b.cause)));
        let next = self.next(restrictions, reason, now);
        let same = next.restrictions == self.restrictions && next.state == self.state;
        (!same).then_some(next)
    }
}
