//! A stand-in for Cloud KMS, which has no emulator: one key, which signs for good.
//!
//! Source: <https://cloudkms.googleapis.com/$discovery/rest?version=v1>.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tlog::SigningKey;

/// The version of the key that there is.
pub(crate) const VERSION: &str =
    "projects/demo-keys/locations/europe-west1/keyRings/signing/cryptoKeys/log/cryptoKeyVersions/1";
/// What stands before a public key of Ed25519 in DER, by RFC 8410.
const DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    #[default]
    None,
    /// There is none: the service is away.
    Away,
    /// The message arrived as another one, and nobody compared its checksum.
    Unverified,
    /// One bit of the signature is another.
    TornSignature,
    /// A whole signature of another message.
    OtherMessage,
    /// Another version has signed.
    OtherVersion,
}

/// A key in Cloud KMS.
#[derive(Clone, Default)]
pub(crate) struct FakeKms(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    key: Option<SigningKey>,
    fault: Fault,
    signed: usize,
    shown: usize,
}

impl FakeKms {
    /// Starts to serve; returns what `KMS_EMULATOR_HOST` has to be.
    pub(crate) async fn start() -> (Self, String) {
        let fake = Self::default();
        let router = Router::new().route("/v1/{*call}", any(serve)).with_state(fake.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (fake, host)
    }

    /// Keeps a key.
    pub(crate) fn keep(&self, key: SigningKey) {
        self.kept().key = Some(key);
    }

    /// Answers wrongly from now on.
    pub(crate) fn fault(&self, fault: Fault) {
        self.kept().fault = fault;
    }

    /// Returns how often it signed, and how often it showed the public key.
    pub(crate) fn calls(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.signed, kept.shown)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }
}

async fn serve(
    State(fake): State<FakeKms>,
    method: Method,
    Path(call): Path<String>,
    body: axum::body::Bytes,
) -> Response {
    let mut kept = fake.kept();
    if kept.fault == Fault::Away || kept.key.is_none() {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "The service is currently unavailable.");
    }
    if call == format!("{VERSION}/publicKey") && method == Method::GET {
        kept.shown += 1;
        return shown(kept.key.as_ref().expect("checked above"));
    }
    if call == format!("{VERSION}:asymmetricSign") && method == Method::POST {
        kept.signed += 1;
        let body: Value = serde_json::from_slice(&body).unwrap();
        return signed(kept.key.as_ref().expect("checked above"), kept.fault, &body);
    }
    refused(StatusCode::NOT_FOUND, &format!("CryptoKeyVersion {call} not found."))
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": { "code": status.as_u16(), "message": message } })))
        .into_response()
}

fn shown(key: &SigningKey) -> Response {
    let der = BASE64_STANDARD.encode([&DER[..], &key.public()].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{der}\n-----END PUBLIC KEY-----\n");
    Json(json!({
        "name": VERSION,
        "algorithm": "EC_SIGN_ED25519",
        "protectionLevel": "SOFTWARE",
        "pemCrc32c": crc32c::crc32c(pem.as_bytes()).to_string(),
        "pem": pem,
    }))
    .into_response()
}

fn signed(key: &SigningKey, fault: Fault, body: &Value) -> Response {
    let known = |name: &&String| ["data", "dataCrc32c"].contains(&name.as_str());
    if let Some(unknown) = body.as_object().unwrap().keys().find(|name| !known(name)) {
        return refused(StatusCode::BAD_REQUEST, &format!("Unknown name \"{unknown}\""));
    }
    let data = BASE64_STANDARD.decode(body["data"].as_str().unwrap()).unwrap();
    if body["dataCrc32c"].as_str() != Some(&crc32c::crc32c(&data).to_string()) {
        return refused(
            StatusCode::BAD_REQUEST,
            "The checksum in field data_crc32c did not match.",
        );
    }
    let message = if fault == Fault::OtherMessage { b"another message".to_vec() } else { data };
    let mut signature = key.sign_now(&message);
    let checksum = crc32c::crc32c(&signature).to_string();
    if fault == Fault::TornSignature {
        signature[7] ^= 1;
    }
    let other = VERSION.replace("Versions/1", "Versions/2");
    Json(json!({
        "name": if fault == Fault::OtherVersion { &other } else { VERSION },
        "signature": BASE64_STANDARD.encode(signature),
        "signatureCrc32c": checksum,
        "verifiedDataCrc32c": fault != Fault::Unverified,
        "protectionLevel": "SOFTWARE",
    }))
    .into_response()
}
