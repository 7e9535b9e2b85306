//! The body of Firestore's events, and what Eventarc says about a change.

use std::collections::{BTreeSet, HashMap};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use function::{DocumentEventData, manifest::DocumentEvent};
use gcloud_sdk::google::firestore::v1::{DocumentMask, Value};
use jiff::Timestamp;
use prost::Message;

/// One change of one document, as the emulator's event tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Created, updated or deleted; never written.
    pub kind: DocumentEvent,
    /// The database's id, such as `(default)`.
    pub database: String,
    /// The document's path in the database.
    pub path: String,
    /// When it was committed; for a delete, when the document was last written.
    pub update_time: Option<Timestamp>,
    /// The top-level fields that an update changed, in order; quoted where needed.
    pub fields: Vec<String>,
}

/// Returns the bytes of the message, which the emulator writes as Base64 text
/// although it calls them `application/protobuf`.
///
/// The two cannot be mistaken: the message starts with the tag of one of its
/// three fields, a byte that Base64 does not use.
#[must_use]
pub fn message_bytes(body: Bytes) -> Bytes {
    match body.first() {
        None | Some(0x0a | 0x12 | 0x1a) => body,
        Some(_) => STANDARD.decode(&body).map_or(body, Bytes::from),
    }
}

/// Why a body is not a change.
#[derive(Debug, thiserror::Error)]
pub enum InvalidEvent {
    /// Not the protobuf message.
    #[error("cannot decode the event")]
    Body(#[from] prost::DecodeError),
    /// Neither document is there.
    #[error("the event holds no document")]
    Empty,
    /// A document without a proper name.
    #[error("`{0}` does not name a document")]
    Name(String),
}

impl Change {
    /// Reads a change. `None` for a write that changed nothing, which Firestore
    /// itself sends no event for and the emulator does.
    ///
    /// # Errors
    /// When the body is not the event of a document.
    pub fn decode(body: &[u8]) -> Result<Option<Self>, InvalidEvent> {
        let data = DocumentEventData::decode(body)?;
        let (kind, document) = match (&data.value, &data.old_value) {
            (Some(value), None) => (DocumentEvent::Created, value),
            (Some(value), Some(_)) => (DocumentEvent::Updated, value),
            (None, Some(old)) => (DocumentEvent::Deleted, old),
            (None, None) => return Err(InvalidEvent::Empty),
        };
        let fields = match (&data.value, &data.old_value) {
            (Some(value), Some(old)) => changed_fields(&old.fields, &value.fields),
            _ => Vec::new(),
        };
        if kind == DocumentEvent::Updated && fields.is_empty() {
            return Ok(None);
        }
        let name = &document.name;
        let (database, path) = split_name(name).ok_or_else(|| InvalidEvent::Name(name.clone()))?;
        let update_time = document
            .update_time
            .as_ref()
            .and_then(|time| Timestamp::new(time.seconds, time.nanos).ok());
        Ok(Some(Self {
            kind,
            database: database.to_owned(),
            path: path.to_owned(),
            update_time,
            fields,
        }))
    }

    /// Returns what has to follow the emulator's body to make it Eventarc's.
    ///
    /// Protobuf merges a message that comes twice, so the mask is appended to
    /// the emulator's empty one and everything else stays as it came.
    #[must_use]
    pub fn body_supplement(&self) -> Vec<u8> {
        if self.fields.is_empty() {
            return Vec::new();
        }
        let mask = DocumentMask { field_paths: self.fields.clone() };
        DocumentEventData { update_mask: Some(mask), ..Default::default() }.encode_to_vec()
    }

    /// Says whether a trigger for this kind of event wants the change.
    #[must_use]
    pub fn is(&self, event: DocumentEvent) -> bool {
        event == DocumentEvent::Written || event == self.kind
    }
}

/// Splits `projects/P/databases/D/documents/PATH` into `D` and `PATH`.
fn split_name(name: &str) -> Option<(&str, &str)> {
    let (_project, rest) = name.strip_prefix("projects/")?.split_once("/databases/")?;
    rest.split_once("/documents/")
}

fn changed_fields(old: &HashMap<String, Value>, new: &HashMap<String, Value>) -> Vec<String> {
    let names = old.keys().chain(new.keys()).collect::<BTreeSet<_>>();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    changed.map(|name| field_path(name)).collect()
}

/// Quotes a field's name in backticks unless it is a simple identifier.
fn field_path(name: &str) -> String {
    let simple = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if simple {
        name.to_owned()
    } else {
        format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
    }
}

#[cfg(test)]
mod tests {
    use gcloud_sdk::google::firestore::v1::value::ValueType;

    use gcloud_sdk::google::firestore::v1::Document;

    use super::*;

    fn document(fields: &[(&str, i64)]) -> Document {
        let value = |n: &i64| Value { value_type: Some(ValueType::IntegerValue(*n)) };
        Document {
            name: "projects/demo-a/databases/(default)/documents/assets/é a".into(),
            fields: fields.iter().map(|(name, n)| ((*name).to_owned(), value(n))).collect(),
            create_time: None,
            update_time: Some(gcloud_sdk::prost_types::Timestamp { seconds: 1, nanos: 2_000 }),
        }
    }

    fn event(value: Option<Document>, old_value: Option<Document>) -> Vec<u8> {
        // The emulator's mask is there and empty.
        let update_mask = Some(DocumentMask::default());
        DocumentEventData { value, old_value, update_mask }.encode_to_vec()
    }

    #[test]
    fn the_kind_follows_from_the_documents() {
        let (a, b) = (document(&[("n", 1)]), document(&[("n", 2)]));
        for (value, old, kind) in [
            (Some(a.clone()), None, DocumentEvent::Created),
            (Some(b.clone()), Some(a.clone()), DocumentEvent::Updated),
            (None, Some(a.clone()), DocumentEvent::Deleted),
        ] {
            let change = Change::decode(&event(value, old)).expect("valid").expect("a change");
            assert_eq!(change.kind, kind);
            assert_eq!(
                (change.database.as_str(), change.path.as_str()),
                ("(default)", "assets/é a")
            );
            assert_eq!(change.update_time.map(|time| time.as_microsecond()), Some(1_000_002));
            assert!(change.is(kind) && change.is(DocumentEvent::Written));
        }
        assert!(matches!(Change::decode(&event(None, None)), Err(InvalidEvent::Empty)));
        assert!(Change::decode(&[0xff]).is_err());
    }

    #[test]
    fn a_body_is_read_as_it_is_or_from_base64() {
        let body = Bytes::from(event(Some(document(&[("n", 1)])), None));
        assert_eq!(message_bytes(body.clone()), body);
        assert_eq!(message_bytes(STANDARD.encode(&body).into()), body);
        assert_eq!(message_bytes(Bytes::from_static(b"{}")), "{}");
    }

    #[test]
    fn a_write_that_changes_nothing_is_no_change() {
        let same = event(Some(document(&[("n", 1)])), Some(document(&[("n", 1)])));
        assert_eq!(Change::decode(&same).expect("valid"), None);
    }

    #[test]
    fn the_mask_names_every_changed_field_and_no_other() {
        let old = document(&[("kept", 1), ("changed", 1), ("gone", 1)]);
        let new = document(&[("kept", 1), ("changed", 2), ("a-b", 1), ("t`\\", 1), ("1x", 1)]);
        let mut body = event(Some(new.clone()), Some(old));
        let change = Change::decode(&body).expect("valid").expect("a change");
        body.extend(change.body_supplement());
        let repaired = DocumentEventData::decode(body.as_slice()).expect("still the message");
        let paths = repaired.update_mask.expect("a mask").field_paths;
        assert_eq!(paths, ["`1x`", "`a-b`", "changed", "gone", "`t\\`\\\\`"]);
        assert_eq!(repaired.value, Some(new));
    }
}
