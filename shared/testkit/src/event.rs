//! Deliveries as production words them.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use firestore::{FirestoreDb, FirestoreDocument};
use function::DocumentEventData;
use model::{Document, DocumentId, Timestamp};
use prost::Message;
use serde::Serialize;
use serde_json::json;

/// The headers and the body of a delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The headers, without the caller's token.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// Sets one header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Takes one header away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// A document that was written, as Eventarc delivers it in binary mode.
///
/// Source: <https://cloud.google.com/eventarc/docs/cloudevents#cloud-firestore>.
#[must_use]
pub fn written<D: Document>(id: &D::Id, after: Option<&D>, event_id: &str) -> Delivery {
    let path = id.path();
    let raw = |document: &D| -> FirestoreDocument {
        let name = format!("projects/demo/databases/(default)/documents/{path}");
        let mut raw = FirestoreDb::serialize_to_doc(name, document).expect("it serializes");
        raw.update_time = Some(Default::default());
        raw
    };
    let data = DocumentEventData { value: after.map(raw), old_value: None, update_mask: None };
    let headers = [
        ("content-type", "application/protobuf"),
        ("ce-specversion", "1.0"),
        ("ce-type", "google.cloud.firestore.document.v1.written"),
        ("ce-source", "//firestore.googleapis.com/projects/demo/databases/(default)"),
        ("ce-id", event_id),
        ("ce-time", "2026-11-23T00:00:00.123456Z"),
        ("ce-subject", &format!("documents/{path}")),
        ("ce-document", &path),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Delivery { headers: headers.into(), body: data.encode_to_vec() }
}

/// A message, as a push subscription delivers it.
///
/// Source: <https://cloud.google.com/pubsub/docs/push#receive_push>.
#[must_use]
pub fn pushed(message: &impl Serialize, message_id: &str) -> Delivery {
    let data = BASE64_STANDARD.encode(serde_json::to_vec(message).expect("it serializes"));
    let time = "2026-11-23T00:00:00.123Z";
    // Google sends ids and times in both spellings.
    let body = json!({
        "message": {
            "data": data, "attributes": {}, "messageId": message_id, "message_id": message_id,
            "publishTime": time, "publish_time": time,
        },
        "subscription": "projects/demo/subscriptions/test",
    });
    let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    Delivery { headers, body: body.to_string().into_bytes() }
}

/// A schedule that is due, as Cloud Scheduler calls.
#[must_use]
pub fn due(at: Timestamp) -> Delivery {
    let headers = [
        ("user-agent", "Google-Cloud-Scheduler".to_owned()),
        ("x-cloudscheduler", "true".to_owned()),
        ("x-cloudscheduler-jobname", "test".to_owned()),
        ("x-cloudscheduler-scheduletime", at.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    Delivery { headers: headers.into(), body: Vec::new() }
}
