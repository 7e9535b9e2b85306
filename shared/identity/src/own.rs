//! The tokens that a function shows to others.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::SignedDuration;
use model::Timestamp;
use serde::Deserialize;

use crate::{OwnTokenError, token::Token};

/// Where the metadata server is on Google Cloud, unless `GCE_METADATA_HOST` says otherwise.
///
/// Source: <https://cloud.google.com/run/docs/container-contract#metadata-server>.
const HOST: &str = "metadata.google.internal";
/// The server is on the same machine.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A token is asked for anew this long before it expires, so that none expires on its way.
const SPARE: SignedDuration = SignedDuration::from_mins(5);
/// Longer than any token; the answer is not read beyond.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Asks the metadata server for the function's own tokens. Cheap to clone.
#[derive(Clone)]
pub struct OwnTokens(Arc<Shared>);

struct Shared {
    host: String,
    http: reqwest::Client,
    /// By audience: one for each function that is called.
    kept: Mutex<HashMap<String, Kept>>,
    /// The access token, for Google's own services.
    access: Mutex<Option<Kept>>,
}

#[derive(Clone)]
struct Kept {
    token: Arc<str>,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct Expiry {
    exp: i64,
}

/// Source: <https://cloud.google.com/docs/authentication/get-id-token#metadata-server>.
#[derive(Deserialize)]
struct AccessToken {
    access_token: String,
    expires_in: i64,
}

impl OwnTokens {
    /// Prepares to ask; `host` is `GCE_METADATA_HOST`, where it is set.
    #[must_use]
    pub fn new(host: Option<&str>) -> Self {
        let http = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build();
        let host = host.unwrap_or(HOST).to_owned();
        Self(Arc::new(Shared {
            host,
            http: http.unwrap_or_default(),
            kept: Mutex::default(),
            access: Mutex::default(),
        }))
    }

    /// Returns a token that proves this function to `audience`.
    ///
    /// # Errors
    /// When the metadata server does not give one.
    pub async fn for_audience(
        &self,
        audience: &str,
        now: Timestamp,
    ) -> Result<Arc<str>, OwnTokenError> {
        let kept = self.kept().get(audience).cloned();
        if let Some(kept) = kept.filter(|kept| now.plus(SPARE) < kept.expires_at) {
            return Ok(kept.token);
        }
        let token: Arc<str> =
            self.ask("identity", &[("audience", audience), ("format", "full")]).await?.into();
        let expiry = Token::parse(&token).and_then(|parsed| parsed.claims::<Expiry>());
        let expiry = expiry.map_err(|_| OwnTokenError::NoToken)?.exp;
        let expires_at =
            jiff::Timestamp::from_second(expiry).map_err(|_| OwnTokenError::NoToken)?;
        let kept = Kept { token: Arc::clone(&token), expires_at: expires_at.into() };
        self.kept().insert(audience.to_owned(), kept);
        Ok(token)
    }

    /// Returns a token that Google's own services take from this function.
    ///
    /// # Errors
    /// When the metadata server does not give one.
    pub async fn access(&self, now: Timestamp) -> Result<Arc<str>, OwnTokenError> {
        let kept = self.0.access.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| now.plus(SPARE) < kept.expires_at) {
            return Ok(kept.token);
        }
        let answer = self.ask("token", &[]).await?;
        let answer: AccessToken =
            serde_json::from_str(&answer).map_err(|_| OwnTokenError::NoToken)?;
        let token: Arc<str> = answer.access_token.into();
        let expires_at = now.plus(SignedDuration::from_secs(answer.expires_in));
        let kept = Kept { token: Arc::clone(&token), expires_at };
        *self.0.access.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(token)
    }

    async fn ask(&self, what: &str, query: &[(&str, &str)]) -> Result<String, OwnTokenError> {
        let url = format!(
            "http://{}/computeMetadata/v1/instance/service-accounts/default/{what}",
            self.0.host
        );
        let request = self.0.http.get(url).query(query);
        let answer = request.header("metadata-flavor", "Google").send().await?;
        let answer = answer.error_for_status()?.text().await?;
        if answer.len() > TOKEN_BYTES_MAX { Err(OwnTokenError::NoToken) } else { Ok(answer) }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Kept>> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
