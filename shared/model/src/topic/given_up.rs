//! Deliveries that Pub/Sub itself gave up.
//!
//! It publishes the message to the dead-letter topic as it was, and says in attributes whose it
//! was. Which trigger that is, the name of the subscription tells that brings it here:
//! `<function>.<trigger>.told`.
//!
//! Source: <https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic>.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{DeliveryExhausted, Raw};

/// What Pub/Sub's own attributes of dead letters begin with.
const OWN: &str = "CloudPubSubDeadLetterSource";
/// How the names end of the subscriptions that tell of dead letters.
const TOLD: &str = ".told";

/// Reads a message that Pub/Sub moved; `None` when it is another.
pub(super) fn read(raw: &Raw<'_>) -> Option<DeliveryExhausted> {
    let attempts = raw.attributes.get(&format!("{OWN}DeliveryCount"))?.parse().ok()?;
    let subscription = raw.subscription?.rsplit('/').next()?;
    let (function, trigger) = subscription.strip_suffix(TOLD)?.split_once('.')?;
    let attributes = raw.attributes.iter().filter(|(name, _)| !name.starts_with(OWN));
    let attributes: BTreeMap<_, _> =
        attributes.map(|(name, value)| (name.clone(), value.clone())).collect();
    let (headers, body) = match attributes.keys().any(|name| name.eq_ignore_ascii_case("ce-id")) {
        // An event of Eventarc: its attributes are the headers, and the data are the body.
        true => {
            let headers = attributes.into_iter().map(|(name, value)| (name.to_lowercase(), value));
            (headers.collect(), raw.data.to_owned())
        }
        false => {
            let envelope = json!({
                "message": {
                    "data": raw.data, "attributes": attributes,
                    "messageId": raw.message_id, "publishTime": raw.publish_time,
                },
            });
            let headers = BTreeMap::from([("content-type".into(), "application/json".into())]);
            (headers, BASE64_STANDARD.encode(envelope.to_string()))
        }
    };
    Some(DeliveryExhausted {
        function: function.to_owned(),
        trigger: trigger.to_owned(),
        attempts,
        last_answer: "not told by Pub/Sub; see the function's log".to_owned(),
        headers,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: &str = "CloudPubSubDeadLetterSourceDeliveryCount";

    fn told(attributes: &[(&str, &str)], subscription: &str) -> Option<DeliveryExhausted> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let attributes = attributes.iter().map(pair).collect();
        read(&Raw {
            data: "e30=",
            attributes: &attributes,
            message_id: "7",
            publish_time: "2026-11-23T12:00:00Z".parse().expect("a time"),
            subscription: Some(subscription),
        })
    }

    #[test]
    fn a_message_becomes_the_push_that_it_was() {
        let attributes = [(COUNT, "5"), ("event_id", "e1")];
        let letter =
            told(&attributes, "projects/p/subscriptions/audit-engine.audit-requested.told");
        let letter = letter.expect("a letter");
        assert_eq!(
            (letter.function.as_str(), letter.trigger.as_str()),
            ("audit-engine", "audit-requested")
        );
        assert_eq!(letter.attempts, 5);
        let body = BASE64_STANDARD.decode(&letter.body).expect("Base64");
        let envelope: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(envelope["message"]["data"], "e30=");
        assert_eq!(envelope["message"]["attributes"], json!({"event_id": "e1"}));
    }

    #[test]
    fn an_event_of_eventarc_becomes_the_request_that_it_was() {
        let attributes = [(COUNT, "10"), ("ce-id", "1"), ("Content-Type", "application/protobuf")];
        let letter = told(&attributes, "projects/p/subscriptions/iam-control.user-written.told");
        let letter = letter.expect("a letter");
        assert_eq!(letter.headers["content-type"], "application/protobuf");
        assert_eq!((letter.headers["ce-id"].as_str(), letter.body.as_str()), ("1", "e30="));
        assert!(!letter.headers.keys().any(|name| name.starts_with("cloudpubsub")));
    }

    #[test]
    fn what_nobody_gave_up_is_no_letter() {
        assert_eq!(told(&[], "projects/p/subscriptions/a.b.told"), None);
        assert_eq!(told(&[(COUNT, "5")], "projects/p/subscriptions/other"), None);
    }
}
