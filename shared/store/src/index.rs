//! What Firestore indexes, besides each field by itself.
//!
//! The emulator answers every query. Production answers those that an index serves, and
//! refuses the others; so the store refuses them first, wherever it runs.
//!
//! Source: <https://firebase.google.com/docs/firestore/query-data/index-overview>.

mod file;

use std::{borrow::Cow, fmt};

pub use file::firestore_indexes;

use crate::{Fields, StoreError};

/// How an index keeps a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// From the smallest value; serves equality as well.
    Ascending,
    /// From the largest value.
    Descending,
    /// Each element of a list by itself.
    Contains,
}

/// An index over several fields of one collection.
///
/// Firestore adds the document's name at the end, in the last field's direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index<'a> {
    /// The last part of the collection's path, which is what Firestore indexes by.
    pub collection: &'a str,
    /// The fields, by path, and how each is kept.
    pub fields: Cow<'a, [(&'a str, Mode)]>,
}

impl Index<'_> {
    /// Tells whether Firestore has the index in production.
    pub(crate) fn is_listed(&self) -> bool {
        let same = |listed: &Index<'_>| {
            listed.collection == self.collection && listed.fields[..] == self.fields[..]
        };
        INDEXES.iter().any(same)
    }
}

impl fmt::Display for Index<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<_> =
            self.fields.iter().map(|(field, mode)| format!("{field} {}", mode.word())).collect();
        write!(f, "{}({})", self.collection, fields.join(", "))
    }
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
            Self::Contains => "contains",
        }
    }
}

const fn index(
    collection: &'static str,
    fields: &'static [(&'static str, Mode)],
) -> Index<'static> {
    Index { collection, fields: Cow::Borrowed(fields) }
}

/// Every index over several fields that a query of Mesh or of its page needs, and no other: each
/// one costs a write with every write of its documents.
///
/// A query that needs another one fails with its name. Then it belongs here, in the order of
/// collections, and `terraform/firestore.indexes.json` is made anew.
pub const INDEXES: &[Index<'static>] = &[
    index("exceptions", &[("state", Mode::Ascending), ("until", Mode::Ascending)]),
    index("findings", &[("severity", Mode::Ascending), ("last_seen", Mode::Descending)]),
    index(
        "findings",
        &[
            ("severity", Mode::Ascending),
            ("state", Mode::Ascending),
            ("last_seen", Mode::Descending),
        ],
    ),
    index("findings", &[("state", Mode::Ascending), ("last_seen", Mode::Descending)]),
    index("grants", &[("person", Mode::Ascending), ("requested_at", Mode::Descending)]),
    index("journal", &[("action", Mode::Ascending), ("time", Mode::Descending)]),
    index("journal", &[("actor.account", Mode::Ascending), ("time", Mode::Descending)]),
    index("journal", &[("actor.email", Mode::Ascending), ("time", Mode::Descending)]),
    index("journal", &[("actor.uid", Mode::Ascending), ("time", Mode::Descending)]),
    index("journal", &[("correlation", Mode::Ascending), ("time", Mode::Descending)]),
    index("journal", &[("target", Mode::Ascending), ("time", Mode::Descending)]),
    index(
        "overrides",
        &[("change.scope.name", Mode::Ascending), ("requested_at", Mode::Descending)],
    ),
];

/// The field that says when Firestore may remove a document.
pub const EXPIRES_AT: &str = "expires_at";

/// The collections whose documents Firestore removes after the instant in [`EXPIRES_AT`],
/// usually within a day of it. The emulator removes none.
///
/// The field is in no index there: instants that only grow would all be written to one end
/// of it, which bounds how fast a collection takes documents.
pub const EXPIRING: &[&str] = &[
    "acks",
    "asset_listings",
    "asset_times",
    "canaries",
    "canary_echoes",
    "check_leases",
    "check_shards",
    "claims_passes",
    "decisions",
    "deliveries",
    "heartbeats",
    "instances",
    "requests",
    "results",
    "rows",
    "schedule_runs",
];

/// Fields, with whatever they contain, that no query asks for and that are too large to be
/// indexed for nothing: Firestore writes two entries for each value, of at most 1,500 bytes,
/// and refuses a document that would have more than 40,000.
pub const UNINDEXED: &[(&str, &str)] = &[
    // Up to a thousand roles of people, written again with each answer.
    ("access_reviews", "items"),
    // All fields: resources in the shapes of a hundred APIs, as deep as those like.
    ("assets", ALL_FIELDS),
    // A title and a severity are asked for; the texts are long.
    ("audit_controls", "condition"),
    ("audit_controls", "rationale"),
    ("audit_controls", "remediation"),
    // A count for each verdict of each control.
    ("audits", "asset_types"),
    ("audits", "controls"),
    // Written again as long as the day lasts.
    ("decisions", "counts"),
    ("dead_letters", "headers"),
    // The log is asked for by its documents' ids alone; entries and tiles are large.
    ("log_bundles", ALL_FIELDS),
    ("log_checkpoints", "note"),
    ("log_entries", ALL_FIELDS),
    ("log_tiles", ALL_FIELDS),
    // Base64, or JSON, up to the largest document.
    ("parts", "data"),
    ("parts", "text"),
    // An answer, as JSON text.
    ("requests", "body"),
    ("rows", "rows"),
];

/// Fields that queries ask for although all others of their collection are not indexed.
pub const INDEXED: &[(&str, &str)] = &[
    // The assets that others are judged by are read by their type.
    ("assets", "assetType"),
];

/// Stands for every field of a collection.
const ALL_FIELDS: &str = "*";

/// Returns the part of a collection's path that Firestore indexes by: the last one.
pub(crate) fn group(collection: &str) -> &str {
    collection.rsplit_once('/').map_or(collection, |(_, last)| last)
}

/// Tells whether Firestore indexes a field by itself.
pub(crate) fn is_indexed(group: &str, field: &str) -> bool {
    if INDEXED.contains(&(group, field)) {
        return true;
    }
    let within = |path: &str| {
        path == ALL_FIELDS
            || field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !(UNINDEXED.iter().any(|(of, path)| *of == group && within(path))
        || EXPIRING.contains(&group) && within(EXPIRES_AT))
}

/// Refuses a document that says when it expires, where Firestore removes none.
pub(crate) fn may_expire(collection: &str, fields: &Fields) -> Result<(), StoreError> {
    if fields.contains_key(EXPIRES_AT) && !EXPIRING.contains(&group(collection)) {
        return Err(StoreError::Kept { collection: collection.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_index_stands_once_and_is_none_that_firestore_makes_by_itself() {
        for (place, index) in INDEXES.iter().enumerate() {
            assert!(index.fields.len() > 1, "Firestore makes `{index}` by itself");
            assert!(!INDEXES[..place].contains(index), "`{index}` stands twice");
        }
    }

    #[test]
    fn what_is_large_and_what_expires_is_not_indexed_with_all_that_it_contains() {
        for (group, field) in [
            ("assets", "name"),
            ("assets", "resource.data.labels.team"),
            ("requests", "body"),
            ("requests", "expires_at"),
            ("access_reviews", "items.olga:owner.verdict"),
        ] {
            assert!(!is_indexed(group, field), "{group}.{field}");
        }
        for (group, field) in [
            ("assets", "assetType"),
            ("requests", "body_hash"),
            ("access_reviews", "state"),
            // An elevation ends, and is kept.
            ("grants", "expires_at"),
        ] {
            assert!(is_indexed(group, field), "{group}.{field}");
        }
    }

    #[test]
    fn a_document_that_would_never_be_removed_is_refused() {
        let fields = |name: &str| Fields::from([(name.to_owned(), Default::default())]);
        assert!(may_expire("checks/{check}/results", &fields(EXPIRES_AT)).is_ok());
        assert!(may_expire("dead_letters/{letter}/parts", &fields("data")).is_ok());
        let refused = may_expire("pictures", &fields(EXPIRES_AT)).expect_err("no policy");
        assert!(refused.to_string().contains("`pictures`"), "{refused}");
    }
}
