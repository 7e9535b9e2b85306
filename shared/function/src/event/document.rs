//! Changes of Firestore documents, as Eventarc delivers them.

use std::collections::BTreeMap;

use firestore::gcloud_sdk::google::firestore::v1::{Document as RawDocument, DocumentMask};
use model::{Document, DocumentId, Timestamp};
use problem::Failure;
use prost::Message;
use store::Received;

use super::{Delivered, Event, Malformed, UnreadableContent, cloud_event::CloudEvent};
use crate::manifest::DocumentPattern;

const EXPECTED: &str = "a Firestore document event";

/// The body of a Firestore event: `google.events.cloud.firestore.v1.DocumentEventData`.
///
/// Source: <https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto>.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DocumentEventData {
    /// The document after the change; absent when it was deleted.
    #[prost(message, optional, tag = "1")]
    pub value: Option<RawDocument>,
    /// The document before the change; absent when it was created.
    #[prost(message, optional, tag = "2")]
    pub old_value: Option<RawDocument>,
    /// The fields that changed, when the document was updated.
    #[prost(message, optional, tag = "3")]
    pub update_mask: Option<DocumentMask>,
}

/// The same, to be read once: see [`Received`].
#[derive(Clone, PartialEq, prost::Message)]
struct ReceivedChange {
    #[prost(message, optional, tag = "1")]
    value: Option<Received>,
    #[prost(message, optional, tag = "2")]
    old_value: Option<Received>,
    #[prost(message, optional, tag = "3")]
    update_mask: Option<DocumentMask>,
}

/// A change of one document.
#[derive(Clone, Debug)]
pub struct Change<D: Document> {
    /// The event.
    pub event: Event,
    /// The document's id.
    pub id: D::Id,
    /// What the captures of the trigger's pattern hold.
    pub params: BTreeMap<String, String>,
    /// The document before; `None` when it was created.
    pub before: Option<D>,
    /// The document after; `None` when it was deleted.
    pub after: Option<D>,
    /// The paths of the fields that changed.
    pub changed: Vec<String>,
}

impl<D: Document> Change<D> {
    /// Reads a change. The inner result tells a document that is not a `D` from
    /// a delivery that is no document event at all.
    pub(super) fn read(
        delivered: &Delivered,
        pattern: &DocumentPattern,
    ) -> Result<(Event, Result<Self, Failure>), Malformed> {
        let cloud_event = CloudEvent::read(delivered)?;
        if !cloud_event.content_type.starts_with("application/protobuf") {
            let found = &cloud_event.content_type;
            return Err(Malformed::new(
                EXPECTED,
                format!("its data is `{found}` where `application/protobuf` is expected"),
            ));
        }
        let path = cloud_event.document_path()?;
        let Some(params) = pattern.matches(path) else {
            let reason = format!("`{path}` does not match `{}`", pattern.as_str());
            return Err(Malformed::new(EXPECTED, reason));
        };
        let data = ReceivedChange::decode(cloud_event.data.clone())
            .map_err(|error| Malformed::new(EXPECTED, error))?;
        if !data.is_text() {
            return Err(Malformed::new(EXPECTED, "a text in it is not UTF-8"));
        }
        let time = data.time().or(cloud_event.time).ok_or_else(|| {
            Malformed::new(EXPECTED, "neither the document nor the event has a time")
        })?;
        let trail = data.value.as_ref().map(Received::trail).unwrap_or_default();
        let event = delivered.event(&cloud_event.source, &cloud_event.id, time, &trail, None);
        let change = data.typed(event.clone(), path, params).map_err(Failure::from);
        Ok((event, change))
    }
}

impl ReceivedChange {
    fn is_text(&self) -> bool {
        self.value.iter().chain(&self.old_value).all(Received::is_text)
    }

    fn time(&self) -> Option<Timestamp> {
        self.value.as_ref()?.updated_at()
    }

    fn typed<D: Document>(
        self,
        event: Event,
        path: &str,
        params: BTreeMap<String, String>,
    ) -> Result<Change<D>, UnreadableContent> {
        let unreadable = |error: &dyn std::fmt::Display| UnreadableContent(error.to_string());
        let typed = |document: &Option<Received>| {
            document.as_ref().map(|document| document.typed::<D>(path)).transpose()
        };
        Ok(Change {
            id: D::Id::from_path(path).map_err(|error| unreadable(&error))?,
            params,
            // What a document was before cannot be mended, so it must not stop a reader.
            before: typed(&self.old_value).ok().flatten(),
            after: typed(&self.value).map_err(|error| unreadable(&error))?,
            changed: self.update_mask.map(|mask| mask.field_paths).unwrap_or_default(),
            event,
        })
    }
}
