//! The bridge as a whole, between stand-ins for the emulators and a function.

use std::{
    collections::{BTreeMap, VecDeque},
    net::Ipv4Addr,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use function::{DocumentEventData, manifest::Manifest};
use gcloud_sdk::google::firestore::v1::{Document, Value, value::ValueType};
use model::topic::DeliveryExhausted;
use prost::Message;

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

/// A function that answers as it is told and remembers what came.
#[derive(Clone, Default)]
struct Function {
    answers: Arc<Mutex<VecDeque<u16>>>,
    seen: Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>,
}

impl Function {
    async fn start(&self, port: u16) -> u16 {
        let function = self.clone();
        let take = async move |Path(trigger): Path<String>, headers: HeaderMap, body: Bytes| {
            function.seen.lock().expect("no panic").push((trigger, headers, body));
            let answer = function.answers.lock().expect("no panic").pop_front().unwrap_or(202);
            StatusCode::from_u16(answer).expect("a status")
        };
        let routes = Router::new().route("/events/{trigger}", post(take));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("free");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        port
    }

    /// Returns the numbers that the documents held, as they came.
    fn numbers(&self) -> Vec<i64> {
        let number = |(_, _, body): &(String, HeaderMap, Bytes)| {
            let event = DocumentEventData::decode(body.clone()).expect("an event");
            match event.value.expect("a document").fields["n"].value_type {
                Some(ValueType::IntegerValue(n)) => n,
                _ => panic!("not a number"),
            }
        };
        self.seen.lock().expect("no panic").iter().map(number).collect()
    }
}

struct Stage {
    function: Function,
    state: PathBuf,
    port: u16,
}

impl Stage {
    async fn new() -> Self {
        let function = Function::default();
        let port = function.start(0).await;
        let state = std::env::temp_dir().join(format!("mesh-bridge-{}", uuid::Uuid::now_v7()));
        Self { function, state, port }
    }

    async fn bridge(&self, change: impl FnOnce(&mut BridgeOptions)) -> Bridge {
        let manifest = Manifest::parse(
            "name: one-function\nsummary: Tests.\nservice: { cpu: 1, memory_mib: 256, \
             timeout_seconds: 9, concurrency: 4, instances: { min: 0, max: 1 } }\ntriggers:\n  \
             written: { firestore: { event: written, document: \"assets/{a}\" }, \
             retry: { attempts_max: 5 } }\n",
        );
        let mut options = BridgeOptions::new("demo-a", self.state.clone());
        options.targets.push(Target {
            name: "one-function".into(),
            manifest: manifest.expect("valid"),
            port: self.port,
            metadata_port: 0,
        });
        options.pace.backoff_first = Duration::from_millis(1);
        options.pace.backoff_max = Duration::from_millis(20);
        change(&mut options);
        Bridge::start(options).await.expect("starts")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// Tells a bridge of a change the way that the emulator does.
async fn change(address: SocketAddr, document: &str, n: i64) {
    let value = Value { value_type: Some(ValueType::IntegerValue(n)) };
    let value = Document {
        name: format!("projects/demo-a/databases/(default)/documents/{document}"),
        fields: [("n".to_owned(), value)].into(),
        create_time: None,
        update_time: Some(gcloud_sdk::prost_types::Timestamp { seconds: n, nanos: 0 }),
    };
    let event = DocumentEventData { value: Some(value), ..Default::default() };
    let url = format!("http://{address}/functions/projects/demo-a/triggers/mesh");
    let body = STANDARD.encode(event.encode_to_vec());
    let answer = reqwest::Client::new().post(url).body(body).send().await.expect("answers");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn changes_of_a_document_come_in_order_with_a_token_also_when_some_fail() {
    let stage = Stage::new().await;
    stage.function.answers.lock().expect("no panic").extend([503, 500, 202, 429]);
    let bridge = stage.bridge(|_| ()).await;
    for n in 1..=4 {
        change(bridge.address(), "assets/a", n).await;
    }
    change(bridge.address(), "others/a", 9).await;
    assert!(bridge.drain(PATIENCE).await);
    assert_eq!(stage.function.numbers(), [1, 1, 1, 2, 2, 3, 4]);
    let seen = stage.function.seen.lock().expect("no panic").clone();
    let header = |index: usize, name: &str| seen[index].1[name].to_str().expect("text").to_owned();
    let token = header(0, "authorization");
    let claims = token.strip_prefix("Bearer ").expect("a token").split('.').nth(1).expect("claims");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).expect("Base64");
    let claims = serde_json::from_slice::<serde_json::Value>(&claims).expect("JSON");
    assert_eq!(claims["aud"], "https://one-function.mesh.internal");
    assert_eq!(claims["email"], "mesh-invoker@demo-a.iam.gserviceaccount.com");
    assert_eq!(claims["iss"], format!("http://{}", bridge.address()));
    for name in ["traceparent", "ce-id"] {
        assert_eq!(header(0, name), header(2, name), "every attempt has the same {name}");
        assert_ne!(header(0, name), header(3, name), "every event has its own {name}");
    }
    let status = bridge.status();
    assert_eq!((status.lanes[0].delivered, status.lanes[0].retried), (4, 3));
    bridge.stop().await;
}

#[tokio::test]
async fn what_one_bridge_accepted_the_next_one_delivers() {
    let stage = Stage::new().await;
    // Nobody listens yet.
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("free");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let stage = Stage { port, function: stage.function.clone(), state: stage.state.join("next") };
    let bridge = stage.bridge(|_| ()).await;
    for n in 1..=3 {
        change(bridge.address(), "assets/a", n).await;
    }
    assert!(!bridge.drain(Duration::from_millis(100)).await, "nothing can be delivered");
    bridge.stop().await;

    let bridge = stage.bridge(|_| ()).await;
    assert_eq!(bridge.status().queue, 3);
    stage.function.start(port).await;
    assert!(bridge.drain(PATIENCE).await);
    assert_eq!(stage.function.numbers(), [1, 2, 3]);
    bridge.stop().await;
}

#[tokio::test]
async fn a_delivery_that_keeps_failing_becomes_a_dead_letter_and_delays_no_other() {
    let stage = Stage::new().await;
    let letters = Arc::<Mutex<Vec<DeliveryExhausted>>>::default();
    let (told, calls) = (letters.clone(), Arc::<AtomicU64>::default());
    // Stands in for Pub/Sub: fails once, then takes the letter.
    let publish = async move |body: Bytes| {
        if calls.fetch_add(1, Relaxed) == 0 {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let body = serde_json::from_slice::<serde_json::Value>(&body).expect("JSON");
        let data = STANDARD.decode(body["messages"][0]["data"].as_str().expect("data"));
        let letter = serde_json::from_slice(&data.expect("Base64")).expect("a letter");
        told.lock().expect("no panic").push(letter);
        StatusCode::OK
    };
    let routes = Router::new()
        .route("/v1/projects/demo-a/topics/dead-letters:publish", post(publish))
        .route("/v1/projects/demo-a/topics/dead-letters", axum::routing::put(async || "{}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("free");
    let host = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await });

    let bridge = stage.bridge(|options| options.pubsub = Some(host)).await;
    stage.function.answers.lock().expect("no panic").extend([500; 5]);
    change(bridge.address(), "assets/a", 1).await;
    change(bridge.address(), "assets/a", 2).await;
    assert!(bridge.drain(PATIENCE).await);
    assert_eq!(stage.function.numbers(), [1, 1, 1, 1, 1, 2]);
    let letters = std::mem::take(&mut *letters.lock().expect("no panic"));
    assert_eq!(letters.len(), 1);
    let DeliveryExhausted { function, trigger, attempts, last_answer, headers, body } = &letters[0];
    assert_eq!((function.as_str(), trigger.as_str()), ("one-function", "written"));
    assert_eq!((*attempts, last_answer.as_str()), (5, "500"));
    assert!(headers.contains_key("ce-id") && !headers.contains_key("authorization"));
    assert!(DocumentEventData::decode(STANDARD.decode(body).expect("Base64").as_slice()).is_ok());
    bridge.stop().await;
}

#[tokio::test]
async fn chaos_delivers_twice_and_loses_no_event() {
    let stage = Stage::new().await;
    let chaos = "duplicate=0.5,reorder=0.5,delay=2ms,drop-ack=0.3".parse().expect("valid");
    let bridge = stage.bridge(|options| options.chaos = chaos).await;
    for n in 1..=40 {
        change(bridge.address(), "assets/a", n).await;
    }
    assert!(bridge.drain(PATIENCE).await);
    let numbers = stage.function.numbers();
    let distinct = numbers.iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct.len(), 40);
    assert!(numbers.len() > 40, "some came twice");
    bridge.stop().await;
}

#[tokio::test]
async fn a_switchboard_finds_the_bridge_of_a_project() {
    let stage = Stage::new().await;
    let bridge = stage.bridge(|_| ()).await;
    let switchboard = Switchboard::start((Ipv4Addr::LOCALHOST, 0).into()).await.expect("starts");
    switchboard.attach(&bridge);
    change(switchboard.address(), "assets/a", 7).await;
    assert!(bridge.drain(PATIENCE).await);
    assert_eq!(stage.function.numbers(), [7]);
    bridge.stop().await;
    let url = format!("http://{}/functions/projects/demo-a/triggers/mesh", switchboard.address());
    let answer = reqwest::Client::new().post(url).send().await.expect("answers");
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "its bridge has ended");
}

#[tokio::test]
async fn google_clients_own_requests_get_an_identity() {
    let stage = Stage::new().await;
    let bridge = stage.bridge(|_| ()).await;
    let address = bridge.metadata_address("one-function").expect("listens");
    let get = async |path: &str, flavor: Option<&str>| {
        let url = format!("http://{address}/computeMetadata/v1/{path}");
        let mut request = reqwest::Client::new().get(url);
        if let Some(flavor) = flavor {
            request = request.header("metadata-flavor", flavor);
        }
        let answer = request.send().await.expect("answers");
        assert_eq!(answer.headers()["metadata-flavor"], "Google");
        (answer.status(), answer.text().await.expect("text"))
    };
    let account = "one-function@demo-a.iam.gserviceaccount.com";
    let email = "instance/service-accounts/default/email";
    assert_eq!(get(email, Some("Google")).await, (StatusCode::OK, account.to_owned()));
    assert_eq!(get(email, None).await.0, StatusCode::FORBIDDEN);
    let identity = "instance/service-accounts/default/identity";
    assert_eq!(get(identity, Some("Google")).await.0, StatusCode::BAD_REQUEST);
    let (status, token) = get(&format!("{identity}?audience=https://x"), Some("Google")).await;
    assert_eq!((status, token.split('.').count()), (StatusCode::OK, 3));
    let (_, token) = get("instance/service-accounts/default/token", Some("Google")).await;
    let token = serde_json::from_str::<BTreeMap<String, serde_json::Value>>(&token).expect("JSON");
    let token = token["access_token"].as_str().expect("a token");
    let now = jiff::Timestamp::now();
    assert_eq!(bridge.issuer().verify_access_token(token, now).as_deref(), Some(account));
    bridge.stop().await;
}

/// Answers every request with a name and the path that was asked for.
async fn named(name: &'static str) -> String {
    let answer = move |uri: axum::http::Uri| async move { format!("{name} {}", uri.path()) };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("free");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

#[tokio::test]
async fn browsers_reach_the_emulators_through_the_gateway_of_meshnet_alone() {
    let (auth, firestore) = (named("auth").await, named("firestore").await);
    let sign_in = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword";
    let listen = "/google.firestore.v1.Firestore/Listen/channel";
    for (network, through) in [(Network::Meshnet, true), (Network::Loopback, false)] {
        let stage = Stage::new().await;
        let bridge = stage.bridge(|options| {
            options.targets.clear();
            options.network = network;
            options.gateway = Some((Ipv4Addr::LOCALHOST, 0).into());
            (options.auth, options.firestore) = (Some(auth.clone()), Some(firestore.clone()));
        });
        let bridge = bridge.await;
        let gateway = bridge.gateway_address().expect("a gateway");
        for (emulator, path) in [("auth", sign_in), ("firestore", listen)] {
            let url = format!("http://{gateway}{path}");
            let answer = reqwest::Client::new().post(url).send().await.expect("answers");
            assert_eq!(answer.status() == StatusCode::OK, through, "{network:?} {path}");
            let body = answer.text().await.expect("a body");
            assert_eq!(body == format!("{emulator} {path}"), through, "{body}");
        }
        bridge.stop().await;
    }
}
