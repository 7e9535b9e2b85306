//! Messages on their way to the functions.
//!
//! The emulator's own push leaves out the ordering key, the attempt, the token
//! and the filter. So the bridge pulls: each trigger has a subscription, every
//! message is written to the queue before it is acknowledged, and it reaches the
//! function as the push that production sends.
//!
//! One call hangs at the emulator for each trigger until messages come. The
//! emulator does not notice when such a call's connection breaks, and gives the
//! next messages to it; they come back when the deadline for their
//! acknowledgement has passed. (A stream keeps taking them, so there is none.)

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use function::manifest::Kind;
use jiff::Timestamp;
use model::topic::{DeliveryExhausted, Message};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, net::TcpStream, time::sleep};
use tracing::{debug, info, warn};

use super::{
    Core, Target,
    filter::{Filter, InvalidFilter},
    queue::{Event, QueueError, Transport},
    trace,
};

/// Between looks for an emulator that is away; a refused connection costs nothing.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// Before pulling again after a failure.
const FAILURE_WAIT: Duration = Duration::from_millis(100);
/// Between looks whether a full queue has room again.
const ROOM_INTERVAL: Duration = Duration::from_millis(200);
/// A local call; the JVM's first one takes about a second.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// A call without messages ends after 90 s; a longer one is broken.
const PULL_TIMEOUT: Duration = Duration::from_secs(120);
/// Messages of one call.
const PULL_MAX: u32 = 100;
/// Messages are acknowledged as soon as they are written down, so the shortest
/// deadline that Pub/Sub knows: a killed bridge delays messages by no more.
const ACK_DEADLINE_SECONDS: u32 = 10;

/// The answer of `pull`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Pulled {
    received_messages: Vec<Received>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    ack_id: String,
    message: PubsubMessage,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PubsubMessage {
    /// In Base64, as the envelope has it.
    #[serde(default)]
    data: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    message_id: String,
    publish_time: String,
    #[serde(default)]
    ordering_key: String,
}

/// A trigger that consumes a topic.
#[derive(Clone, Debug)]
pub(super) struct Consumer {
    function: String,
    trigger: String,
    topic: String,
    filter: Option<Filter>,
    ordered: bool,
}

/// What can go wrong between the bridge and Pub/Sub.
#[derive(Debug, thiserror::Error)]
pub enum PubsubError {
    /// A manifest's filter that is not one.
    #[error("`{job}` has a filter that cannot be used")]
    Filter {
        /// The function and its trigger.
        job: String,
        /// Why not.
        source: InvalidFilter,
    },
    /// The emulator does not answer.
    #[error("cannot reach the Pub/Sub emulator")]
    Unreachable(#[from] reqwest::Error),
    /// The stack has no Pub/Sub emulator.
    #[error("the stack has no Pub/Sub emulator")]
    Absent,
    /// The emulator refuses.
    #[error("the Pub/Sub emulator answers {status} to `{resource}`")]
    Refused {
        /// What was asked for.
        resource: String,
        /// The answer.
        status: StatusCode,
    },
    /// The queue cannot be written.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// A message that cannot be encoded.
    #[error("cannot encode a message")]
    Encode(#[from] serde_json::Error),
}

impl Consumer {
    /// Returns every trigger that consumes a topic.
    pub(super) fn all(targets: &[Target]) -> Result<Vec<Self>, PubsubError> {
        let mut consumers = Vec::new();
        for target in targets {
            for (id, trigger) in &target.manifest.triggers {
                let Some(Kind::Pubsub(pubsub)) = trigger.kind() else { continue };
                let filter = pubsub.filter.as_deref().map(str::parse).transpose();
                consumers.push(Self {
                    function: target.name.clone(),
                    trigger: id.clone(),
                    topic: pubsub.topic.clone(),
                    filter: filter.map_err(|source| PubsubError::Filter {
                        job: format!("{}.{id}", target.name),
                        source,
                    })?,
                    ordered: pubsub.ordered,
                });
            }
        }
        Ok(consumers)
    }

    fn subscription(&self, project: &str) -> String {
        format!("projects/{project}/subscriptions/{}.{}", self.function, self.trigger)
    }

    /// Returns the event of a message; `None` when the filter keeps it out.
    fn event(&self, project: &str, message: PubsubMessage, now: Timestamp) -> Option<Event> {
        let PubsubMessage { data, attributes, message_id, publish_time, ordering_key } = message;
        if self.filter.as_ref().is_some_and(|filter| !filter.matches(&attributes)) {
            return None;
        }
        let traceparent = attributes
            .get("traceparent")
            .filter(|parent| trace::is_traceparent(parent))
            .cloned()
            .unwrap_or_else(trace::traceparent);
        // Pub/Sub writes both spellings.
        let mut message = json!({
            "data": data,
            "attributes": attributes,
            "messageId": message_id,
            "message_id": message_id,
            "publishTime": publish_time,
            "publish_time": publish_time,
        });
        if !ordering_key.is_empty() {
            message["orderingKey"] = json!(ordering_key);
        }
        let envelope = json!({ "message": message, "subscription": self.subscription(project) });
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("user-agent", "CloudPubSub-Google".to_owned()),
            ("from", "noreply@google.com".to_owned()),
            ("traceparent", traceparent),
        ];
        Some(Event {
            function: self.function.clone(),
            trigger: self.trigger.clone(),
            transport: Transport::Pubsub,
            key: (self.ordered && !ordering_key.is_empty()).then_some(ordering_key),
            accepted_at: now.into(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: envelope.to_string().into(),
        })
    }
}

/// Keeps every topic and subscription, which the emulator forgets whenever it ends.
///
/// An idle connection tells at once when the emulator's process dies.
pub(super) async fn keep_created(core: Arc<Core>) {
    let Some(host) = core.pubsub.clone() else { return };
    loop {
        let Ok(mut canary) = TcpStream::connect(&host).await else {
            sleep(LOOK_INTERVAL).await;
            continue;
        };
        match create_all(&core).await {
            Ok(()) => {
                info!(project = %core.project, "created the topics and subscriptions of Pub/Sub");
                core.pubsub_created.send_replace(true);
                // Nothing ever comes; this ends when the emulator does.
                let _ = canary.read(&mut [0; 1]).await;
                core.pubsub_created.send_replace(false);
                warn!("lost the Pub/Sub emulator; creating all again as soon as it is back");
            }
            Err(error) => {
                debug!(%error, "cannot create topics and subscriptions yet");
                sleep(LOOK_INTERVAL).await;
            }
        }
    }
}

/// Creates each topic with its subscriptions right after it: a message that is
/// published in between reaches nobody.
async fn create_all(core: &Core) -> Result<(), PubsubError> {
    let mut topics = BTreeMap::<&str, Vec<&Consumer>>::new();
    topics.entry(DeliveryExhausted::TOPIC).or_default();
    for topic in core.targets.iter().flat_map(|target| &target.manifest.publishes) {
        topics.entry(topic).or_default();
    }
    for consumer in &core.consumers {
        topics.entry(&consumer.topic).or_default().push(consumer);
    }
    for (topic, consumers) in topics {
        let topic = format!("projects/{}/topics/{topic}", core.project);
        create(core, &topic, &json!({})).await?;
        for consumer in consumers {
            let settings = json!({
                "topic": topic,
                "ackDeadlineSeconds": ACK_DEADLINE_SECONDS,
                "enableMessageOrdering": consumer.ordered,
            });
            create(core, &consumer.subscription(&core.project), &settings).await?;
        }
    }
    Ok(())
}

async fn create(core: &Core, resource: &str, settings: &Value) -> Result<(), PubsubError> {
    let call = core.http.put(url(core, resource)?).timeout(CALL_TIMEOUT).json(settings);
    match call.send().await?.status() {
        status if status.is_success() || status == StatusCode::CONFLICT => Ok(()),
        status => Err(PubsubError::Refused { resource: resource.to_owned(), status }),
    }
}

fn url(core: &Core, resource: &str) -> Result<String, PubsubError> {
    let host = core.pubsub.as_ref().ok_or(PubsubError::Absent)?;
    Ok(format!("http://{host}/v1/{resource}"))
}

/// Takes a trigger's messages into the queue, for ever.
pub(super) async fn consume(core: Arc<Core>, consumer: Consumer) {
    let mut created = core.pubsub_created.subscribe();
    loop {
        if created.wait_for(|created| *created).await.is_err() {
            return;
        }
        // What is not pulled stays in the emulator.
        if core.queue.is_full() {
            sleep(ROOM_INTERVAL).await;
        } else if let Err(error) = pull(&core, &consumer, Wait::ForMessages).await {
            debug!(%error, topic = %consumer.topic, "pulling messages again");
            sleep(FAILURE_WAIT).await;
        }
    }
}

/// Takes every message that is there already into the queue.
pub(super) async fn flush(core: &Arc<Core>) -> Result<(), PubsubError> {
    for consumer in core.consumers.iter().filter(|_| *core.pubsub_created.borrow()) {
        while !core.queue.is_full() && pull(core, consumer, Wait::No).await? > 0 {}
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq)]
enum Wait {
    ForMessages,
    No,
}

/// Takes messages, writes them down, acknowledges them and says how many.
async fn pull(core: &Arc<Core>, consumer: &Consumer, wait: Wait) -> Result<usize, PubsubError> {
    let subscription = consumer.subscription(&core.project);
    let wanted = json!({ "maxMessages": PULL_MAX, "returnImmediately": wait == Wait::No });
    let pulled = call(core, &format!("{subscription}:pull"), &wanted, PULL_TIMEOUT).await?;
    let (mut events, mut ack_ids) = (Vec::new(), Vec::new());
    for Received { ack_id, message } in pulled.json::<Pulled>().await?.received_messages {
        events.extend(consumer.event(&core.project, message, Timestamp::now()));
        ack_ids.push(ack_id);
    }
    core.accept(events)?;
    if !ack_ids.is_empty() {
        let acknowledged = json!({ "ackIds": ack_ids });
        let resource = format!("{subscription}:acknowledge");
        call(core, &resource, &acknowledged, CALL_TIMEOUT).await?;
    }
    Ok(ack_ids.len())
}

/// Calls a method of the emulator.
async fn call(
    core: &Core,
    resource: &str,
    body: &Value,
    limit: Duration,
) -> Result<reqwest::Response, PubsubError> {
    let answer = core.http.post(url(core, resource)?).timeout(limit).json(body).send().await?;
    match answer.status() {
        status if status.is_success() => Ok(answer),
        status => Err(PubsubError::Refused { resource: resource.to_owned(), status }),
    }
}

/// Publishes one message to its topic.
pub(super) async fn publish<M: Message>(
    core: &Core,
    message: &M,
    attributes: &BTreeMap<String, String>,
) -> Result<(), PubsubError> {
    let resource = format!("projects/{}/topics/{}:publish", core.project, M::TOPIC);
    let data = STANDARD.encode(serde_json::to_vec(message)?);
    let messages = json!({ "messages": [{ "data": data, "attributes": attributes }] });
    call(core, &resource, &messages, CALL_TIMEOUT).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumer(ordered: bool, filter: Option<&str>) -> Consumer {
        Consumer {
            function: "audit-engine".into(),
            trigger: "audit-requested".into(),
            topic: "audit-requested".into(),
            filter: filter.map(|text| text.parse().expect("valid")),
            ordered,
        }
    }

    fn message(key: &str, parent: &str) -> PubsubMessage {
        PubsubMessage {
            data: "eA==".into(),
            attributes: [
                ("Kind".to_owned(), "a".to_owned()),
                ("traceparent".into(), parent.into()),
            ]
            .into(),
            message_id: "7".into(),
            publish_time: "1970-01-01T00:00:00.005Z".into(),
            ordering_key: key.into(),
        }
    }

    #[test]
    fn a_message_becomes_the_push_that_production_sends() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let event = consumer(true, None)
            .event("demo-a", message("k", parent), Timestamp::UNIX_EPOCH)
            .expect("no filter");
        let envelope = serde_json::from_slice::<Value>(&event.body).expect("JSON");
        assert_eq!(
            envelope,
            json!({
                "subscription": "projects/demo-a/subscriptions/audit-engine.audit-requested",
                "message": {
                    "data": "eA==", "attributes": { "Kind": "a", "traceparent": parent },
                    "messageId": "7", "message_id": "7", "orderingKey": "k",
                    "publishTime": "1970-01-01T00:00:00.005Z",
                    "publish_time": "1970-01-01T00:00:00.005Z",
                },
            })
        );
        assert_eq!(event.key.as_deref(), Some("k"));
        assert_eq!(event.headers["traceparent"], parent);
    }

    #[test]
    fn only_an_ordered_trigger_orders() {
        let event = |ordered, key| {
            consumer(ordered, None)
                .event("demo-a", message(key, "x"), Timestamp::UNIX_EPOCH)
                .expect("no filter")
        };
        assert_eq!(event(false, "k").key, None);
        assert_eq!(event(true, "").key, None);
        assert!(trace::is_traceparent(&event(true, "").headers["traceparent"]));
    }

    #[test]
    fn a_filter_keeps_messages_out() {
        let passes = |filter| {
            let now = Timestamp::UNIX_EPOCH;
            consumer(false, Some(filter)).event("demo-a", message("", ""), now).is_some()
        };
        assert!(passes(r#"attributes.Kind = "a""#));
        assert!(!passes(r#"attributes.kind = "a""#), "names keep their case");
    }
}
