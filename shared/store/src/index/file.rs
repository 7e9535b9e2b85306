//! The indexes as the Firebase CLI and Terraform read them.
//!
//! Source: <https://firebase.google.com/docs/reference/firestore/indexes>.

use serde::Serialize;

use super::{EXPIRES_AT, EXPIRING, INDEXED, INDEXES, Mode, UNINDEXED};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    indexes: Vec<Composite>,
    field_overrides: Vec<Override>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Composite {
    collection_group: &'static str,
    query_scope: &'static str,
    fields: Vec<Part>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    field_path: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    array_config: Option<&'static str>,
}

/// How one field is indexed instead of as every field is: not at all, or in spite of how
/// the others of its collection are.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
struct Override {
    collection_group: &'static str,
    field_path: &'static str,
    ttl: bool,
    indexes: Vec<Single>,
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
struct Single {
    order: &'static str,
    query_scope: &'static str,
}

/// Returns the text of `terraform/firestore.indexes.json`.
///
/// # Panics
/// Never: what is in the file can be written as JSON.
#[must_use]
pub fn firestore_indexes() -> String {
    let indexes = INDEXES.iter().map(|index| Composite {
        collection_group: index.collection,
        query_scope: "COLLECTION",
        fields: index.fields.iter().map(|(field, mode)| part(field, *mode)).collect(),
    });
    let expiring = EXPIRING.iter().map(|group| (*group, EXPIRES_AT, true));
    let unindexed = UNINDEXED.iter().map(|(group, field)| (*group, *field, false));
    let none = expiring.chain(unindexed).map(|(collection_group, field_path, ttl)| Override {
        collection_group,
        field_path,
        ttl,
        indexes: vec![],
    });
    let indexed = INDEXED.iter().map(|(collection_group, field_path)| Override {
        collection_group,
        field_path,
        ttl: false,
        indexes: vec![Single { order: "ASCENDING", query_scope: "COLLECTION" }],
    });
    let overrides = none.chain(indexed).collect();
    let mut file = File { indexes: indexes.collect(), field_overrides: overrides };
    file.field_overrides.sort();
    let text = serde_json::to_string_pretty(&file).expect("the file holds text and lists alone");
    text + "\n"
}

fn part(field_path: &'static str, mode: Mode) -> Part {
    let (order, array_config) = match mode {
        Mode::Ascending => (Some("ASCENDING"), None),
        Mode::Descending => (Some("DESCENDING"), None),
        Mode::Contains => (None, Some("CONTAINS")),
    };
    Part { field_path, order, array_config }
}
