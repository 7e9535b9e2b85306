//! Other functions, called over HTTP.

use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use bytes::Bytes;
use identity::OwnTokens;
use jiff::Timestamp;
use problem::{Code, Problem};
use reqwest::Url;
use tracing::debug;

use crate::{
    Caller, HttpError,
    http::{CORRELATION_ID, PERSON},
};

/// How long another function may take, below the deadline of whoever calls.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A function that this one calls, as its manifest says.
#[derive(Clone)]
pub struct Peer {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) audience: String,
    pub(crate) tokens: OwnTokens,
    pub(crate) http: reqwest::Client,
}

/// A request to another function.
#[derive(Clone, Debug)]
pub struct PeerRequest {
    /// The method.
    pub method: Method,
    /// The path and the query, starting with `/`.
    pub path: String,
    /// Headers to pass on, such as `if-match`.
    pub headers: HeaderMap,
    /// The body, as JSON.
    pub body: Option<Bytes>,
}

/// What another function answered, when it did not refuse.
#[derive(Clone, Debug)]
pub struct PeerAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Peer {
    pub(crate) fn client() -> reqwest::Client {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        client.build().unwrap_or_default()
    }

    /// Calls the function for a person, or for nobody but ourselves.
    ///
    /// # Errors
    /// What the function refuses with, as it says it; `Unavailable` when it cannot be reached.
    pub async fn call(
        &self,
        caller: Option<&Caller>,
        request: PeerRequest,
    ) -> Result<PeerAnswer, HttpError> {
        let answer = self.send(caller, request).await?;
        if answer.status.is_client_error() || answer.status.is_server_error() {
            let problem = serde_json::from_slice::<Problem>(&answer.body);
            return Err(match problem {
                Ok(problem) => HttpError::passed_on(problem, &answer.headers),
                Err(_) => self.away(&format!("it answered {}", answer.status)),
            });
        }
        Ok(answer)
    }

    /// Calls the function for ourselves, by a protocol in which a refusal is an answer.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached.
    pub async fn exchange(&self, request: PeerRequest) -> Result<PeerAnswer, HttpError> {
        self.send(None, request).await
    }

    fn away(&self, error: &dyn std::fmt::Display) -> HttpError {
        HttpError::new(Code::Unavailable, format!("`{}` cannot be reached: {error}", self.name))
    }

    async fn send(
        &self,
        caller: Option<&Caller>,
        request: PeerRequest,
    ) -> Result<PeerAnswer, HttpError> {
        let away = |error: &dyn std::fmt::Display| self.away(error);
        let token = self.tokens.for_audience(&self.audience, Timestamp::now().into()).await;
        let token = token.map_err(|error| away(&error))?;
        let url = address(&self.url, &request.path)
            .ok_or_else(|| HttpError::new(Code::NotFound, "the path leads nowhere"))?;
        let typed = request.headers.contains_key("content-type");
        let mut onward = self.http.request(request.method, url).headers(request.headers);
        onward = onward.bearer_auth(token);
        if let Some(token) = caller.and_then(Caller::token) {
            onward = onward.header(PERSON, token);
        }
        if let Some(scope) = telemetry::Scope::current() {
            if let Some(trace) = scope.trace {
                onward = onward.header(telemetry::TRACEPARENT, trace.traceparent());
            }
            // Of a request this is its id; of an event, what it shares with its cause.
            if let Some((_, id)) = scope.labels.iter().find(|(name, _)| *name == CORRELATION_ID) {
                onward = onward.header("x-request-id", id);
            }
        }
        if let Some(body) = request.body {
            onward = onward.body(body);
            if !typed {
                onward = onward.header("content-type", "application/json");
            }
        }
        let answer = onward.send().await.map_err(|error| {
            debug!(%error, function = %self.name, "cannot call a function");
            away(&error.without_url())
        })?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|error| away(&error.without_url()))?;
        Ok(PeerAnswer { status, headers, body })
    }
}

/// Returns where a path leads, if it leads there as it is written.
///
/// Addresses are tidied up when they are read: `%2e%2e` goes one step up, and a backslash is
/// a slash. Such a path would ask another route than the one that let it through.
fn address(base: &str, path: &str) -> Option<Url> {
    let written = path.split('?').next().unwrap_or_default();
    Url::parse(&format!("{base}{path}")).ok().filter(|url| url.path().ends_with(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_elsewhere_is_not_called() {
        let leads = |path| address("http://127.0.0.1:8080", path).is_some();
        for good in ["/v1/people", "/v1/people/a%2Fb", "/v1/people/%C3%A9?page_size=1&x=a/../b"] {
            assert!(leads(good), "{good}");
        }
        for bad in ["/v1/people/..", "/v1/people/%2e%2E/roles", "/v1/./x", "/v1/people/a\\b"] {
            assert!(!leads(bad), "{bad}");
        }
    }
}
