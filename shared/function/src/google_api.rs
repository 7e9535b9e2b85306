//! Google's own services, called as the account that the function runs as.

use std::{fmt::Display, sync::Arc, time::Duration};

use identity::{OwnTokenError, OwnTokens};
use problem::{Code, Coded};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::Environment;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum GoogleApiError {
    /// The service cannot be reached. The address is left out: it may name people.
    #[error("it cannot be reached")]
    Connect(#[source] reqwest::Error),
    /// There is no token to call it with.
    #[error("there is no access token for it")]
    Token(#[from] OwnTokenError),
}

impl From<reqwest::Error> for GoogleApiError {
    fn from(error: reqwest::Error) -> Self {
        Self::Connect(error.without_url())
    }
}

impl Coded for GoogleApiError {
    fn code(&self) -> Code {
        Code::Unavailable
    }
}

/// One of Google's services over HTTP. Cheap to clone; connects when it is used.
#[derive(Clone)]
pub struct GoogleApi {
    service: Arc<str>,
    /// `None` where the service is emulated: emulators know no accounts.
    tokens: Option<OwnTokens>,
    http: reqwest::Client,
}

impl GoogleApi {
    /// Prepares to call `service`, such as `https://storage.googleapis.com`; or without a token
    /// what `variable` names, such as `STORAGE_EMULATOR_HOST`, where that is set. One call takes
    /// at most `timeout`.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(
        environment: &Environment,
        service: &str,
        variable: &str,
        timeout: Duration,
    ) -> Result<Self, String> {
        let http = reqwest::Client::builder().timeout(timeout);
        let (service, tokens, http) = match environment.get(variable) {
            // Some clients want the scheme in the variable, others add it.
            Some(host) => {
                (format!("http://{}", host.trim_start_matches("http://")), None, http.no_proxy())
            }
            None => {
                let tokens = OwnTokens::new(environment.get("GCE_METADATA_HOST"));
                (service.to_owned(), Some(tokens), http)
            }
        };
        let http = http.build().map_err(|error| error.to_string())?;
        Ok(Self { service: service.into(), tokens, http })
    }

    /// Tells whether an emulator stands for the service.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        self.tokens.is_none()
    }

    /// Begins a request; `path` begins with a slash.
    pub fn request(&self, method: Method, path: impl Display) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.service))
    }

    /// Sends a request, with a token of the function's account. A refusal is an answer, too.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, GoogleApiError> {
        let request = match &self.tokens {
            Some(tokens) => {
                request.bearer_auth(tokens.access(jiff::Timestamp::now().into()).await?)
            }
            None => request,
        };
        Ok(request.send().await?)
    }

    /// Returns the words of a refusal; what the service sent besides is left out.
    ///
    /// Source: <https://cloud.google.com/apis/design/errors#http_mapping>.
    pub async fn reason(refusal: Response) -> String {
        let body: Value = refusal.json().await.unwrap_or_default();
        let reason = body.pointer("/error/message").and_then(Value::as_str);
        reason.unwrap_or("no reason is given").to_owned()
    }
}
