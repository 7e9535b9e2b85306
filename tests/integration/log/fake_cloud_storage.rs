//! A stand-in for Cloud Storage, which has no emulator that minds preconditions.
//!
//! Serves the three methods that Mesh calls, and refuses every parameter that these do not
//! have in the published definition. One bucket, under a retention policy: an object that is
//! there is never replaced.
//!
//! Source: <https://storage.googleapis.com/$discovery/rest?version=v1>, revision 20261009.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// The parameters of every method.
const EVERY: &[&str] =
    &["alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "uploadType", "userIp"];
const INSERT: &[&str] = &[
    "contentEncoding",
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
    "kmsKeyName",
    "name",
    "predefinedAcl",
    "projection",
    "userProject",
];
const GET: &[&str] = &["generation", "ifGenerationMatch", "projection", "userProject"];
const LIST: &[&str] =
    &["maxResults", "pageToken", "prefix", "projection", "startOffset", "userProject"];
/// The service gives no more, whatever is asked for.
const PAGE_MAX: usize = 1000;

/// The bucket that there is.
pub(crate) const BUCKET: &str = "demo-mesh-log";

type Parameters = Query<HashMap<String, String>>;

/// A bucket of Cloud Storage, and what a test does to it behind everybody's back.
#[derive(Clone, Default)]
pub(crate) struct FakeCloudStorage(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    away: bool,
    /// How many objects are taken before it is away.
    left: Option<usize>,
    added: usize,
}

impl FakeCloudStorage {
    /// Starts to serve; returns what `STORAGE_EMULATOR_HOST` has to be.
    pub(crate) async fn start() -> (Self, String) {
        let fake = Self::default();
        let router = Router::new()
            .route("/upload/storage/v1/b/{bucket}/o", post(insert))
            .route("/storage/v1/b/{bucket}/o", get(list))
            .route("/storage/v1/b/{bucket}/o/{object}", get(read))
            .with_state(fake.clone())
            .layer(axum::extract::DefaultBodyLimit::max(32 * 1024 * 1024));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (fake, host)
    }

    /// Returns every object.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept().objects.clone()
    }

    /// Returns how many objects were ever added.
    pub(crate) fn added(&self) -> usize {
        self.kept().added
    }

    /// Cannot be reached from now on, or can again.
    pub(crate) fn away(&self, away: bool) {
        (self.kept().away, self.kept().left) = (away, None);
    }

    /// Takes so many more objects, and cannot be reached then.
    pub(crate) fn away_after(&self, objects: usize) {
        self.kept().left = Some(objects);
    }

    /// Changes an object, as nobody may.
    pub(crate) fn change(&self, object: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.kept().objects.entry(object.to_owned()).or_default());
    }

    /// Takes an object away, as nobody may.
    pub(crate) fn remove(&self, object: &str) {
        assert!(self.kept().objects.remove(object).is_some(), "there is `{object}`");
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap()
    }

    fn refusal(
        &self,
        bucket: &str,
        asked: &HashMap<String, String>,
        known: &[&str],
    ) -> Option<Response> {
        if self.kept().away {
            return Some(refused(StatusCode::SERVICE_UNAVAILABLE, "backendError"));
        }
        if bucket != BUCKET {
            return Some(refused(StatusCode::NOT_FOUND, "The specified bucket does not exist."));
        }
        let known =
            |name: &&String| known.contains(&name.as_str()) || EVERY.contains(&name.as_str());
        let unknown = asked.keys().find(|name| !known(name))?;
        Some(refused(StatusCode::BAD_REQUEST, &format!("Unknown parameter: {unknown}")))
    }
}

fn refused(status: StatusCode, message: &str) -> Response {
    let code = status.as_u16();
    let error = json!({ "error": { "code": code, "message": message, "errors": [] } });
    (status, Json(error)).into_response()
}

fn described(name: &str, content: &[u8]) -> Value {
    json!({
        "kind": "storage#object",
        "bucket": BUCKET,
        "name": name,
        "size": content.len().to_string(),
        "generation": "1",
        "crc32c": checksum(content),
    })
}

fn checksum(content: &[u8]) -> String {
    BASE64_STANDARD.encode(crc32c::crc32c(content).to_be_bytes())
}

async fn insert(
    State(fake): State<FakeCloudStorage>,
    Path(bucket): Path<String>,
    Query(asked): Parameters,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = fake.refusal(&bucket, &asked, INSERT) {
        return refusal;
    }
    let kind = headers[header::CONTENT_TYPE].to_str().unwrap();
    let boundary = kind.strip_prefix("multipart/related; boundary=");
    let (Some("multipart"), Some(boundary)) =
        (asked.get("uploadType").map(String::as_str), boundary)
    else {
        return refused(StatusCode::BAD_REQUEST, "Only multipart uploads are served.");
    };
    let Some((resource, content)) = parts(&body, boundary) else {
        return refused(StatusCode::BAD_REQUEST, "Malformed multipart body.");
    };
    let Some(name) = resource["name"].as_str() else {
        return refused(StatusCode::BAD_REQUEST, "Required");
    };
    if resource["crc32c"].as_str().is_some_and(|expected| expected != checksum(content)) {
        return refused(StatusCode::BAD_REQUEST, "Provided CRC32C does not match.");
    }
    let mut kept = fake.kept();
    if kept.objects.contains_key(name) {
        return match asked.get("ifGenerationMatch").map(String::as_str) {
            Some("0") => refused(
                StatusCode::PRECONDITION_FAILED,
                "At least one of the pre-conditions you specified did not hold.",
            ),
            _ => refused(StatusCode::FORBIDDEN, "The object is under active retention."),
        };
    }
    kept.objects.insert(name.to_owned(), content.to_vec());
    kept.added += 1;
    if let Some(left) = &mut kept.left {
        *left -= 1;
        kept.away = *left == 0;
    }
    Json(described(name, content)).into_response()
}

/// Takes a body of RFC 2387 apart: what describes the object, and the object.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<(Value, &'a [u8])> {
    let delimiter = format!("--{boundary}\r\n");
    let end = format!("\r\n--{boundary}--\r\n");
    let rest = body.strip_prefix(delimiter.as_bytes())?.strip_suffix(end.as_bytes())?;
    let at = find(rest, format!("\r\n{delimiter}").as_bytes())?;
    let (first, second) = (&rest[..at], &rest[at + 2 + delimiter.len()..]);
    let behind = |part: &'a [u8]| Some(&part[find(part, b"\r\n\r\n")? + 4..]);
    Some((serde_json::from_slice(behind(first)?).ok()?, behind(second)?))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

async fn read(
    State(fake): State<FakeCloudStorage>,
    Path((bucket, object)): Path<(String, String)>,
    Query(asked): Parameters,
) -> Response {
    if let Some(refusal) = fake.refusal(&bucket, &asked, GET) {
        return refusal;
    }
    match fake.kept().objects.get(&object) {
        None => refused(StatusCode::NOT_FOUND, &format!("No such object: {bucket}/{object}")),
        Some(content) if asked.get("alt").is_some_and(|alt| alt == "media") => {
            content.clone().into_response()
        }
        Some(content) => Json(described(&object, content)).into_response(),
    }
}

async fn list(
    State(fake): State<FakeCloudStorage>,
    Path(bucket): Path<String>,
    Query(asked): Parameters,
) -> Response {
    if let Some(refusal) = fake.refusal(&bucket, &asked, LIST) {
        return refusal;
    }
    let prefix = asked.get("prefix").cloned().unwrap_or_default();
    let after = asked.get("pageToken").cloned().unwrap_or_default();
    let from = asked.get("startOffset").cloned().unwrap_or_default();
    let most = asked.get("maxResults").map_or(PAGE_MAX, |most| most.parse().unwrap()).min(PAGE_MAX);
    let kept = fake.kept();
    let found = kept
        .objects
        .iter()
        .filter(|(name, _)| name.starts_with(&prefix) && **name > after && **name >= from);
    let found: Vec<_> = found.take(most + 1).collect();
    let items: Vec<_> =
        found.iter().take(most).map(|(name, content)| described(name, content)).collect();
    let mut answer = json!({ "kind": "storage#objects" });
    // Neither is there when it is empty.
    if !items.is_empty() {
        answer["items"] = items.into();
    }
    if found.len() > most {
        answer["nextPageToken"] = found[most - 1].0.clone().into();
    }
    Json(answer).into_response()
}
