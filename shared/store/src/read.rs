//! Firestore values as `serde` reads them, without a copy in between.
//!
//! The client's own reader takes values by copying them, and reads timestamps only into
//! its own wrappers. Here a value reads as its JSON form does (a test compares the two).

use base64::{Engine, prelude::BASE64_STANDARD};
use gcloud_sdk::{
    google::firestore::v1::{Value, value::ValueType},
    prost_types::Timestamp as RawTimestamp,
};
use serde::{
    Deserializer,
    de::{
        Error as _, IntoDeserializer, Visitor,
        value::{
            BorrowedStrDeserializer, Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer,
        },
    },
    forward_to_deserialize_any,
};

use crate::{trail::TRAIL, value::Fields};

/// A value as a message holds it.
pub(crate) trait Held: Sized + 'static {
    /// The fields of a map.
    type Members: 'static;

    /// Returns what the value holds.
    fn content(&self) -> Content<'_, Self>;

    /// Returns the fields of a map; one without a value holds nothing.
    fn members(members: &Self::Members) -> impl ExactSizeIterator<Item = (&str, Option<&Self>)>;
}

/// What a value holds.
pub(crate) enum Content<'de, H: Held> {
    Nothing,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Time(jiff::Timestamp),
    Text(&'de str),
    Bytes(&'de [u8]),
    Point(f64, f64),
    Array(&'de [H]),
    Map(&'de H::Members),
}

/// One value of a document, if it holds something.
pub(crate) struct Field<'de, H>(Option<&'de H>);

/// Returns what reads a map.
pub(crate) fn map<H: Held>(
    members: &H::Members,
) -> MapDeserializer<'_, impl ExactSizeIterator<Item = (Name<'_>, Field<'_, H>)>, Error> {
    let members = H::members(members);
    MapDeserializer::new(members.map(|(name, value)| (Name(name), Field(value))))
}

/// Returns what reads the content of a whole document: all but its trail.
pub(crate) fn document<H: Held>(
    members: &H::Members,
) -> MapDeserializer<'_, impl Iterator<Item = (Name<'_>, Field<'_, H>)>, Error> {
    let members = H::members(members).filter(|(name, _)| *name != TRAIL);
    MapDeserializer::new(members.map(|(name, value)| (Name(name), Field(value))))
}

impl Held for Value {
    type Members = Fields;

    fn content(&self) -> Content<'_, Self> {
        match &self.value_type {
            Some(ValueType::BooleanValue(boolean)) => Content::Boolean(*boolean),
            Some(ValueType::IntegerValue(integer)) => Content::Integer(*integer),
            Some(ValueType::DoubleValue(double)) => Content::Double(*double),
            Some(ValueType::TimestampValue(time)) => {
                instant(time).map_or(Content::Nothing, Content::Time)
            }
            Some(
                ValueType::StringValue(text)
                | ValueType::ReferenceValue(text)
                | ValueType::FieldReferenceValue(text)
                | ValueType::VariableReferenceValue(text),
            ) => Content::Text(text),
            Some(ValueType::BytesValue(bytes)) => Content::Bytes(bytes),
            Some(ValueType::GeoPointValue(point)) => {
                Content::Point(point.latitude, point.longitude)
            }
            Some(ValueType::ArrayValue(array)) => Content::Array(&array.values),
            Some(ValueType::MapValue(map)) => Content::Map(&map.fields),
            // Functions and pipelines are parts of queries, never of stored documents.
            Some(
                ValueType::NullValue(_) | ValueType::FunctionValue(_) | ValueType::PipelineValue(_),
            )
            | None => Content::Nothing,
        }
    }

    fn members(members: &Fields) -> impl ExactSizeIterator<Item = (&str, Option<&Self>)> {
        members.iter().map(|(name, value)| (name.as_str(), Some(value)))
    }
}

impl<'de, H: Held> Field<'de, H> {
    fn content(&self) -> Content<'de, H> {
        match self.0.map_or(Content::Nothing, H::content) {
            // JSON has no word for these.
            Content::Double(double) if !double.is_finite() => Content::Nothing,
            content => content,
        }
    }
}

pub(crate) fn instant(time: &RawTimestamp) -> Option<jiff::Timestamp> {
    jiff::Timestamp::new(time.seconds, time.nanos).ok()
}

impl<'de, H: Held> Deserializer<'de> for Field<'de, H> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.content() {
            Content::Nothing => visitor.visit_unit(),
            Content::Boolean(boolean) => visitor.visit_bool(boolean),
            Content::Integer(integer) => visitor.visit_i64(integer),
            Content::Double(double) => visitor.visit_f64(double),
            Content::Time(time) => visitor.visit_string(time.to_string()),
            Content::Text(text) => visitor.visit_borrowed_str(text),
            Content::Bytes(bytes) => visitor.visit_string(BASE64_STANDARD.encode(bytes)),
            Content::Point(latitude, longitude) => {
                let members = [("latitude", latitude), ("longitude", longitude)];
                visitor.visit_map(MapDeserializer::new(members.into_iter()))
            }
            Content::Array(values) => {
                let values = values.iter().map(|value| Field(Some(value)));
                let mut values = SeqDeserializer::new(values);
                let value = visitor.visit_seq(&mut values)?;
                values.end().map(|()| value)
            }
            Content::Map(members) => {
                let mut members = map::<H>(members);
                let value = visitor.visit_map(&mut members)?;
                members.end().map(|()| value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.content() {
            Content::Nothing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.content() {
            Content::Text(text) => visitor.visit_enum(BorrowedStrDeserializer::<Error>::new(text)),
            Content::Map(members) if H::members(members).len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(map::<H>(members)))
            }
            _ => Err(Error::custom("a text or a map of one field is expected")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl<'de, H: Held> IntoDeserializer<'de> for Field<'de, H> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The name of a field.
pub(crate) struct Name<'de>(&'de str);

impl<'de> IntoDeserializer<'de> for Name<'de> {
    type Deserializer = BorrowedStrDeserializer<'de, Error>;

    fn into_deserializer(self) -> Self::Deserializer {
        BorrowedStrDeserializer::new(self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use gcloud_sdk::google::{
        firestore::v1::{ArrayValue, Document, MapValue},
        r#type::LatLng,
    };
    use prost::Message;
    use serde::{Deserialize, de::DeserializeOwned};
    use serde_json::Value as Json;

    use super::*;
    use crate::{Received, value::fields_to_json};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        Unit,
        Newtype(u8),
        Struct { side: f64 },
        Tuple(i64, String),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(String);

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Tagged {
        Wide { bytes: u32 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Rest {
        text: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Json>,
    }

    fn value(value_type: ValueType) -> Value {
        Value { value_type: Some(value_type) }
    }

    fn text(text: &str) -> Value {
        value(ValueType::StringValue(text.to_owned()))
    }

    fn int(integer: i64) -> Value {
        value(ValueType::IntegerValue(integer))
    }

    fn double(double: f64) -> Value {
        value(ValueType::DoubleValue(double))
    }

    fn array<const N: usize>(values: [Value; N]) -> Value {
        value(ValueType::ArrayValue(ArrayValue { values: values.into() }))
    }

    fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        value(ValueType::MapValue(MapValue { fields }))
    }

    fn every_value() -> Vec<Value> {
        let time =
            |seconds, nanos| value(ValueType::TimestampValue(RawTimestamp { seconds, nanos }));
        vec![
            Value { value_type: None },
            value(ValueType::NullValue(0)),
            value(ValueType::BooleanValue(true)),
            int(0),
            int(-1),
            int(255),
            int(256),
            int(i64::MAX),
            double(2.0),
            double(-0.25),
            double(f64::NAN),
            double(f64::INFINITY),
            text(""),
            text("unit"),
            text("é🦀\"\\"),
            time(1_790_000_000, 123_456_000),
            time(i64::MAX, 0),
            value(ValueType::BytesValue(vec![0, 255, 7])),
            value(ValueType::ReferenceValue("projects/p/databases/d/documents/a/b".into())),
            value(ValueType::GeoPointValue(LatLng { latitude: 1.5, longitude: -2.0 })),
            array([]),
            array([int(1), text("two")]),
            array([array([int(1)]), object([])]),
            object([]),
            object([("newtype", int(7))]),
            object([("newtype", int(700))]),
            object([("struct", object([("side", double(2.5))]))]),
            object([("tuple", array([int(1), text("x")]))]),
            object([("tuple", array([int(1), text("x"), int(2)]))]),
            object([("kind", text("wide")), ("bytes", int(9))]),
            object([("text", text("t")), ("more", array([int(1)])), ("none", Value::default())]),
        ]
    }

    fn compare<T: DeserializeOwned + PartialEq + std::fmt::Debug>() -> usize {
        let mut read = 0;
        for value in every_value() {
            let fields = Fields::from([("it".to_owned(), value)]);
            let ours = BTreeMap::<String, T>::deserialize(map::<Value>(&fields)).ok();
            let json = serde_json::from_value(fields_to_json(&fields)).ok();
            assert_eq!(ours, json, "{fields:?}");
            let document = Document { fields: fields.clone(), ..Document::default() };
            let received = Received::decode(document.encode_to_vec().as_slice()).expect("encoded");
            assert!(received.is_text());
            let received = BTreeMap::<String, T>::deserialize(received.members()).ok();
            assert_eq!(received, json, "{fields:?}");
            read += usize::from(ours.is_some());
        }
        read
    }

    #[test]
    fn every_value_reads_as_its_json_does() {
        let read = [
            compare::<Json>(),
            compare::<Option<Json>>(),
            compare::<bool>(),
            compare::<u8>(),
            compare::<i64>(),
            compare::<u64>(),
            compare::<f64>(),
            compare::<Option<f64>>(),
            compare::<String>(),
            compare::<Option<String>>(),
            compare::<()>(),
            compare::<Vec<Json>>(),
            compare::<(i64, String)>(),
            compare::<BTreeMap<String, Json>>(),
            compare::<jiff::Timestamp>(),
            compare::<Shape>(),
            compare::<Wrapped>(),
            compare::<Either>(),
            compare::<Tagged>(),
            compare::<Rest>(),
        ];
        assert!(read.iter().all(|count| *count > 0), "{read:?}");
        assert_eq!(read[0], every_value().len());
    }
}
