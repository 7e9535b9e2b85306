//! Firestore values as JSON, and the hash of a document's content.

use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use gcloud_sdk::google::firestore::v1::{Value, value::ValueType};
use serde_json::{Map, Number, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::trail::content;

/// The fields of a document as the client holds them.
pub type Fields = HashMap<String, Value>;

/// Returns the fields as JSON: timestamps as RFC 3339 text, bytes as Base64.
#[must_use]
pub fn fields_to_json(fields: &Fields) -> Json {
    Json::Object(
        fields.iter().map(|(name, value)| (name.clone(), to_json(value))).collect::<Map<_, _>>(),
    )
}

fn to_json(value: &Value) -> Json {
    match &value.value_type {
        Some(ValueType::BooleanValue(boolean)) => (*boolean).into(),
        Some(ValueType::IntegerValue(integer)) => (*integer).into(),
        Some(ValueType::DoubleValue(double)) => {
            Number::from_f64(*double).map_or(Json::Null, Json::Number)
        }
        Some(ValueType::TimestampValue(time)) => {
            jiff::Timestamp::new(time.seconds, time.nanos).map_or(Json::Null, |t| json!(t))
        }
        Some(
            ValueType::StringValue(text)
            | ValueType::ReferenceValue(text)
            | ValueType::FieldReferenceValue(text)
            | ValueType::VariableReferenceValue(text),
        ) => text.as_str().into(),
        Some(ValueType::BytesValue(bytes)) => BASE64_STANDARD.encode(bytes).into(),
        Some(ValueType::GeoPointValue(point)) => {
            json!({"latitude": point.latitude, "longitude": point.longitude})
        }
        Some(ValueType::ArrayValue(array)) => array.values.iter().map(to_json).collect(),
        Some(ValueType::MapValue(map)) => fields_to_json(&map.fields),
        // Functions and pipelines are parts of queries, never of stored documents.
        Some(
            ValueType::NullValue(_) | ValueType::FunctionValue(_) | ValueType::PipelineValue(_),
        )
        | None => Json::Null,
    }
}

/// Returns SHA-256 over the content, in hexadecimal, independent of the order of fields.
/// What caused the content is no part of it: see [`TRAIL`](crate::TRAIL).
#[must_use]
pub fn content_hash(fields: &Fields) -> String {
    // `serde_json` keeps objects in the order of their keys (a test below holds it to that),
    // so the text is the same for the same content.
    let members = content(fields).map(|(name, value)| (name.clone(), to_json(value)));
    hex::encode(Sha256::digest(Json::Object(members.collect()).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value { value_type: Some(ValueType::StringValue(text.into())) }
    }

    #[test]
    fn the_hash_depends_on_content_and_not_on_order() {
        let forward = Fields::from([("a".into(), text("1")), ("b".into(), text("2"))]);
        let backward = Fields::from([("b".into(), text("2")), ("a".into(), text("1"))]);
        assert_eq!(content_hash(&forward), content_hash(&backward));
        assert_eq!(fields_to_json(&forward).to_string(), r#"{"a":"1","b":"2"}"#);
        let other = Fields::from([("a".into(), text("2")), ("b".into(), text("1"))]);
        assert_ne!(content_hash(&forward), content_hash(&other));
        let mut caused = forward.clone();
        caused.insert(crate::TRAIL.into(), text("who"));
        assert_eq!(content_hash(&forward), content_hash(&caused));
    }
}
