//! Secrets of the local stack, and the part of Secret Manager that serves them.
//!
//! Written by hand, not Google's: reading a secret, reading a version and
//! adding a version, in the shape of the published REST definition.
//! Source: <https://cloud.google.com/secret-manager/docs/reference/rest>.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Path as UrlPath, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::error;

use super::{Core, issuer::write_private};

/// Secret Manager's largest payload.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// Random bytes of a generated secret: a key of 256 bits.
const GENERATED_BYTES: usize = 32;

/// How names of key pairs end.
const SIGNING_KEY: &str = "-signing-key";
const PUBLIC_KEY: &str = "-public-key";

/// The secrets of a stack, in a file that only its owner may read.
///
/// The file is read for every answer and locked while it is changed, so that
/// the supervisor and the bridge may use it at the same time.
#[derive(Clone, Debug)]
pub struct Secrets {
    path: PathBuf,
}

/// The file: each secret with its versions, oldest first, in Base64.
type Versions = BTreeMap<String, Vec<String>>;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file cannot be used.
    #[error("cannot use the secrets in `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A payload that is not valid.
    #[error("the payload must be Base64 of at most {PAYLOAD_BYTES_MAX} bytes")]
    Payload,
    /// A signing key that was set by hand is none.
    #[error("the secret `{0}` must be 64 hexadecimal digits, a seed of Ed25519")]
    Seed(String),
    /// No such secret or version.
    #[error("there is no secret `{0}`, or no such version of it")]
    Missing(String),
}

impl Secrets {
    /// Opens the secrets in a file; there are none until one is made.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Makes a secret with a random value unless there is one. `X-public-key` is made of
    /// `X-signing-key`, which is a seed of Ed25519.
    ///
    /// # Errors
    /// When the file cannot be used, or a signing key is no seed.
    pub fn ensure(&self, name: &str) -> Result<(), SecretsError> {
        let Some(of) = name.strip_suffix(PUBLIC_KEY) else {
            return self.change(|versions| {
                versions.entry(name.to_owned()).or_insert_with(|| {
                    let bytes = rand::random::<[u8; GENERATED_BYTES]>();
                    vec![STANDARD.encode(hex::encode(bytes))]
                });
            });
        };
        let signing = format!("{of}{SIGNING_KEY}");
        self.ensure(&signing)?;
        let key = tlog::SigningKey::from_hex(&self.value(&signing)?);
        let public = hex::encode(key.map_err(|_| SecretsError::Seed(signing))?.public());
        self.change(|versions| {
            versions.insert(name.to_owned(), vec![STANDARD.encode(public)]);
        })
    }

    /// Adds a version to a secret, which becomes its latest, and returns its number.
    ///
    /// # Errors
    /// When the file cannot be used, or the payload is too large.
    pub fn add(&self, name: &str, payload: &[u8]) -> Result<usize, SecretsError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(SecretsError::Payload);
        }
        self.change(|versions| {
            let versions = versions.entry(name.to_owned()).or_default();
            versions.push(STANDARD.encode(payload));
            versions.len()
        })
    }

    /// Returns the latest value of a secret as text.
    ///
    /// # Errors
    /// When the file cannot be used, or there is no such secret.
    pub fn value(&self, name: &str) -> Result<String, SecretsError> {
        let (_, payload) = self.version(name, "latest")?;
        String::from_utf8(payload).map_err(|_| SecretsError::Payload)
    }

    /// Returns a version's number and payload; `latest` is the last one.
    fn version(&self, name: &str, version: &str) -> Result<(usize, Vec<u8>), SecretsError> {
        let missing = || SecretsError::Missing(name.to_owned());
        let versions = self.read()?.remove(name).ok_or_else(missing)?;
        let number = match version {
            "latest" => versions.len(),
            number => number.parse().map_err(|_| missing())?,
        };
        let text = number.checked_sub(1).and_then(|index| versions.get(index));
        let payload = STANDARD.decode(text.ok_or_else(missing)?);
        Ok((number, payload.map_err(|_| SecretsError::Payload)?))
    }

    fn has(&self, name: &str) -> Result<bool, SecretsError> {
        Ok(self.read()?.contains_key(name))
    }

    fn read(&self) -> Result<Versions, SecretsError> {
        match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| self.failed(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Versions::new()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Versions) -> T) -> Result<T, SecretsError> {
        let _lock = self.lock().map_err(|error| self.failed(error))?;
        let before = self.read()?;
        let mut after = before.clone();
        let result = change(&mut after);
        if after != before {
            let bytes = serde_json::to_vec_pretty(&after).map_err(|e| self.failed(e.into()))?;
            write_private(&self.path, &bytes).map_err(|error| self.failed(error))?;
        }
        Ok(result)
    }

    /// Held for one small write.
    fn lock(&self) -> io::Result<File> {
        let path = self.path.with_extension("lock");
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn failed(&self, source: io::Error) -> SecretsError {
        SecretsError::File { path: self.path.clone(), source }
    }
}

pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/v1/projects/{project}/secrets/{secret}", get(secret).post(add_version))
        .route("/v1/projects/{project}/secrets/{secret}/versions/{version}", get(access))
        .with_state(core)
}

#[derive(Debug, Serialize, Deserialize)]
struct Addition {
    payload: Payload,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    data: String,
    /// Decimal text, as the published definition has all 64-bit numbers.
    #[serde(default)]
    data_crc32c: Option<String>,
}

async fn secret(
    State(core): State<Arc<Core>>,
    UrlPath((project, name)): UrlPath<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authorize(&core, &project, &name, &headers) {
        return refusal.into_response();
    }
    match core.secrets.has(&name) {
        Ok(true) => {
            let name = format!("projects/{project}/secrets/{name}");
            Json(json!({ "name": name, "replication": { "automatic": {} } })).into_response()
        }
        Ok(false) => answer(&SecretsError::Missing(name)),
        Err(error) => answer(&error),
    }
}

async fn access(
    State(core): State<Arc<Core>>,
    UrlPath((project, name, version)): UrlPath<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = authorize(&core, &project, &name, &headers) {
        return refusal.into_response();
    }
    let Some(version) = version.strip_suffix(":access") else {
        return Refusal::unknown("only `:access` is served locally").into_response();
    };
    match core.secrets.version(&name, version) {
        Ok((number, payload)) => Json(json!({
            "name": format!("projects/{project}/secrets/{name}/versions/{number}"),
            "payload": {
                "data": STANDARD.encode(&payload),
                "dataCrc32c": crc32c(&payload).to_string(),
            },
        }))
        .into_response(),
        Err(error) => answer(&error),
    }
}

async fn add_version(
    State(core): State<Arc<Core>>,
    UrlPath((project, name)): UrlPath<(String, String)>,
    headers: HeaderMap,
    Json(addition): Json<Addition>,
) -> Response {
    let Some(name) = name.strip_suffix(":addVersion") else {
        return Refusal::unknown("only `:addVersion` is served locally").into_response();
    };
    if let Err(refusal) = authorize(&core, &project, name, &headers) {
        return refusal.into_response();
    }
    let Ok(payload) = STANDARD.decode(&addition.payload.data) else {
        return answer(&SecretsError::Payload);
    };
    if addition.payload.data_crc32c.is_some_and(|sum| sum != crc32c(&payload).to_string()) {
        return answer(&SecretsError::Payload);
    }
    // As in production, a secret exists before it has versions.
    match core.secrets.has(name) {
        Ok(true) => {}
        Ok(false) => return answer(&SecretsError::Missing(name.to_owned())),
        Err(error) => return answer(&error),
    }
    match core.secrets.add(name, &payload) {
        Ok(number) => {
            let name = format!("projects/{project}/secrets/{name}/versions/{number}");
            Json(json!({ "name": name, "state": "ENABLED" })).into_response()
        }
        Err(error) => answer(&error),
    }
}

/// A refusal in the form of Google's REST errors.
struct Refusal(StatusCode, &'static str, String);

impl Refusal {
    fn unknown(message: &str) -> Self {
        Self(StatusCode::NOT_FOUND, "NOT_FOUND", message.to_owned())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, name, message) = self;
        let error = json!({ "code": status.as_u16(), "message": message, "status": name });
        (status, Json::<Value>(json!({ "error": error }))).into_response()
    }
}

/// Lets an account at the secrets that its function's manifest lists, as IAM does.
fn authorize(core: &Core, project: &str, name: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let account = token
        .and_then(|token| core.issuer.verify_access_token(token, Timestamp::now()))
        .ok_or_else(|| {
            let message = "an access token of the metadata server is required".to_owned();
            Refusal(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
        })?;
    let permitted = project == core.project
        && core.targets.iter().any(|target| {
            let manifest = &target.manifest;
            manifest.service_account(project) == account
                && manifest.secrets.values().any(|secret| secret == name)
        });
    if permitted {
        return Ok(());
    }
    let message = format!("the manifest of `{account}` does not list the secret `{name}`");
    Err(Refusal(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message))
}

fn answer(error: &SecretsError) -> Response {
    let (status, name) = match error {
        SecretsError::Missing(_) => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        SecretsError::Payload | SecretsError::Seed(_) => {
            (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT")
        }
        SecretsError::File { source, .. } => {
            error!(%error, cause = %source, "cannot answer for a secret");
            (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL")
        }
    };
    Refusal(status, name, error.to_string()).into_response()
}

/// Returns the Castagnoli checksum; payloads are small, so bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let polynomial = 0x82f6_3b78;
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (polynomial & 0_u32.wrapping_sub(sum & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_checksum_is_castagnolis() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }

    #[test]
    fn a_public_key_is_that_of_its_signing_key() {
        let path = std::env::temp_dir().join(format!("mesh-secrets-{}", uuid::Uuid::now_v7()));
        let secrets = Secrets::open(&path);
        secrets.ensure("log-public-key").expect("made");
        let pair = || (secrets.value("log-signing-key"), secrets.value("log-public-key"));
        let (seed, public) = (pair().0.expect("a seed"), pair().1.expect("a key"));
        let key = tlog::SigningKey::from_hex(&seed).expect("a seed");
        assert_eq!(hex::encode(key.public()), public);
        secrets.add("log-signing-key", "00".repeat(32).as_bytes()).expect("added");
        secrets.ensure("log-public-key").expect("made anew");
        assert_ne!(pair().1.expect("a key"), public);
        secrets.add("log-signing-key", b"hello").expect("added");
        assert!(matches!(secrets.ensure("log-public-key"), Err(SecretsError::Seed(_))));
        fs::remove_file(&path).expect("it is there");
    }

    #[test]
    fn a_secret_is_made_once_and_its_latest_version_counts() {
        let path = std::env::temp_dir().join(format!("mesh-secrets-{}.json", uuid::Uuid::now_v7()));
        let secrets = Secrets::open(&path);
        assert!(matches!(secrets.value("key"), Err(SecretsError::Missing(_))));
        secrets.ensure("key").expect("made");
        let first = secrets.value("key").expect("made");
        assert_eq!(first.len(), 64);
        secrets.ensure("key").expect("there");
        assert_eq!(Secrets::open(&path).value("key").expect("there"), first);
        assert_eq!(secrets.add("key", b"second").expect("added"), 2);
        assert_eq!(secrets.value("key").expect("there"), "second");
        assert_eq!(secrets.version("key", "1").expect("there").1, first.as_bytes());
        for version in ["0", "3", "x"] {
            assert!(secrets.version("key", version).is_err(), "{version}");
        }
        assert!(secrets.add("key", &[0; PAYLOAD_BYTES_MAX]).is_ok());
        assert!(secrets.add("key", &[0; PAYLOAD_BYTES_MAX + 1]).is_err());
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_file(&path).expect("was there");
        fs::remove_file(path.with_extension("lock")).expect("was there");
    }
}
