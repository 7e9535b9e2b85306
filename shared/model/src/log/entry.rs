//! What an entry of the log says: a journal record, with what identifies people encrypted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    Actor, CorrelationId, EventId, RecordId, Timestamp, Uid,
    journal::{JournalRecord, Writer},
};

/// The shape of entries, in case it ever changes.
const VERSION: u8 = 1;
/// Where documents about people are.
const PEOPLE: &str = "users/";

/// An entry of the log. Hashed as JSON with sorted keys and without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LogEntryText)]
pub struct Entry {
    /// The shape of the entry.
    pub version: u8,
    /// The journal record.
    pub record: RecordId,
    /// What was done.
    pub action: String,
    /// When the cause happened.
    pub time: Timestamp,
    /// The cause that the change shares with others.
    pub correlation: CorrelationId,
    /// The event that was being handled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventId>,
    /// Who wrote the record down, and its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// Who caused the change, when it was a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// The path of the document that changed, unless it is about a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The hash of the document before, unless it is about a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The hash of the document after, unless it is about a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Why, unless a person said so or it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The other members, each encrypted with the key of the person whom they identify.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sealed: Vec<SealedPart>,
    /// For a record too large for the log: SHA-256 over the whole entry, in hexadecimal. What
    /// is not here is in the journal alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Members of an entry that only one key can read. When the key is destroyed, nobody can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedPart {
    /// Stands for the person; only who has the log's secret can tell for whom.
    pub subject: String,
    /// Which of the person's keys: each destruction makes the next one.
    pub generation: u32,
    /// The nonce and the encrypted JSON object, in Base64.
    pub data: String,
}

/// Members that identify a person, still in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personal {
    /// The person.
    pub person: Uid,
    /// The members, as the entry would have them.
    pub members: Map<String, Value>,
}

impl Entry {
    /// Takes a journal record apart: an entry without what identifies people, and that.
    #[must_use]
    pub fn of(id: &RecordId, record: &JournalRecord) -> (Self, Vec<Personal>) {
        let mut entry = Self {
            version: VERSION,
            record: id.clone(),
            action: record.action.clone(),
            time: record.time,
            correlation: record.correlation.clone(),
            event: record.event.clone(),
            writer: record.writer.clone(),
            actor: Some(record.actor.clone()),
            target: Some(record.target.clone()),
            before: record.before.clone(),
            after: record.after.clone(),
            reason: Some(record.reason.clone()),
            sealed: Vec::new(),
            digest: None,
        };
        let mut personal = Vec::new();
        let actor = match &record.actor {
            Actor::Person { uid, .. } => Some(uid),
            Actor::Service { .. } => None,
        };
        let about = record.target.strip_prefix(PEOPLE).map(Uid::new);
        if let Some(person) = &about {
            let members = ["target", "before", "after", "reason"];
            personal.push(entry.take(person, &members));
        }
        if let Some(person) = actor {
            let members: &[&str] = if about.is_some() { &["actor"] } else { &["actor", "reason"] };
            personal.push(entry.take(person, members));
        }
        (entry, personal)
    }

    /// Takes members out of the entry.
    fn take(&mut self, person: &Uid, names: &[&str]) -> Personal {
        let mut members = Map::new();
        for name in names {
            let text = |value: Option<String>| value.map(Value::from);
            let value = match *name {
                "actor" => self.actor.take().and_then(|actor| serde_json::to_value(actor).ok()),
                "target" => text(self.target.take()),
                "before" => text(self.before.take()),
                "after" => text(self.after.take()),
                _ => text(self.reason.take()),
            };
            members.extend(value.map(|value| ((*name).to_owned(), value)));
        }
        Personal { person: person.clone(), members }
    }

    /// Returns the text that is hashed: JSON with sorted keys and without spaces.
    ///
    /// # Panics
    /// Never: an entry holds text and numbers alone.
    #[must_use]
    pub fn to_text(&self) -> String {
        // `Value` keeps the members of objects sorted.
        serde_json::to_value(self).expect("text and numbers are JSON").to_string()
    }

    /// Returns what is left of the entry where it is too large: its name and its digest.
    #[must_use]
    pub fn shortened(&self, digest: String) -> Self {
        Self {
            actor: None,
            target: None,
            before: None,
            after: None,
            reason: None,
            sealed: Vec::new(),
            digest: Some(digest),
            action: self.action.chars().take(ACTION_CHARS_MAX).collect(),
            ..self.clone()
        }
    }

    /// Names what in the entry contradicts a journal record; what is encrypted contradicts
    /// nothing.
    #[must_use]
    pub fn contradictions(&self, id: &RecordId, record: &JournalRecord) -> Vec<&'static str> {
        let (expected, _) = Self::of(id, record);
        let whole = self.digest.is_none();
        let mut found = Vec::new();
        let mut same = |name, same: bool| {
            if !same {
                found.push(name);
            }
        };
        same("record", self.record == *id);
        same("action", self.action == expected.action || !whole);
        same("time", self.time == expected.time);
        same("correlation", self.correlation == expected.correlation);
        same("event", self.event == expected.event);
        same("writer", self.writer == expected.writer);
        if whole {
            same("actor", self.actor == expected.actor);
            same("target", self.target == expected.target);
            same("before", self.before == expected.before);
            same("after", self.after == expected.after);
            same("reason", self.reason == expected.reason);
        }
        found
    }
}

/// The longest action in an entry that had to be shortened.
const ACTION_CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(actor: Actor, target: &str) -> JournalRecord {
        JournalRecord {
            actor,
            action: "user.lowered".into(),
            target: target.into(),
            before: Some("b".into()),
            after: Some("a".into()),
            reason: "olga asked for it".into(),
            time: "2026-11-23T12:00:00Z".parse().expect("a time"),
            correlation: CorrelationId::new("c"),
            event: None,
            writer: Some(Writer { instance: "i".into(), sequence: 7, void: vec![5, 6] }),
        }
    }

    fn olga() -> Actor {
        Actor::Person { uid: Uid::new("olga"), email: Some("olga@meridian.example".into()) }
    }

    #[test]
    fn nothing_that_identifies_a_person_stays_in_the_clear() {
        let id = RecordId::new("r");
        for (record, parts) in [
            (record(olga(), "controls/trading"), 1),
            (record(olga(), "users/pia"), 2),
            (record(Actor::service("iam"), "users/pia"), 1),
            (record(Actor::service("engine"), "findings/f"), 0),
        ] {
            let (entry, personal) = Entry::of(&id, &record);
            assert_eq!(personal.len(), parts);
            let text = entry.to_text();
            if parts > 0 {
                assert!(!text.contains("olga") && !text.contains("pia"), "{text}");
            }
            // Together they say all that the record does.
            let mut whole = serde_json::to_value(&entry).expect("JSON");
            let members = whole.as_object_mut().expect("an object");
            for part in personal {
                members.extend(part.members);
            }
            for (name, value) in
                serde_json::to_value(&record).expect("JSON").as_object().expect("one")
            {
                assert_eq!(whole.get(name), Some(value), "{name}");
            }
            let back: Entry = serde_json::from_str(&text).expect("an entry");
            assert_eq!(back, entry);
            assert_eq!(entry.contradictions(&id, &record), [""; 0]);
        }
    }

    #[test]
    fn a_record_that_was_changed_contradicts_its_entry() {
        let id = RecordId::new("r");
        let record = record(Actor::service("engine"), "findings/f");
        let (entry, _) = Entry::of(&id, &record);
        let changed = JournalRecord { reason: "nothing happened".into(), ..record.clone() };
        assert_eq!(entry.contradictions(&id, &changed), ["reason"]);
        let changed = JournalRecord { actor: olga(), ..record };
        assert_eq!(entry.contradictions(&id, &changed), ["actor", "reason"]);
    }
}
