//! What caused a change, written into the document that was changed.
//!
//! An event of Firestore says what changed, and nothing of the request that changed it: the
//! headers that Eventarc adds are its own. So whoever changes a document leaves a trail in it,
//! and whoever handles the event goes on with the same trace and correlation id.

use std::collections::HashMap;

use firestore::FirestoreDocument;
use gcloud_sdk::google::firestore::v1::{MapValue, Value, value::ValueType};

use crate::{Cause, value::Fields};

/// The field that holds the trail. It is no part of the content: types do not have it,
/// hashes do not cover it.
pub const TRAIL: &str = "_cause";
/// What the change shares with others.
pub(crate) const CORRELATION: &str = "correlation";
/// The W3C trace context of the work that made the change.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// What caused the present version of a document, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// What the change shares with others.
    pub correlation: Option<String>,
    /// The W3C trace context of the work that made the change.
    pub traceparent: Option<String>,
}

/// Leaves the trail of a cause in a document.
pub(crate) fn leave(cause: &Cause, document: &mut FirestoreDocument) {
    let text = |text: &str| Value { value_type: Some(ValueType::StringValue(text.to_owned())) };
    let mut fields = HashMap::from([(CORRELATION.to_owned(), text(cause.correlation.as_str()))]);
    if let Some(traceparent) = &cause.traceparent {
        fields.insert(TRACEPARENT.to_owned(), text(traceparent));
    }
    let trail = Value { value_type: Some(ValueType::MapValue(MapValue { fields })) };
    document.fields.insert(TRAIL.to_owned(), trail);
}

/// Returns the fields that are content.
pub(crate) fn content(fields: &Fields) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().filter(|(name, _)| *name != TRAIL)
}
