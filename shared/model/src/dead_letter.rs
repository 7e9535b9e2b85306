//! Deliveries that could not be processed, kept so that they can be replayed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Actor, Document, EventId, LetterId, LetterPartId, Measurement, Operational, Timestamp,
};

/// A delivery that was accepted and cannot be processed as things are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// The function that it was meant for.
    pub function: String,
    /// The trigger that it was meant for.
    pub trigger: String,
    /// The event.
    pub event: EventId,
    /// The canonical code of the failure, such as `INVALID_ARGUMENT`.
    pub code: String,
    /// What went wrong, for operators.
    pub reason: String,
    /// The request's headers that make the event, without credentials.
    pub headers: BTreeMap<String, String>,
    /// How many bytes the body has.
    pub body_bytes: u64,
    /// How many documents below the letter hold the body.
    pub body_parts: u32,
    /// When the letter was written off.
    pub buried_at: Timestamp,
    /// The last time that somebody asked for it to be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

/// A wish that a dead letter be handled again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replay {
    /// Who asked.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// What came of it.
    pub state: ReplayState,
    /// When that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it failed, for operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What came of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Nothing yet: its function has not taken it up.
    Requested,
    /// The function handled the delivery.
    Done,
    /// The function could not handle it this time either.
    Failed,
}

/// A letter that needs no replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the dead letter was replayed with success: there is nothing left to do")]
pub struct ReplayedAlready;

impl DeadLetter {
    /// Asks for the letter to be handled again. Who asks while a replay waits joins it.
    ///
    /// # Errors
    /// When it was replayed with success.
    pub fn ask_replay(self, by: Actor, now: Timestamp) -> Result<Self, ReplayedAlready> {
        match self.replay.as_ref().map(|replay| replay.state) {
            Some(ReplayState::Done) => Err(ReplayedAlready),
            Some(ReplayState::Requested) => Ok(self),
            Some(ReplayState::Failed) | None => {
                let replay = Replay {
                    requested_by: by,
                    requested_at: now,
                    state: ReplayState::Requested,
                    ended_at: None,
                    failure: None,
                };
                Ok(Self { replay: Some(replay), ..self })
            }
        }
    }

    /// Writes down what came of the replay that waits; `None` when none does.
    #[must_use]
    pub fn replayed(self, outcome: Result<(), String>, now: Timestamp) -> Option<Self> {
        let waits = |replay: &Replay| replay.state == ReplayState::Requested;
        let asked = self.replay.clone().filter(waits)?;
        let (state, failure) = match outcome {
            Ok(()) => (ReplayState::Done, None),
            Err(failure) => (ReplayState::Failed, Some(failure)),
        };
        Some(Self { replay: Some(Replay { state, ended_at: Some(now), failure, ..asked }), ..self })
    }
}

impl Document for DeadLetter {
    type Id = LetterId;
}

impl Operational for DeadLetter {}

/// A part of a dead letter's body, small enough for a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPart {
    /// The bytes, in Base64.
    pub data: String,
}

impl Document for LetterPart {
    type Id = LetterPartId;
}

impl Measurement for LetterPart {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(second).expect("in range").into()
    }

    fn letter() -> DeadLetter {
        DeadLetter {
            function: "audit-engine".into(),
            trigger: "nightly".into(),
            event: EventId::new("e"),
            code: "INVALID_ARGUMENT".into(),
            reason: "no".into(),
            headers: [].into(),
            body_bytes: 0,
            body_parts: 0,
            buried_at: at(1),
            replay: None,
        }
    }

    #[test]
    fn a_replay_waits_ends_once_and_may_be_asked_for_until_it_succeeds() {
        let oscar = || Actor::service("oscar@mesh");
        assert_eq!(letter().replayed(Ok(()), at(2)), None, "nobody asked");
        let asked = letter().ask_replay(oscar(), at(2)).expect("asked");
        // The second to ask changes nothing, and the first stays who asked.
        let twice = asked.clone().ask_replay(Actor::service("opal@mesh"), at(3)).expect("joined");
        assert_eq!(twice, asked);
        let failed = asked.replayed(Err("still no".into()), at(4)).expect("waited");
        let replay = failed.replay.clone().expect("asked for");
        assert_eq!(
            (replay.state, replay.failure.as_deref()),
            (ReplayState::Failed, Some("still no"))
        );
        assert_eq!(failed.clone().replayed(Ok(()), at(5)), None, "it has ended");
        let again = failed.ask_replay(oscar(), at(6)).expect("asked again");
        let done = again.replayed(Ok(()), at(7)).expect("waited");
        assert_eq!(done.ask_replay(oscar(), at(8)), Err(ReplayedAlready));
    }
}
