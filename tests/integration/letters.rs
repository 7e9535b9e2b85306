use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    LetterId, LetterPartId,
    dead_letter::{DeadLetter, LetterPart},
    topic::{AuditRequested, DeliveryExhausted, Message},
};
use serde_json::json;
use testkit::{Mesh, event};

use crate::probe;

#[tokio::test]
async fn what_cannot_be_processed_is_kept_whole_and_acknowledged() {
    let mesh = Mesh::set_up("bury", probe()).await;
    let push = event::pushed(&json!({"fail": "INVALID_ARGUMENT"}), "m1");
    // Delivered twice: one letter.
    for _ in 0..2 {
        assert_eq!(mesh.deliver("probe", "asked", &push).await.status(), 204);
    }
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0].document;
    assert_eq!((letter.function.as_str(), letter.trigger.as_str()), ("probe", "asked"));
    assert_eq!(letter.code, "INVALID_ARGUMENT");
    assert_eq!(letter.body_bytes, push.body.len() as u64);
    assert!(!letter.headers.contains_key("authorization"));
    assert_eq!(body_of(&mesh, &letters[0].id, letter.body_parts).await, push.body);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_letter_may_be_larger_than_a_document() {
    let mesh = Mesh::set_up("large-letter", probe()).await;
    let push = event::pushed(&json!({"fail": "x".repeat(2_000_000)}), "m1");
    let answer = mesh.deliver("probe", "asked", &push).await;
    // An unknown code is `INTERNAL`, which is tried again, not kept.
    assert_eq!(answer.status(), 500);
    let push = event::pushed(&json!({"unheard_of": "x".repeat(2_000_000)}), "m2");
    assert_eq!(mesh.deliver("probe", "asked", &push).await.status(), 204);
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert!(letter.document.body_parts > 1);
    assert_eq!(body_of(&mesh, &letter.id, letter.document.body_parts).await, push.body);
}

#[tokio::test]
async fn a_delivery_that_is_given_up_ends_in_dead_letters() {
    let mut setup = probe();
    setup.functions = vec!["destine-root".into()];
    let mesh = Mesh::set_up("give-up", setup).await;
    mesh.publish("probe-asked", &json!({"fail": "INTERNAL"})).await;
    mesh.settle().await;
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0].document;
    assert_eq!((letter.function.as_str(), letter.code.as_str()), ("probe", "EXHAUSTED"));
    assert!(letter.reason.starts_with("5 attempts"), "{}", letter.reason);
    let body = body_of(&mesh, &letters[0].id, letter.body_parts).await;
    let envelope: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let data = envelope["message"]["data"].as_str().unwrap();
    assert_eq!(BASE64_STANDARD.decode(data).unwrap(), br#"{"fail":"INTERNAL"}"#);
}

#[tokio::test]
async fn what_pub_sub_itself_gave_up_is_kept_as_the_push_that_it_was() {
    let mut setup = probe();
    setup.functions = vec!["destine-root".into()];
    let mesh = Mesh::set_up("moved", setup).await;
    let mut push = event::pushed(&json!({}), "m1");
    let mut moved: serde_json::Value = serde_json::from_slice(&push.body).unwrap();
    moved["subscription"] = "projects/demo/subscriptions/probe.asked.told".into();
    moved["message"]["attributes"] = json!({
        "CloudPubSubDeadLetterSourceDeliveryCount": "5",
        "CloudPubSubDeadLetterSourceSubscription": "probe.asked",
    });
    push.body = moved.to_string().into_bytes();
    assert_eq!(mesh.deliver("destine-root", "delivery-exhausted", &push).await.status(), 204);
    let letters = mesh.all::<DeadLetter>().await;
    let letter = &letters[0].document;
    assert_eq!((letter.function.as_str(), letter.trigger.as_str()), ("probe", "asked"));
    assert!(letter.reason.starts_with("5 attempts"), "{}", letter.reason);
    // The function that it was meant for takes it as it is kept.
    let body = body_of(&mesh, &letters[0].id, letter.body_parts).await;
    let again = event::Delivery { headers: letter.headers.clone(), body };
    assert_eq!(mesh.deliver("probe", "asked", &again).await.status(), 204);
}

#[tokio::test]
async fn an_exhausted_delivery_with_a_broken_body_is_itself_kept() {
    let mesh = Mesh::start("broken-body", &["destine-root"]).await;
    let exhausted = DeliveryExhausted {
        function: "audit-engine".into(),
        trigger: "audit-requested".into(),
        attempts: 10,
        last_answer: "503".into(),
        headers: [].into(),
        body: "not Base64!".into(),
    };
    let push = event::pushed(&exhausted, "m1");
    assert_eq!(mesh.deliver("destine-root", "delivery-exhausted", &push).await.status(), 204);
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters[0].document.trigger, "delivery-exhausted");
    assert_eq!(DeliveryExhausted::TOPIC, "dead-letters");
    assert_eq!(AuditRequested::TOPIC, "audit-requested");
}

async fn body_of(mesh: &Mesh, letter: &LetterId, parts: u32) -> Vec<u8> {
    let mut body = Vec::new();
    for index in 0..parts {
        let part: LetterPart = mesh.get(&LetterPartId { letter: letter.clone(), index }).await;
        body.extend(BASE64_STANDARD.decode(part.data).unwrap());
    }
    body
}
