//! Errors as HTTP answers.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use problem::{Code, Coded, Failure, FieldError, Problem};

/// An error of an HTTP handler; any [`Coded`] error becomes one.
///
/// It renders as RFC 9457 problem details and withholds what people outside
/// cannot act on; the whole is logged once, with the request.
#[derive(Debug)]
pub struct HttpError {
    // Boxed, because results that carry it are passed around where nothing fails.
    problem: Box<Problem>,
    retry_after_seconds: Option<u32>,
    inside: Option<Failure>,
}

impl HttpError {
    /// Makes the answer for a failure.
    #[must_use]
    pub fn of(failure: Failure) -> Self {
        Self {
            problem: Box::new(failure.problem()),
            retry_after_seconds: failure.code().retry_after_seconds(),
            inside: Some(failure),
        }
    }

    pub(super) fn with(problem: Problem) -> Self {
        Self { problem: Box::new(problem), retry_after_seconds: None, inside: None }
    }

    /// Makes the answer for a code and words.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self::of(Failure::new(code, message))
    }

    /// Makes the answer for a request whose fields are wrong (422).
    #[must_use]
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        Self::with(Problem::of_fields(errors))
    }

    /// Makes the answer for a body that is larger than the bound (413).
    #[must_use]
    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let detail = Some(format!("the body may have at most {bytes_max} bytes"));
        Self::with(Problem { status: 413, detail, ..Problem::new(Code::OutOfRange) })
    }

    /// Passes on what another function refused with.
    #[must_use]
    pub(crate) fn passed_on(problem: Problem, headers: &HeaderMap) -> Self {
        let later = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after_seconds = later.and_then(|seconds| seconds.parse().ok());
        Self { retry_after_seconds, ..Self::with(problem) }
    }

    /// Makes the answer for a document that is not as the caller last saw it (412).
    #[must_use]
    pub fn changed_meanwhile() -> Self {
        let detail = "somebody changed it since you read it: read it again, and decide again";
        Self::with(Problem {
            status: 412,
            detail: Some(detail.to_owned()),
            ..Problem::new(Code::Aborted)
        })
    }

    /// Makes the answer for a route that does not know the method (405).
    #[must_use]
    pub(crate) fn method_not_allowed() -> Self {
        let detail = Some("the route does not know this method".to_owned());
        Self::with(Problem { status: 405, detail, ..Problem::new(Code::InvalidArgument) })
    }

    /// Makes the answer for a caller that should come again later.
    #[must_use]
    pub fn later(code: Code, detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        let problem = Problem { detail: Some(detail.into()), ..Problem::new(code) };
        Self { retry_after_seconds: Some(retry_after_seconds), ..Self::with(problem) }
    }

    /// Tells whether the request was refused, so that nothing happened: otherwise nobody
    /// knows how far it came.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        self.problem.status < 500
    }

    /// Returns the canonical code's name.
    pub(crate) fn code(&self) -> &str {
        &self.problem.code
    }

    /// Returns what people inside learn.
    pub(crate) fn reason(&self) -> String {
        match &self.inside {
            Some(failure) => failure.chain(),
            None => self.problem.detail.clone().unwrap_or_else(|| self.problem.title.clone()),
        }
    }
}

impl<E: Coded> From<E> for HttpError {
    fn from(error: E) -> Self {
        Self::of(Failure::from(error))
    }
}

impl IntoResponse for HttpError {
    fn into_response(mut self) -> Response {
        self.problem.request_id = telemetry::Scope::current().and_then(|scope| {
            scope.labels.into_iter().find(|(name, _)| *name == REQUEST_ID).map(|(_, id)| id)
        });
        let status =
            StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // `Problem` holds only text, so it always serializes.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The request's own log line, written where the request is answered, takes it from here.
        response.extensions_mut().insert(Reason(self.reason()));
        response
    }
}

/// The label under which the log has a request's id.
pub(crate) const REQUEST_ID: &str = "request_id";
/// The label of a scope that holds what its work shares with its cause.
pub(crate) const CORRELATION_ID: &str = "correlation_id";

/// Why a request was refused, for the log; travels with the response and never leaves it.
#[derive(Clone, Debug)]
pub(crate) struct Reason(pub(crate) String);
