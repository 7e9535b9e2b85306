//! Makes tokens, good and bad, and an issuer that counts how often it is asked.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, EncodingKey,
    jwk::{Jwk, JwkSet},
};
use model::Timestamp;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::Settings;

/// The key that the tests' issuer signs with and publishes.
pub(crate) const KNOWN: &str = include_str!("fixtures/test-key-known.pem");
/// The public half of [`KNOWN`].
pub(crate) const KNOWN_PUBLIC: &str = include_str!("fixtures/test-key-known.public.pem");
/// A key that nobody publishes.
pub(crate) const STRANGER: &str = include_str!("fixtures/test-key-stranger.pem");

pub(crate) const PROJECT: &str = "mesh-7";
pub(crate) const AUDIENCE: &str = "https://audit-engine.example";
pub(crate) const INVOKER: &str = "eventarc@transport.example";
pub(crate) const COLLEAGUE: &str = "dashboard@mesh-7.iam.gserviceaccount.com";

/// The present, in seconds since 1970.
pub(crate) const NOW: i64 = 1_800_000_000;

pub(crate) fn now() -> Timestamp {
    at(NOW)
}

pub(crate) fn at(second: i64) -> Timestamp {
    jiff::Timestamp::from_second(second).expect("in range").into()
}

pub(crate) fn settings() -> Settings {
    Settings {
        project: PROJECT.into(),
        audience: AUDIENCE.into(),
        invokers: vec![INVOKER.into()],
        callers: vec![COLLEAGUE.into()],
        issuer: None,
        auth_emulator: false,
    }
}

/// What Google says of an account that may deliver events.
pub(crate) fn service_claims() -> Value {
    json!({
        "iss": "https://accounts.google.com", "aud": AUDIENCE, "azp": "117", "sub": "117",
        "email": INVOKER, "email_verified": true, "iat": NOW - 60, "exp": NOW + 3540,
    })
}

/// What Firebase says of a person.
pub(crate) fn person_claims() -> Value {
    json!({
        "iss": format!("https://securetoken.google.com/{PROJECT}"), "aud": PROJECT,
        "sub": "ada", "user_id": "ada", "auth_time": NOW - 600, "iat": NOW - 60, "exp": NOW + 3540,
        "email": "ada@example.com", "email_verified": true, "roles": ["auditor", "viewer"],
        "firebase": { "identities": {}, "sign_in_provider": "password" },
    })
}

/// Returns the object with some members set.
pub(crate) fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    for (name, value) in changes.as_object().expect("an object") {
        object[name] = value.clone();
    }
    object
}

/// Returns the object without a member.
pub(crate) fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().expect("an object").remove(name).expect("was there");
    object
}

pub(crate) fn header() -> Value {
    json!({ "alg": "RS256", "kid": "known", "typ": "JWT" })
}

pub(crate) fn rsa(pem: &str) -> EncodingKey {
    EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a test key")
}

pub(crate) fn jwk(pem: &str, id: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(&rsa(pem), Algorithm::RS256).expect("a test key");
    jwk.common.key_id = Some(id.into());
    jwk
}

pub(crate) fn key_set(pem: &str, id: &str) -> JwkSet {
    JwkSet { keys: vec![jwk(pem, id)] }
}

pub(crate) fn part(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signs two texts, whatever they hold.
pub(crate) fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm);
    format!("{message}.{}", signature.expect("signs"))
}

/// Signs claims as the issuer does.
pub(crate) fn issue(claims: &Value) -> String {
    sign(&header().to_string(), &claims.to_string(), &rsa(KNOWN), Algorithm::RS256)
}

/// Signs claims as the issuer does, and says another key did.
pub(crate) fn issue_as(claims: &Value, kid: &str) -> String {
    let header = with(&header(), json!({ "kid": kid })).to_string();
    sign(&header, &claims.to_string(), &rsa(KNOWN), Algorithm::RS256)
}

/// Makes a token as the Auth emulator does.
pub(crate) fn unsigned(algorithm: &str, claims: &Value) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT" });
    format!("{}.{}.", part(header.to_string()), part(claims.to_string()))
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// An issuer's web server.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Server {
    /// Serves keys for ten minutes of freshness.
    pub(crate) async fn start(keys: &JwkSet) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(Mutex::new((200, serialized(keys))));
        let (count, answers) = (Arc::clone(&requests), Arc::clone(&answer));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answers.lock().expect("not poisoned").clone();
                let _ = stream.read(&mut [0; 4096]).await;
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status} Whatever\r\ncache-control: max-age=600\r\n\
                     content-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(text.as_bytes()).await;
            }
        });
        Self { url, requests, answer }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn publish(&self, keys: &JwkSet) {
        self.answer(200, serialized(keys));
    }

    pub(crate) fn answer(&self, status: u16, body: String) {
        *self.answer.lock().expect("not poisoned") = (status, body);
    }
}

fn serialized(keys: &JwkSet) -> String {
    serde_json::to_string(keys).expect("serializes")
}

/// Lets time pass for whatever measures ages, and for nothing else.
pub(crate) async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(seconds)).await;
    tokio::time::resume();
}
