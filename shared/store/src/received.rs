//! Documents as events bring them: decoded, read once, and dropped.
//!
//! The client's own messages copy every name and text and keep the fields of each map in a
//! hash table, which cost a third of receiving an event. These are the same messages on the
//! wire, with slices of the body for texts and lists for maps: a map is encoded as a list
//! of messages with a key and a value.

use gcloud_sdk::{google::r#type::LatLng, prost_types::Timestamp as RawTimestamp};
use model::Document;
use prost::bytes::Bytes;

use crate::{
    StoreError,
    document::read_members,
    read::{Content, Held, instant},
    trail::{CORRELATION, TRACEPARENT, TRAIL, Trail},
};

/// A document, as `google.firestore.v1.Document` is encoded. Its name is not read.
///
/// Names and texts are bytes until [`Received::is_text`] has looked at them.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Received {
    #[prost(message, repeated, tag = "2")]
    fields: Vec<Member>,
    #[prost(message, optional, tag = "4")]
    update_time: Option<RawTimestamp>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Member {
    #[prost(bytes = "bytes", tag = "1")]
    name: Bytes,
    #[prost(message, optional, tag = "2")]
    value: Option<Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 5, 6, 8, 9, 10, 11, 17, 18, 19, 22")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(bool, tag = "1")]
    Boolean(bool),
    #[prost(int64, tag = "2")]
    Integer(i64),
    #[prost(double, tag = "3")]
    Double(f64),
    #[prost(bytes = "bytes", tag = "5")]
    Reference(Bytes),
    #[prost(message, tag = "6")]
    Map(Map),
    #[prost(message, tag = "8")]
    Point(LatLng),
    #[prost(message, tag = "9")]
    Array(Array),
    #[prost(message, tag = "10")]
    Time(RawTimestamp),
    #[prost(int32, tag = "11")]
    Null(i32),
    #[prost(bytes = "bytes", tag = "17")]
    Text(Bytes),
    #[prost(bytes = "bytes", tag = "18")]
    Bytes(Bytes),
    #[prost(bytes = "bytes", tag = "19")]
    FieldReference(Bytes),
    #[prost(bytes = "bytes", tag = "22")]
    VariableReference(Bytes),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Map {
    #[prost(message, repeated, tag = "1")]
    fields: Vec<Member>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Array {
    #[prost(message, repeated, tag = "1")]
    values: Vec<Value>,
}

impl Received {
    /// Whether all names and texts are UTF-8, without which the document is none.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.fields.iter().all(Member::is_text)
    }

    /// Returns when this version of the document was written.
    #[must_use]
    pub fn updated_at(&self) -> Option<model::Timestamp> {
        self.update_time.as_ref().and_then(instant).map(model::Timestamp::from)
    }

    /// Returns what caused this version of the document.
    #[must_use]
    pub fn trail(&self) -> Trail {
        let named = |members: &'_ [Member], name: &str| {
            members.iter().find(|member| *member.name == *name.as_bytes())?.value.clone()
        };
        let Some(Kind::Map(map)) = named(&self.fields, TRAIL).and_then(|value| value.kind) else {
            return Trail::default();
        };
        let text = |name| match named(&map.fields, name)?.kind? {
            Kind::Text(text) => Some(checked(&text).to_owned()),
            _ => None,
        };
        Trail { correlation: text(CORRELATION), traceparent: text(TRACEPARENT) }
    }

    /// Reads the fields into the document's type.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the document and the field.
    pub fn typed<D: Document>(&self, path: &str) -> Result<D, StoreError> {
        read_members::<D, Value>(path, &self.fields)
    }
}

#[cfg(test)]
impl Received {
    pub(crate) fn members(&self) -> impl serde::Deserializer<'_, Error = serde::de::value::Error> {
        crate::read::map::<Value>(&self.fields)
    }
}

impl Member {
    fn is_text(&self) -> bool {
        std::str::from_utf8(&self.name).is_ok() && self.value.as_ref().is_none_or(Value::is_text)
    }
}

impl Value {
    fn is_text(&self) -> bool {
        match &self.kind {
            Some(
                Kind::Text(text)
                | Kind::Reference(text)
                | Kind::FieldReference(text)
                | Kind::VariableReference(text),
            ) => std::str::from_utf8(text).is_ok(),
            Some(Kind::Array(array)) => array.values.iter().all(Self::is_text),
            Some(Kind::Map(map)) => map.fields.iter().all(Member::is_text),
            _ => true,
        }
    }
}

impl Held for Value {
    type Members = Vec<Member>;

    fn content(&self) -> Content<'_, Self> {
        match &self.kind {
            Some(Kind::Boolean(boolean)) => Content::Boolean(*boolean),
            Some(Kind::Integer(integer)) => Content::Integer(*integer),
            Some(Kind::Double(double)) => Content::Double(*double),
            Some(Kind::Time(time)) => instant(time).map_or(Content::Nothing, Content::Time),
            Some(
                Kind::Text(text)
                | Kind::Reference(text)
                | Kind::FieldReference(text)
                | Kind::VariableReference(text),
            ) => Content::Text(checked(text)),
            Some(Kind::Bytes(bytes)) => Content::Bytes(bytes),
            Some(Kind::Point(point)) => Content::Point(point.latitude, point.longitude),
            Some(Kind::Array(array)) => Content::Array(&array.values),
            Some(Kind::Map(map)) => Content::Map(&map.fields),
            Some(Kind::Null(_)) | None => Content::Nothing,
        }
    }

    fn members(members: &Vec<Member>) -> impl ExactSizeIterator<Item = (&str, Option<&Self>)> {
        members.iter().map(|member| (checked(&member.name), member.value.as_ref()))
    }
}

/// Returns a text that [`Received::is_text`] has looked at.
fn checked(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    fn text(text: &'static [u8]) -> Value {
        Value { kind: Some(Kind::Text(Bytes::from_static(text))) }
    }

    fn member(name: &'static [u8], value: Value) -> Member {
        Member { name: Bytes::from_static(name), value: Some(value) }
    }

    fn within(value: Value) -> [Value; 3] {
        let array = Array { values: vec![text(b"good"), value.clone()] };
        let map = Map { fields: vec![member(b"good", value.clone())] };
        [value, Value { kind: Some(Kind::Array(array)) }, Value { kind: Some(Kind::Map(map)) }]
    }

    #[test]
    fn text_that_is_not_utf_8_is_found_wherever_it_is() {
        let is_text = |fields| {
            let document = Received { fields, update_time: None };
            let received = Received::decode(document.encode_to_vec().as_slice()).expect("encoded");
            received.is_text()
        };
        for value in within(text("é🦀".as_bytes())) {
            assert!(is_text(vec![member(b"it", value)]));
        }
        for broken in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"cut \xf0\x9f\xa6"] {
            for value in within(text(broken)) {
                assert!(!is_text(vec![member(b"good", text(b"good")), member(b"it", value)]));
            }
            let named = Map { fields: vec![member(broken, text(b"good"))] };
            assert!(!is_text(vec![member(b"it", Value { kind: Some(Kind::Map(named)) })]));
            assert!(!is_text(vec![member(broken, text(b"good"))]));
        }
    }

    #[test]
    fn the_trail_is_found_and_is_no_part_of_the_content() {
        let trail = Map {
            fields: vec![
                member(b"correlation", text(b"c1")),
                member(b"traceparent", text(b"00-a")),
            ],
        };
        let trail = member(b"_cause", Value { kind: Some(Kind::Map(trail)) });
        let received =
            Received { fields: vec![member(b"a", text(b"1")), trail], update_time: None };
        let expected = Trail { correlation: Some("c1".into()), traceparent: Some("00-a".into()) };
        assert_eq!(received.trail(), expected);
        let content: std::collections::BTreeMap<String, String> =
            serde::Deserialize::deserialize(crate::read::document::<Value>(&received.fields))
                .expect("texts");
        assert_eq!(content, [("a".to_owned(), "1".to_owned())].into());

        for other in [None, Some(text(b"c1")), Some(Value { kind: None })] {
            let fields = other.map(|value| member(b"_cause", value)).into_iter().collect();
            assert_eq!(Received { fields, update_time: None }.trail(), Trail::default());
        }
    }

    #[test]
    fn bytes_need_not_be_text() {
        let bytes = Value { kind: Some(Kind::Bytes(Bytes::from_static(b"\xff"))) };
        assert!(bytes.is_text());
    }
}
