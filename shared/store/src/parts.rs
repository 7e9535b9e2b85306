//! Documents that Firestore cannot hold as they are.
//!
//! What is too large or too deep, or has a list directly in a list, is kept whole as JSON text,
//! cut into documents below its own. Its own keeps the fields of [`Document::HEAD`] and says
//! what the texts come to, so that its content hash covers all of them.
//!
//! Source: <https://firebase.google.com/docs/firestore/quotas#limits>.

use firestore::{FirestoreDb, FirestoreDocument};
use futures::future::try_join_all;
use gcloud_sdk::google::firestore::v1::{self, value::ValueType};
use model::Document;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    StoreError, Stored,
    connection::read,
    document::{encode, encode_value, relative_path},
};

/// The field that says that the rest of a document is in parts.
pub(crate) const IN_PARTS: &str = "storedInParts";
/// The largest document that is kept as it is, and the largest part. Firestore takes 1 MiB;
/// JSON is not its measure, so some room is left.
pub const DOCUMENT_BYTES_MAX: usize = 900 * 1024;
/// The largest document at all: with its parts it has to fit into one commit of 10 MiB.
pub const WHOLE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Firestore takes 20 levels of maps and lists; two are left for what Mesh may add.
pub const DEPTH_MAX: usize = 18;
/// The longest field name.
pub const KEY_BYTES_MAX: usize = 1500;
/// How often a document is read that is being written: its parts may already be others.
const TRIES: usize = 4;

/// What the parts of a document come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InParts {
    pub(crate) count: u32,
    pub(crate) bytes: usize,
    /// SHA-256 of the whole text, in hexadecimal.
    sha256: String,
}

#[derive(Serialize)]
struct Part<'t> {
    text: &'t str,
}

/// Makes Firestore's own document of a typed one, and its parts when it has some.
pub(crate) fn divide<D: Document>(
    database: &FirestoreDb,
    path: &str,
    document: &D,
) -> Result<(FirestoreDocument, Vec<FirestoreDocument>), StoreError> {
    if D::HEAD.is_empty() {
        return Ok((encode(database, path, document)?, Vec::new()));
    }
    let refused = |reason| StoreError::TooLarge { document: path.to_owned(), reason };
    let value = serde_json::to_value(document).map_err(|error| refused(error.to_string()))?;
    let text = value.to_string();
    // What says by itself that it is in parts would be taken at its word.
    let is_plain = value.get(IN_PARTS).is_none() && holds(&value);
    if text.len() <= DOCUMENT_BYTES_MAX && is_plain {
        return Ok((encode(database, path, document)?, Vec::new()));
    }
    if text.len() > WHOLE_BYTES_MAX {
        let (is, most) = (text.len() / 1024, WHOLE_BYTES_MAX / 1024);
        return Err(refused(format!("it has {is} KiB, and at most {most} KiB are kept")));
    }
    let texts = cut(&text);
    let parts = InParts {
        count: texts.len() as u32,
        bytes: text.len(),
        sha256: hex::encode(Sha256::digest(&text)),
    };
    let kept =
        D::HEAD.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone())));
    let mut head: Map<_, _> = kept.collect();
    head.insert(IN_PARTS.to_owned(), json!(parts));
    let parts = (0..)
        .zip(texts)
        .map(|(index, text)| encode_value(database, &part_path(path, index), &Part { text }));
    Ok((encode_value(database, path, &head)?, parts.collect::<Result<_, _>>()?))
}

/// Returns the path of one part of the document at `path`.
pub(crate) fn part_path(path: &str, index: u32) -> String {
    format!("{path}/parts/{index:04}")
}

/// Returns what the parts of a document come to, if it has some.
pub(crate) fn parts_of<D: Document>(raw: &FirestoreDocument) -> Option<InParts> {
    let value = raw.fields.get(IN_PARTS).filter(|_| !D::HEAD.is_empty())?;
    match &value.value_type {
        Some(ValueType::MapValue(map)) => {
            InParts::deserialize(serde::de::value::MapAccessDeserializer::new(crate::read::map::<
                v1::Value,
            >(
                &map.fields
            )))
            .ok()
        }
        _ => None,
    }
}

/// Reads a document with its parts, through a client whose reads may belong to a transaction.
pub(crate) async fn whole<D: Document>(
    database: &FirestoreDb,
    mut raw: FirestoreDocument,
) -> Result<Option<Stored<D>>, StoreError> {
    let path = relative_path(&raw.name).to_owned();
    for _ in 0..TRIES {
        let Some(parts) = parts_of::<D>(&raw) else { return Stored::parse(&raw).map(Some) };
        let paths: Vec<_> = (0..parts.count).map(|index| part_path(&path, index)).collect();
        let texts = paths.iter().map(|path| read(database, path));
        if let Some(stored) = join(&raw, &parts, try_join_all(texts).await?)? {
            return Ok(Some(stored));
        }
        match read(database, &path).await? {
            Some(newer) => raw = newer,
            None => return Ok(None),
        }
    }
    Err(StoreError::Torn { document: path })
}

/// Puts a document together; nothing if these are not the parts that it names.
pub(crate) fn join<D: Document>(
    raw: &FirestoreDocument,
    parts: &InParts,
    texts: Vec<Option<FirestoreDocument>>,
) -> Result<Option<Stored<D>>, StoreError> {
    let mut whole = String::with_capacity(parts.bytes.min(WHOLE_BYTES_MAX));
    for part in &texts {
        let text = part.as_ref().and_then(|part| part.fields.get("text")?.value_type.as_ref());
        let Some(ValueType::StringValue(text)) = text else { return Ok(None) };
        whole.push_str(text);
    }
    if hex::encode(Sha256::digest(&whole)) != parts.sha256 {
        return Ok(None);
    }
    let document = serde_json::from_str(&whole).map_err(|error| StoreError::Unreadable {
        document: relative_path(&raw.name).to_owned(),
        field: "its parts".into(),
        reason: error.to_string(),
    })?;
    Stored::of(raw, document).map(Some)
}

/// Cuts a text into what a document holds each.
fn cut(mut text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    while !text.is_empty() {
        let (part, rest) = text.split_at(text.floor_char_boundary(DOCUMENT_BYTES_MAX));
        parts.push(part);
        text = rest;
    }
    parts
}

/// Tells whether Firestore can hold a value, whatever its size.
fn holds(value: &Value) -> bool {
    fits(value, 0)
}

fn fits(value: &Value, depth: usize) -> bool {
    let within =
        |value: &Value| fits(value, depth + usize::from(value.is_object() || value.is_array()));
    match value {
        _ if depth > DEPTH_MAX => false,
        Value::Object(map) => map.iter().all(|(key, value)| is_name(key) && within(value)),
        Value::Array(values) => values.iter().all(|value| !value.is_array() && within(value)),
        // Firestore's integers are signed.
        Value::Number(number) => number.as_u64().is_none_or(|number| i64::try_from(number).is_ok()),
        _ => true,
    }
}

fn is_name(key: &str) -> bool {
    let reserved = key.len() >= 4 && key.starts_with("__") && key.ends_with("__");
    !key.is_empty() && key.len() <= KEY_BYTES_MAX && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firestore_holds_no_list_in_a_list_and_nothing_too_deep() {
        // The document's own map is not counted.
        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!({"m": value}));
        for (value, fits) in [
            (json!({"a": [{"b": [1]}]}), true),
            (json!({"a": [[1]]}), false),
            (json!({"": 1}), false),
            (json!({"a": [{"__b__": 1}]}), false),
            (json!({"__": 1, "___": 1, "__a": 1, "a__": 1}), true),
            (json!({"n": i64::MAX, "m": i64::MIN}), true),
            (json!({"n": i64::MAX as u64 + 1}), false),
            (nested(DEPTH_MAX + 1), true),
            (nested(DEPTH_MAX + 2), false),
            (json!({"k".repeat(KEY_BYTES_MAX): 1}), true),
            (json!({"k".repeat(KEY_BYTES_MAX + 1): 1}), false),
        ] {
            assert_eq!(holds(&value), fits, "{value}");
        }
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        let text = format!("x{}", "é".repeat(DOCUMENT_BYTES_MAX));
        let parts = cut(&text);
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= DOCUMENT_BYTES_MAX));
        assert_eq!(parts.concat(), text);
        assert!(cut("").is_empty());
    }
}
