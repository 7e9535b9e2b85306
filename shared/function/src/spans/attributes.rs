use axum::http::HeaderMap;
use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::attribute as names;

use crate::{
    Event,
    manifest::{DocumentEvent, Kind},
};

/// What a line has as labels, so that spans are found by the same.
pub(super) const CORRELATION_ID: &str = "mesh.correlation_id";
const EVENT_ID: &str = "mesh.event_id";
/// What a line has as `outcome`.
pub(super) const OUTCOME: &str = "mesh.outcome";

/// The attributes of a CloudEvent that say what kind of event it is and name it.
const OF_CLOUD_EVENTS: [(&str, &str); 3] = [
    ("ce-id", names::CLOUDEVENTS_EVENT_ID),
    ("ce-source", names::CLOUDEVENTS_EVENT_SOURCE),
    ("ce-type", names::CLOUDEVENTS_EVENT_TYPE),
];

/// Returns what the manifest says of a trigger.
pub(super) fn of_trigger(kind: Kind<'_>) -> Vec<KeyValue> {
    let (trigger, mut attributes) = match kind {
        Kind::Http(_) => ("http", Vec::new()),
        Kind::Firestore(of) => {
            let pattern = of.document.as_str();
            let collection = pattern.rsplit_once('/').map_or(pattern, |(collection, _)| collection);
            let collection = KeyValue::new(names::FAAS_DOCUMENT_COLLECTION, collection.to_owned());
            // Of `written`, only the event's own type could tell, and it does not.
            let operation = match of.event {
                DocumentEvent::Created => Some("insert"),
                DocumentEvent::Updated => Some("edit"),
                DocumentEvent::Deleted => Some("delete"),
                DocumentEvent::Written => None,
            };
            let operation =
                operation.map(|name| KeyValue::new(names::FAAS_DOCUMENT_OPERATION, name));
            ("datasource", [collection].into_iter().chain(operation).collect())
        }
        Kind::Pubsub(of) => (
            "pubsub",
            vec![
                KeyValue::new(names::MESSAGING_SYSTEM, "gcp_pubsub"),
                KeyValue::new(names::MESSAGING_DESTINATION_NAME, of.topic.clone()),
                KeyValue::new(names::MESSAGING_OPERATION_NAME, "process"),
                KeyValue::new(names::MESSAGING_OPERATION_TYPE, "process"),
            ],
        ),
        Kind::Schedule(of) => ("timer", vec![KeyValue::new(names::FAAS_CRON, of.cron.clone())]),
    };
    attributes.push(KeyValue::new(names::FAAS_TRIGGER, trigger));
    attributes
}

/// Returns what the time of a trigger's events is called.
pub(super) fn time_of(kind: Kind<'_>) -> Option<&'static str> {
    match kind {
        Kind::Firestore(_) => Some(names::FAAS_DOCUMENT_TIME),
        Kind::Schedule(_) => Some(names::FAAS_TIME),
        Kind::Http(_) | Kind::Pubsub(_) => None,
    }
}

/// Returns what names an event.
pub(super) fn of_event(event: &Event) -> Vec<KeyValue> {
    let attempt = event.attempt.map(|attempt| {
        let name = names::MESSAGING_GCP_PUBSUB_MESSAGE_DELIVERY_ATTEMPT;
        KeyValue::new(name, i64::from(attempt))
    });
    let ids = [
        KeyValue::new(EVENT_ID, event.id.as_str().to_owned()),
        KeyValue::new(CORRELATION_ID, event.correlation.as_str().to_owned()),
    ];
    ids.into_iter().chain(attempt).collect()
}

/// Returns what the transport says of an event, if it is a CloudEvent.
pub(super) fn of_headers(headers: &HeaderMap) -> impl Iterator<Item = KeyValue> {
    OF_CLOUD_EVENTS.into_iter().filter_map(|(header, name)| {
        let value = headers.get(header)?.to_str().ok()?;
        Some(KeyValue::new(name, value.to_owned()))
    })
}
