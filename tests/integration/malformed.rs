//! Deliveries that are not what they should be: refused or kept, never a crash.

use model::{asset::Asset, dead_letter::DeadLetter, finding::Finding};
use serde_json::json;
use testkit::{Mesh, event};

fn bucket() -> Asset {
    serde_json::from_value(json!({
        "name": "//storage.googleapis.com/b", "assetType": "storage.googleapis.com/Bucket",
        "resource": {"data": {"name": "b"}},
    }))
    .unwrap()
}

#[tokio::test]
async fn a_delivery_that_is_no_event_is_refused_and_the_function_lives_on() {
    let mesh = Mesh::start("malformed", &["audit-engine", "destine-root"]).await;
    let process = mesh.function("audit-engine").id();
    let good = event::written(&bucket().id(), Some(&bucket()), "e1");
    let truncated = good.body[..good.body.len() / 2].to_vec();
    let text = good.body.windows(6).position(|bytes| bytes == b"Bucket").expect("its type");
    let mut not_text = good.body.clone();
    not_text[text] = 0xff;
    let huge = vec![0_u8; 11 * 1024 * 1024];
    let structured = |text: &str| {
        let headers = [("content-type".to_owned(), "application/cloudevents+json".to_owned())];
        event::Delivery { headers: headers.into(), body: text.as_bytes().to_vec() }
    };
    let cases = [
        ("truncated", 400, good.clone().body(truncated)),
        ("bad UTF-8 in a field", 400, good.clone().body(not_text)),
        ("rubbish", 400, good.clone().body(vec![0xff; 64])),
        ("no id", 400, good.clone().without("ce-id")),
        ("no type", 400, good.clone().without("ce-type")),
        ("no source", 400, good.clone().without("ce-source")),
        ("no version", 400, good.clone().without("ce-specversion")),
        ("an unknown version", 400, good.clone().header("ce-specversion", "9.9")),
        ("no headers", 400, event::Delivery { headers: [].into(), body: good.body.clone() }),
        ("no document", 400, good.clone().without("ce-document").without("ce-subject")),
        ("another collection", 400, good.clone().header("ce-document", "orders/o1")),
        ("a path that is deeper", 400, good.clone().header("ce-document", "assets/a/b/c")),
        ("JSON for protobuf", 400, good.clone().header("content-type", "application/json")),
        ("bad UTF-8 in a header", 400, good.clone().header("ce-document", "assets/%ff%fe")),
        ("a time that is none", 400, good.clone().header("ce-time", "yesterday")),
        ("11 MiB", 413, good.clone().body(huge)),
        ("structured, not JSON", 400, structured("{")),
        ("structured, no event", 400, structured("[]")),
        ("structured, bad UTF-8", 400, structured("{}").body(vec![0xff, 0xfe])),
    ];
    for (what, status, delivery) in cases {
        let answer = mesh.deliver("audit-engine", "estate-changed", &delivery).await;
        assert_eq!(answer.status(), status, "{what}");
    }
    let push = event::pushed(&json!({}), "m1");
    let cases = [
        ("no JSON", push.clone().body("{")),
        ("no message", push.clone().body("{}")),
        ("no id", push.clone().body(r#"{"message":{"data":"e30="}}"#)),
        ("bad UTF-8", push.clone().body(vec![b'"', 0xff, b'"'])),
    ];
    for (what, delivery) in cases {
        let answer = mesh.deliver("audit-engine", "audit-requested", &delivery).await;
        assert_eq!(answer.status(), 400, "{what}");
    }
    for headers in [json!({}), json!({"x-cloudscheduler-scheduletime": "soon"})] {
        let headers = serde_json::from_value(headers).unwrap();
        let delivery = event::Delivery { headers, body: vec![] };
        assert_eq!(mesh.deliver("audit-engine", "nightly", &delivery).await.status(), 400);
    }
    let answer = mesh.deliver("audit-engine", "no-such-trigger", &good).await;
    assert_eq!(answer.status(), 404);
    assert!(mesh.all::<DeadLetter>().await.is_empty());
    assert!(mesh.all::<Finding>().await.is_empty());
    assert_eq!(mesh.function("audit-engine").id(), process);
    assert_eq!(mesh.deliver("audit-engine", "estate-changed", &good).await.status(), 204);
}

#[tokio::test]
async fn an_event_whose_content_cannot_be_read_is_kept() {
    let mesh = Mesh::start("unreadable", &["audit-engine", "destine-root"]).await;
    // A document that is no asset, written around every type.
    mesh.put_raw("assets/odd", json!({"fields": {"name": {"integerValue": "7"}}})).await;
    mesh.settle().await;
    let push = event::pushed(&json!({"audit": 7}), "m1");
    assert_eq!(mesh.deliver("audit-engine", "audit-requested", &push).await.status(), 204);
    let reasons: Vec<_> =
        mesh.all::<DeadLetter>().await.into_iter().map(|letter| letter.document.reason).collect();
    assert_eq!(reasons.len(), 2);
    let names_field = |field: &str| reasons.iter().any(|reason| reason.contains(field));
    assert!(names_field("`assets/odd` cannot be read: name"), "{reasons:?}");
    assert!(names_field("audit: invalid type"), "{reasons:?}");
}

#[tokio::test]
async fn unknown_fields_and_odd_ids_are_no_mistake() {
    let mesh = Mesh::start("odd-ids", &["audit-engine"]).await;
    // The path of a document with spaces and umlauts is percent-encoded in headers.
    let path = "assets/caf\u{e9} am Markt";
    let asset = json!({"fields": {
        "name": {"stringValue": "//storage.googleapis.com/caf\u{e9}"},
        "assetType": {"stringValue": "storage.googleapis.com/Bucket"},
        "invented": {"mapValue": {"fields": {"a": {"nullValue": null}}}},
        "resource": {"mapValue": {"fields": {"data": {"mapValue": {"fields": {
            "name": {"stringValue": "caf\u{e9}"},
        }}}}}},
    }});
    mesh.put_raw(path, asset).await;
    mesh.settle().await;
    let controls: Vec<_> =
        mesh.all::<Finding>().await.into_iter().map(|f| f.document.control).collect();
    assert_eq!(controls.len(), 2, "{controls:?}");
    assert!(mesh.all::<DeadLetter>().await.is_empty());
}
