//! Messages of Pub/Sub topics, as a push subscription delivers them.
//!
//! Source: <https://cloud.google.com/pubsub/docs/push#receive_push>.

use std::{borrow::Cow, collections::BTreeMap};

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    Timestamp,
    topic::{Message, Raw},
};
use problem::Failure;
use serde::Deserialize;
use store::Trail;

use super::{Delivered, Event, Malformed, UnreadableContent};

const EXPECTED: &str = "a Pub/Sub push";

/// The envelope. Google sends some fields in both spellings, so only the camel
/// case ones may be named here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    message: Wrapped<'a>,
    delivery_attempt: Option<u32>,
    #[serde(borrow)]
    subscription: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped<'a> {
    #[serde(borrow, default)]
    data: Cow<'a, str>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    publish_time: Timestamp,
}

/// A message of a topic.
#[derive(Clone, Debug)]
pub struct Push<M> {
    /// The event.
    pub event: Event,
    /// The message.
    pub message: M,
    /// What the publisher added.
    pub attributes: BTreeMap<String, String>,
}

impl<M: Message> Push<M> {
    pub(super) fn read(delivered: &Delivered) -> Result<(Event, Result<Self, Failure>), Malformed> {
        let envelope: Envelope<'_> = serde_json::from_slice(&delivered.body)
            .map_err(|error| Malformed::new(EXPECTED, error))?;
        let wrapped = envelope.message;
        // A fact that was published twice carries the same event id twice.
        let id = wrapped.attributes.get(bus::EVENT_ID).map_or(&*wrapped.message_id, String::as_str);
        let event = delivered.event(
            M::TOPIC,
            id,
            wrapped.publish_time,
            &Trail {
                correlation: wrapped.attributes.get(bus::CORRELATION_ID).cloned(),
                traceparent: wrapped.attributes.get(bus::TRACEPARENT).cloned(),
            },
            envelope.delivery_attempt,
        );
        let moved = M::of_moved(&Raw {
            data: &wrapped.data,
            attributes: &wrapped.attributes,
            message_id: &wrapped.message_id,
            publish_time: wrapped.publish_time,
            subscription: envelope.subscription.as_deref(),
        });
        let push = moved
            .map_or_else(|| parse(&wrapped.data), Ok)
            .map(|message| Self { event: event.clone(), message, attributes: wrapped.attributes })
            .map_err(Failure::from);
        Ok((event, push))
    }
}

fn parse<M: Message>(data: &str) -> Result<M, UnreadableContent> {
    let bytes =
        BASE64_STANDARD.decode(data).map_err(|error| UnreadableContent(error.to_string()))?;
    // Where a mistake is, is looked for once there is one: keeping track costs every good one.
    if let Ok(message) = serde_json::from_slice(&bytes) {
        return Ok(message);
    }
    let text = std::str::from_utf8(&bytes).ok().filter(|text| !text.trim_start().starts_with('{'));
    if let Some(message) = text.and_then(M::of_text) {
        return Ok(message);
    }
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    serde_path_to_error::deserialize(&mut json)
        .map_err(|error| UnreadableContent(error.to_string()))
}
