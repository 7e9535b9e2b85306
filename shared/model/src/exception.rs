//! Exceptions: somebody answers for a control that does not hold, for a while.

mod pattern;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, Document, ExceptionId, Operational, Timestamp, Uid, operator_override::Said};
use pattern::matches;

/// How long an exception lasts at the most.
pub const DAYS_MAX: i64 = 365;
/// How long before its end an exception is listed as one that expires.
pub const EXPIRING: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where an exception stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Somebody asked.
    Requested,
    /// Somebody else agreed: it counts until its end.
    Approved,
    /// Somebody else refused.
    Rejected,
    /// Who asked no longer wants it.
    Withdrawn,
    /// Somebody ended it before its time.
    Revoked,
    /// Its time is over.
    Expired,
}

/// What is asked for. It never changes, so that an approval is of exactly this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ExceptionTerms)]
pub struct Terms {
    /// The control of the audit, such as `RUN-01`.
    pub control: String,
    /// The full resource name of the asset; `*` stands for any characters behind the host.
    pub assets: String,
    /// Why the control need not hold.
    pub reason: String,
    /// Who answers for it.
    pub owner: Uid,
    /// When it ends.
    pub until: Timestamp,
}

/// A control that need not hold on some assets for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exception {
    /// What was asked for.
    #[serde(flatten)]
    pub terms: Terms,
    /// Who asked.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// Where it stands.
    pub state: ExceptionState,
    /// Who approved it; never who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Said>,
    /// Who refused or ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Said>,
}

/// Why an exception stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionRefusal {
    /// It is decided already.
    #[error("the exception is no longer waiting: it is {0:?}")]
    Decided(ExceptionState),
    /// It is not in force.
    #[error("the exception is not in force: it is {0:?}")]
    NotInForce(ExceptionState),
    /// Nobody approves what they asked for.
    #[error("somebody else has to decide about an exception that you asked for")]
    OwnRequest,
    /// Only who asked takes it back.
    #[error("only who asked for it withdraws it; others reject it")]
    NotYours,
    /// Its end is past.
    #[error("the exception would have ended already: ask for a new one")]
    Over,
}

impl Terms {
    /// Returns every field that is wrong, with what would be right.
    #[must_use]
    pub fn mistakes(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        let plain = self.assets.split('*').next().unwrap_or_default();
        let host = plain.strip_prefix("//").and_then(|rest| rest.split_once('/'));
        if host.is_none_or(|(host, _)| host.is_empty()) {
            let right = "a full resource name such as \
                `//run.googleapis.com/projects/p/locations/l/services/*`, with `*` behind the host";
            wrong.push(("assets", right.to_owned()));
        }
        let last = now.plus(SignedDuration::from_hours(24 * DAYS_MAX));
        if self.until <= now || self.until > last {
            wrong.push(("until", format!("in the future, and not after {last}")));
        }
        wrong
    }
}

impl Exception {
    /// Returns an exception that somebody asks for.
    #[must_use]
    pub fn ask(terms: Terms, by: Actor, now: Timestamp) -> Self {
        let state = ExceptionState::Requested;
        Self { terms, requested_by: by, requested_at: now, state, approved: None, ended: None }
    }

    /// Tells whether it covers a control that does not hold on an asset.
    #[must_use]
    pub fn covers(&self, control: &str, asset: &str, now: Timestamp) -> bool {
        self.state == ExceptionState::Approved
            && now < self.terms.until
            && self.terms.control == control
            && matches(&self.terms.assets, asset)
    }

    /// Tells whether it concerns an asset, in force or not.
    #[must_use]
    pub fn concerns(&self, asset: &str) -> bool {
        matches(&self.terms.assets, asset)
    }

    /// Somebody agrees.
    ///
    /// # Errors
    /// When it does not wait, they asked for it themselves, or it would be over.
    pub fn approve(self, said: Said) -> Result<Self, ExceptionRefusal> {
        self.waits()?.not_by(&said.by)?;
        if self.terms.until <= said.at {
            return Err(ExceptionRefusal::Over);
        }
        Ok(Self { state: ExceptionState::Approved, approved: Some(said), ..self })
    }

    /// Somebody refuses.
    ///
    /// # Errors
    /// When it does not wait, or they asked for it themselves.
    pub fn reject(self, said: Said) -> Result<Self, ExceptionRefusal> {
        self.waits()?.not_by(&said.by)?;
        Ok(Self { state: ExceptionState::Rejected, ended: Some(said), ..self })
    }

    /// Who asked takes it back.
    ///
    /// # Errors
    /// When it does not wait, or somebody else asked for it.
    pub fn withdraw(self, said: Said) -> Result<Self, ExceptionRefusal> {
        if self.waits()?.requested_by != said.by {
            return Err(ExceptionRefusal::NotYours);
        }
        Ok(Self { state: ExceptionState::Withdrawn, ended: Some(said), ..self })
    }

    /// Somebody ends it before its time; that needs nobody else.
    ///
    /// # Errors
    /// When it is not in force.
    pub fn revoke(self, said: Said) -> Result<Self, ExceptionRefusal> {
        match self.state {
            ExceptionState::Approved => {
                Ok(Self { state: ExceptionState::Revoked, ended: Some(said), ..self })
            }
            state => Err(ExceptionRefusal::NotInForce(state)),
        }
    }

    /// Returns it as it is once its time is over: nobody decided in time, or it ends. `None`
    /// when that changes nothing.
    #[must_use]
    pub fn expire(&self, now: Timestamp) -> Option<Self> {
        let alive = matches!(self.state, ExceptionState::Requested | ExceptionState::Approved);
        let over = self.terms.until <= now;
        (alive && over).then(|| Self { state: ExceptionState::Expired, ..self.clone() })
    }

    fn waits(&self) -> Result<&Self, ExceptionRefusal> {
        match self.state {
            ExceptionState::Requested => Ok(self),
            state => Err(ExceptionRefusal::Decided(state)),
        }
    }

    fn not_by(&self, actor: &Actor) -> Result<&Self, ExceptionRefusal> {
        if self.requested_by == *actor { Err(ExceptionRefusal::OwnRequest) } else { Ok(self) }
    }
}

impl Document for Exception {
    type Id = ExceptionId;
}

impl Operational for Exception {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-23T{hour:02}:00:00Z").parse().expect("valid")
    }

    fn said(who: &str, hour: u8) -> Said {
        Said { by: Actor::service(who), at: at(hour), reason: "looked at it".into() }
    }

    fn terms(assets: &str) -> Terms {
        Terms {
            control: "RUN-01".into(),
            assets: assets.into(),
            reason: "a public page".into(),
            owner: Uid::new("olivia"),
            until: at(12),
        }
    }

    fn asked() -> Exception {
        let assets = "//run.googleapis.com/projects/p/locations/*/services/web";
        Exception::ask(terms(assets), Actor::service("oscar"), at(1))
    }

    #[test]
    fn it_covers_what_it_names_from_approval_to_its_end() {
        let name = "//run.googleapis.com/projects/p/locations/l/services/web";
        assert!(!asked().covers("RUN-01", name, at(2)));
        let approved = asked().approve(said("audrey", 2)).expect("waits");
        assert!(approved.covers("RUN-01", name, at(2)));
        assert!(!approved.covers("RUN-01", name, at(12)), "its end is not in it");
        assert!(!approved.covers("RUN-02", name, at(2)));
        assert!(!approved.covers("RUN-01", &format!("{name}2"), at(2)));
        let revoked = approved.clone().revoke(said("audrey", 3)).expect("in force");
        assert!(!revoked.covers("RUN-01", name, at(4)));
        assert_eq!(revoked.revoke(said("audrey", 4)).map(|_| ()), {
            Err(ExceptionRefusal::NotInForce(ExceptionState::Revoked))
        });
        assert_eq!(approved.expire(at(11)), None);
        let expired = approved.expire(at(12)).expect("over");
        assert_eq!((expired.state, expired.expire(at(13))), (ExceptionState::Expired, None));
    }

    #[test]
    fn nobody_decides_about_their_own() {
        let own = Err(ExceptionRefusal::OwnRequest);
        assert_eq!(asked().approve(said("oscar", 2)).map(|_| ()), own);
        assert_eq!(asked().reject(said("oscar", 2)).map(|_| ()), own);
        let other = asked().withdraw(said("audrey", 2)).map(|_| ());
        assert_eq!(other, Err(ExceptionRefusal::NotYours));
        let withdrawn = asked().withdraw(said("oscar", 2)).expect("their own");
        let late = withdrawn.approve(said("audrey", 3)).map(|_| ());
        assert_eq!(late, Err(ExceptionRefusal::Decided(ExceptionState::Withdrawn)));
        let over = asked().approve(said("audrey", 12)).map(|_| ());
        assert_eq!(over, Err(ExceptionRefusal::Over));
    }

    #[test]
    fn terms_are_narrow_and_end() {
        let fields = |terms: Terms| {
            terms.mistakes(at(1)).into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert!(fields(terms("//run.googleapis.com/projects/p/*")).is_empty());
        for wide in ["*", "//*", "//run.*", "run.googleapis.com/x", "", "///x"] {
            assert_eq!(fields(terms(wide)), ["assets"], "{wide}");
        }
        let until = |until: &str| Terms { until: until.parse().expect("valid"), ..terms("//h/x") };
        assert_eq!(fields(until("2026-11-23T01:00:00Z")), ["until"]);
        assert_eq!(fields(until("2027-11-23T01:00:01Z")), ["until"]);
        assert!(fields(until("2027-11-23T01:00:00Z")).is_empty());
    }
}
