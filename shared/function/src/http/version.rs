//! Versions of documents: what a caller saw, and whether it is still so.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use model::Timestamp;
use problem::{Code, Problem};

use super::HttpError;

/// Returns the headers that name a version: a document's is the time of its last write.
#[must_use]
pub fn etag(updated_at: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&version(updated_at)) {
        headers.insert(header::ETAG, value);
    }
    headers
}

fn version(updated_at: Timestamp) -> String {
    format!("\"{}\"", updated_at.as_microsecond())
}

/// The version that a change is meant for, from `If-Match`; without one a request is
/// answered with 428.
#[derive(Clone, Debug)]
pub struct IfMatch(String);

impl IfMatch {
    /// Compares with the version that is there.
    ///
    /// # Errors
    /// 412, when somebody changed the document meanwhile.
    pub fn check(&self, updated_at: Timestamp) -> Result<(), HttpError> {
        let present = version(updated_at);
        let same = self.0.split(',').any(|one| one.trim() == present);
        if same { Ok(()) } else { Err(HttpError::changed_meanwhile()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let value = parts.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        if value.is_some_and(|value| value.trim() == "*") {
            let words = "`If-Match: *` does not say which version you have read: send its `ETag`";
            return Err(HttpError::new(Code::InvalidArgument, words));
        }
        value.map(|value| Self(value.to_owned())).ok_or_else(|| {
            let words = "send `If-Match` with the `ETag` of the version that you have read";
            HttpError::with(Problem {
                status: 428,
                detail: Some(words.to_owned()),
                ..Problem::new(Code::FailedPrecondition)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_matches_itself_and_no_other() {
        let at = |text: &str| text.parse::<Timestamp>().expect("valid");
        let seen = at("2026-11-23T12:00:00.000001Z");
        let sent = etag(seen)[header::ETAG].to_str().expect("text").to_owned();
        for text in [sent.clone(), format!("\"1\", {sent}")] {
            assert!(IfMatch(text.clone()).check(seen).is_ok(), "{text}");
            assert!(IfMatch(text).check(at("2026-11-23T12:00:00.000002Z")).is_err());
        }
        for wrong in ["", "W/\"1\""] {
            assert!(IfMatch(wrong.to_owned()).check(seen).is_err(), "{wrong}");
        }
    }
}
