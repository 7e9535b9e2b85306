//! Signing with a key that Cloud KMS keeps and gives to nobody.
//!
//! Source: <https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys.cryptoKeyVersions>.

mod error;
mod name;
mod public_key;

use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use function::{Environment, GoogleApi, GoogleApiError};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tlog::{Sign, SignError, Signed};
use tokio::sync::OnceCell;

pub use error::KmsError;
pub use name::KeyVersion;

/// Where the service is, unless `KMS_EMULATOR_HOST` says otherwise.
const SERVICE: &str = "https://cloudkms.googleapis.com";
/// How long one call may take: records wait for it, and come again.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A key in Cloud KMS. It is asked for its public half before it first signs.
pub struct KmsKey {
    version: KeyVersion,
    /// What everybody verifies the log with.
    public: [u8; 32],
    /// Once the service says that this is its public half.
    known: OnceCell<()>,
    api: GoogleApi,
}

/// The answer to `asymmetricSign`. 64-bit numbers are decimal text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signature {
    name: String,
    signature: String,
    signature_crc32c: String,
    #[serde(default)]
    verified_data_crc32c: bool,
}

impl KmsKey {
    /// Prepares to sign with a version of a key; nothing is connected yet. `public` is the half
    /// that is published: the key has to be of it.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(
        version: KeyVersion,
        public: [u8; 32],
        environment: &Environment,
    ) -> Result<Self, String> {
        let api = GoogleApi::new(environment, SERVICE, "KMS_EMULATOR_HOST", TIMEOUT)?;
        Ok(Self { version, public, known: OnceCell::new(), api })
    }

    /// Signs a message.
    ///
    /// # Errors
    /// When the service cannot be reached or refuses, or the signature is not of the published
    /// key.
    pub async fn signature(&self, message: &[u8]) -> Result<[u8; 64], KmsError> {
        self.known.get_or_try_init(|| self.recognise()).await?;
        let path = format!("/v1/{}:asymmetricSign", self.version);
        let data = BASE64_STANDARD.encode(message);
        let body = json!({ "data": data, "dataCrc32c": crc32c::crc32c(message).to_string() });
        let request = self.api.request(Method::POST, path).json(&body);
        let answer: Signature = self.call("sign", request).await?;
        self.sign_of(answer, message)
    }

    /// Asks for the public half, which has to be the published one.
    async fn recognise(&self) -> Result<(), KmsError> {
        let path = format!("/v1/{}/publicKey", self.version);
        let request = self.api.request(Method::GET, path);
        let answer = self.call("give its public key", request).await?;
        let public = public_key::read(answer, &self.version)?;
        if public == self.public { Ok(()) } else { Err(KmsError::AnotherKey) }
    }

    /// Takes a signature out of its answer. A checksum says whether what was sent and what
    /// came are whole; the published key, whether it is a signature.
    fn sign_of(&self, answer: Signature, message: &[u8]) -> Result<[u8; 64], KmsError> {
        if answer.name != self.version.to_string() {
            return Err(KmsError::Answer("another key has signed"));
        }
        if !answer.verified_data_crc32c {
            return Err(KmsError::Answer("the service compared no checksum of the message"));
        }
        let signature = BASE64_STANDARD.decode(&answer.signature).unwrap_or_default();
        if answer.signature_crc32c != crc32c::crc32c(&signature).to_string() {
            return Err(KmsError::Answer("the signature does not have its checksum"));
        }
        let public = UnparsedPublicKey::new(&ED25519, self.public);
        if public.verify(message, &signature).is_err() {
            return Err(KmsError::Answer("the signature is not of the published key"));
        }
        signature.try_into().map_err(|_| KmsError::Answer("the signature has not 64 bytes"))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        action: &'static str,
        request: RequestBuilder,
    ) -> Result<T, KmsError> {
        let answer = self.api.send(request).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(KmsError::Refused {
                action,
                status,
                reason: GoogleApi::reason(answer).await,
            });
        }
        Ok(answer.json().await.map_err(GoogleApiError::from)?)
    }
}

impl Sign for KmsKey {
    fn public(&self) -> [u8; 32] {
        self.public
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> Signed<'a> {
        Box::pin(async move {
            self.signature(message).await.map_err(|error| SignError(error.to_string()))
        })
    }
}
