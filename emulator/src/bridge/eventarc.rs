//! Firestore's events on their way to the functions.
//!
//! The emulator sends every change once, to one address, in a form that is not
//! quite Eventarc's. Here each change is repaired, matched against the
//! manifests' patterns, and queued for every trigger that wants it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use function::manifest::Kind;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpStream};
use tracing::{debug, error, info, warn};

use super::{
    Core, Target,
    document_event::{Change, InvalidEvent, message_bytes},
    queue::{Event, QueueError, Transport},
    trace,
};

/// The id of the one registration in the emulator.
const REGISTRATION: &str = "mesh";
/// The region that the emulator gives its events; Terraform's default as well.
pub(super) const LOCATION: &str = "us-central1";
/// Where barriers are written. No trigger may watch it.
pub(super) const BARRIERS: &str = "mesh-barrier";
/// Between looks for an emulator that is away. A write that comes before the
/// registration has no event, so this is short; a refused connection costs nothing.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// Registering is a local request; the JVM's first one takes about a second.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(10);

/// What a header may not hold as it is, by the CloudEvents HTTP binding.
const HEADER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Why a change was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum EventarcError {
    /// Not a change.
    #[error(transparent)]
    Invalid(#[from] InvalidEvent),
    /// The queue cannot be written.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Why the emulator did not take the registration.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It does not answer.
    #[error("cannot reach the Firestore emulator")]
    Unreachable(#[from] reqwest::Error),
    /// It refuses.
    #[error("the Firestore emulator answers {0} to the registration of events")]
    Refused(reqwest::StatusCode),
}

/// Takes one change from the emulator: repairs it, matches it and queues it.
///
/// Never refuses because the queue is long: the emulator does not try again.
pub(super) fn receive(core: &Arc<Core>, body: Bytes) -> Result<(), EventarcError> {
    let body = message_bytes(body);
    let Some(change) = Change::decode(&body)? else {
        debug!("dropped the event of a write that changed nothing");
        return Ok(());
    };
    if let Some((BARRIERS, nonce)) = change.path.split_once('/') {
        core.pass_barrier(nonce);
        return Ok(());
    }
    let events = events(&core.project, &core.targets, &change, &body, Timestamp::now());
    if events.is_empty() {
        return Ok(());
    }
    if core.queue.is_full() {
        error!(pending = core.queue.len(), "the queue is full; an event is queued all the same");
    }
    core.accept(events)?;
    Ok(())
}

/// Returns the events of a change, one for every trigger that wants it.
fn events(
    project: &str,
    targets: &[Target],
    change: &Change,
    body: &Bytes,
    now: Timestamp,
) -> Vec<Event> {
    let traceparent = trace::traceparent();
    let mut repaired = None;
    let mut events = Vec::new();
    for target in targets {
        for (id, trigger) in &target.manifest.triggers {
            let Some(Kind::Firestore(wanted)) = trigger.kind() else { continue };
            if !change.is(wanted.event) || wanted.document.matches(&change.path).is_none() {
                continue;
            }
            let body = repaired.get_or_insert_with(|| {
                let supplement = change.body_supplement();
                if supplement.is_empty() {
                    return body.clone();
                }
                Bytes::from([body.as_ref(), &supplement].concat())
            });
            let mut headers = headers(project, change, now);
            headers.insert("ce-type".into(), wanted.event.cloud_event_type().into());
            headers.insert("traceparent".into(), traceparent.clone());
            events.push(Event {
                function: target.name.clone(),
                trigger: id.clone(),
                transport: Transport::Eventarc,
                key: Some(change.path.clone()),
                accepted_at: now.into(),
                headers,
                body: body.clone(),
            });
        }
    }
    events
}

/// Returns the headers of a change, all but its type.
fn headers(project: &str, change: &Change, now: Timestamp) -> BTreeMap<String, String> {
    let Change { database, path, .. } = change;
    let version = change.update_time.unwrap_or(now);
    let kind = change.kind.cloud_event_type();
    // A deleted document keeps no time of its deletion.
    let deleted = change.kind == function::manifest::DocumentEvent::Deleted;
    let time = if deleted { now } else { version };
    let name = format!("projects/{project}/databases/{database}/documents/{path}");
    [
        ("content-type", "application/protobuf".to_owned()),
        ("ce-specversion", "1.0".to_owned()),
        ("ce-id", model::digest(&[&name, &version.to_string(), kind])),
        ("ce-source", format!("//firestore.googleapis.com/projects/{project}/databases/{database}")),
        ("ce-subject", format!("documents/{path}")),
        ("ce-time", model::Timestamp::from(time).to_string()),
        ("ce-dataschema", "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto".to_owned()),
        ("ce-document", path.clone()),
        ("ce-project", project.to_owned()),
        ("ce-database", database.clone()),
        ("ce-namespace", "(default)".to_owned()),
        ("ce-location", LOCATION.to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), utf8_percent_encode(&value, HEADER).to_string()))
    .collect()
}

/// Asks the emulator for every change of the project.
pub(super) async fn register(core: &Core) -> Result<(), RegisterError> {
    let Some(host) = &core.firestore else { return Ok(()) };
    let url = format!(
        "http://{host}/emulator/v1/projects/{}/eventarcTrigger?eventarcTriggerId={REGISTRATION}",
        core.project
    );
    let registration = json!({
        "eventType": "google.cloud.firestore.document.v1.written",
        "database": "(default)",
        "namespace": "(default)",
        "document": { "value": "**", "matchType": "PATH_PATTERN" },
    });
    let answer = core.http.post(url).timeout(REGISTER_TIMEOUT).json(&registration).send().await?;
    if !answer.status().is_success() {
        return Err(RegisterError::Refused(answer.status()));
    }
    Ok(())
}

/// Keeps the registration, which the emulator forgets whenever it ends.
///
/// An idle connection tells at once when the emulator's process dies, and the
/// first connection that is accepted afterwards is the registration's. Nothing
/// is polled while all is well.
pub(super) async fn keep_registered(core: Arc<Core>) {
    let Some(host) = core.firestore.clone() else { return };
    loop {
        let Ok(mut canary) = TcpStream::connect(&host).await else {
            tokio::time::sleep(LOOK_INTERVAL).await;
            continue;
        };
        match register(&core).await {
            Ok(()) => {
                info!(project = %core.project, "registered for the events of Firestore");
                core.firestore_registered.send_replace(true);
                // Nothing ever comes; this ends when the emulator does.
                let _ = canary.read(&mut [0; 1]).await;
                core.firestore_registered.send_replace(false);
                warn!("lost the Firestore emulator; registering again as soon as it is back");
            }
            Err(error) => {
                debug!(%error, "cannot register for the events of Firestore yet");
                tokio::time::sleep(LOOK_INTERVAL).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use function::manifest::{DocumentEvent, Manifest};

    use super::*;

    fn target(name: &str, triggers: &str) -> Target {
        let manifest = Manifest::parse(&format!(
            "name: {name}\nsummary: Tests.\nservice: {{ cpu: 1, memory_mib: 256, timeout_seconds: 9, \
             concurrency: 4, instances: {{ min: 0, max: 1 }} }}\ntriggers:\n{triggers}"
        ));
        Target { name: name.into(), manifest: manifest.expect("valid"), port: 0, metadata_port: 0 }
    }

    fn change(kind: DocumentEvent) -> Change {
        Change {
            kind,
            database: "(default)".into(),
            path: "assets/é a%".into(),
            update_time: "2026-01-01T00:00:00.123456Z".parse().ok(),
            fields: vec![],
        }
    }

    const NOW: &str = "2026-01-02T00:00:00.5Z";

    fn repaired(kind: DocumentEvent) -> Vec<Event> {
        let targets = [
            target(
                "one-function",
                "  any: { firestore: { event: written, document: \"assets/{a}\" } }\n  \
                 gone: { firestore: { event: deleted, document: \"assets/{a}\" } }\n  \
                 other: { firestore: { event: written, document: \"others/{a}\" } }\n",
            ),
            target(
                "two-function",
                "  new: { firestore: { event: created, document: \"assets/{a}\" } }\n",
            ),
        ];
        let now = NOW.parse().expect("valid");
        events("demo-a", &targets, &change(kind), &Bytes::from_static(b"body"), now)
    }

    #[test]
    fn every_trigger_that_wants_a_change_gets_its_type_of_event() {
        let names = |kind| {
            let events = repaired(kind);
            let name = |event: &Event| format!("{} {}", event.trigger, event.headers["ce-type"]);
            events.iter().map(name).collect::<Vec<_>>()
        };
        let kind = |name: &str| format!("google.cloud.firestore.document.v1.{name}");
        assert_eq!(
            names(DocumentEvent::Created),
            [format!("any {}", kind("written")), format!("new {}", kind("created"))]
        );
        assert_eq!(
            names(DocumentEvent::Deleted),
            [format!("any {}", kind("written")), format!("gone {}", kind("deleted"))]
        );
    }

    #[test]
    fn what_the_emulator_gets_wrong_is_repaired() {
        let events = repaired(DocumentEvent::Created);
        let headers = &events[0].headers;
        for (name, value) in [
            ("ce-source", "//firestore.googleapis.com/projects/demo-a/databases/(default)"),
            ("ce-time", "2026-01-01T00:00:00.123456Z"),
            ("ce-subject", "documents/assets/%C3%A9%20a%25"),
            ("ce-document", "assets/%C3%A9%20a%25"),
            ("content-type", "application/protobuf"),
        ] {
            assert_eq!(headers[name], value, "{name}");
        }
        assert_eq!(events[0].key.as_deref(), Some("assets/é a%"));
        assert_eq!(events[0].headers["ce-id"], events[1].headers["ce-id"], "one change, one id");
        assert_eq!(events[0].headers["traceparent"], events[1].headers["traceparent"]);
    }

    #[test]
    fn the_id_of_a_change_is_stable_and_its_own() {
        let id = |kind| repaired(kind)[0].headers["ce-id"].clone();
        assert_eq!(id(DocumentEvent::Created), id(DocumentEvent::Created));
        assert_ne!(id(DocumentEvent::Created), id(DocumentEvent::Deleted));
        let deleted = &repaired(DocumentEvent::Deleted)[0];
        assert_eq!(deleted.headers["ce-time"], "2026-01-02T00:00:00.5Z");
    }
}
