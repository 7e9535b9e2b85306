//! Pub/Sub topics and subscriptions.
//!
//! Source: <https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions>.

use model::{Timestamp, asset::Asset, finding::Severity};

use super::{
    Control, Verdict,
    evidence::{data, not_public, text, verdict},
};

const TOPIC: &str = "pubsub.googleapis.com/Topic";
const SUBSCRIPTION: &str = "pubsub.googleapis.com/Subscription";

pub(super) const CONTROLS: &[Control] = &[
    Control {
        id: "PS-01",
        title: "Topics are not open to everybody",
        severity: Severity::High,
        asset_type: TOPIC,
        check: |asset, _| not_public(asset),
    },
    Control {
        id: "PS-02",
        title: "Subscriptions are not open to everybody",
        severity: Severity::High,
        asset_type: SUBSCRIPTION,
        check: |asset, _| not_public(asset),
    },
    Control {
        id: "PS-05",
        title: "Subscriptions have a dead-letter topic",
        severity: Severity::Medium,
        asset_type: SUBSCRIPTION,
        check: dead_letters,
    },
    Control {
        id: "PS-06",
        title: "Pushes go over HTTPS with an identity token",
        severity: Severity::High,
        asset_type: SUBSCRIPTION,
        check: push,
    },
    Control {
        id: "PS-07",
        title: "Subscriptions belong to a topic that exists",
        severity: Severity::Low,
        asset_type: SUBSCRIPTION,
        check: topic,
    },
];

fn dead_letters(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(data(asset).map(|_| {
        let topic = text(asset, &["deadLetterPolicy", "deadLetterTopic"]);
        Verdict::of(topic.is_none().then(|| "no dead-letter topic is set".into()))
    }))
}

fn push(asset: &Asset, _: Timestamp) -> Verdict {
    verdict(data(asset).map(|_| {
        let Some(endpoint) = text(asset, &["pushConfig", "pushEndpoint"]) else {
            return Verdict::NotApplicable;
        };
        if !endpoint.starts_with("https://") {
            return Verdict::Fail(format!("it pushes to `{endpoint}`"));
        }
        let account = text(asset, &["pushConfig", "oidcToken", "serviceAccountEmail"]);
        Verdict::of(account.is_none().then(|| "it pushes without an identity token".into()))
    }))
}

fn topic(asset: &Asset, _: Timestamp) -> Verdict {
    match text(asset, &["topic"]) {
        Some("_deleted-topic_") => Verdict::Fail("its topic was deleted".into()),
        Some(_) => Verdict::Pass,
        None => Verdict::Unknown("topic".into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict_of(check: fn(&Asset, Timestamp) -> Verdict, data: Value) -> Verdict {
        let asset = json!({"name": "//s", "assetType": SUBSCRIPTION, "resource": {"data": data}});
        let asset = serde_json::from_value(asset).expect("an asset");
        check(&asset, "2026-11-23T00:00:00Z".parse().expect("valid"))
    }

    #[test]
    fn a_push_needs_https_and_an_account() {
        let config = |endpoint: &str, token: Value| json!({"pushConfig": {"pushEndpoint": endpoint, "oidcToken": token}});
        let token = json!({"serviceAccountEmail": "a@b"});
        let is_fail = |verdict| matches!(verdict, Verdict::Fail(_));
        assert_eq!(verdict_of(push, config("https://a", token.clone())), Verdict::Pass);
        assert!(is_fail(verdict_of(push, config("http://a", token))));
        assert!(is_fail(verdict_of(push, config("https://a", json!({})))));
        assert_eq!(verdict_of(push, json!({"topic": "t"})), Verdict::NotApplicable);
        assert_eq!(
            verdict_of(push, json!({"topic": "t", "pushConfig": {}})),
            Verdict::NotApplicable
        );
    }

    #[test]
    fn a_subscription_of_a_deleted_topic_fails() {
        assert_eq!(verdict_of(topic, json!({"topic": "projects/p/topics/t"})), Verdict::Pass);
        let deleted = verdict_of(topic, json!({"topic": "_deleted-topic_"}));
        assert!(matches!(deleted, Verdict::Fail(_)));
    }
}
