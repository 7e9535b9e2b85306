//! The body of an HTTP error.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Code;

/// Problem details as RFC 9457 describes them, with Mesh's extension members.
///
/// Source: <https://www.rfc-editor.org/rfc/rfc9457>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code and the title say what kind it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same words for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time; withheld for mistakes of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The canonical code, such as `NOT_FOUND`.
    pub code: String,
    /// The request, as the log names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with each field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// What is wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The path of the field, such as `scope.assets[0]`.
    pub field: String,
    /// What would be right.
    pub message: String,
}

impl Problem {
    /// The media type of a problem.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// Makes the problem of a code, with no detail.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            kind: "about:blank".into(),
            title: code.title().into(),
            status: code.http_status(),
            detail: None,
            code: code.name().into(),
            request_id: None,
            errors: Vec::new(),
        }
    }

    /// Makes the problem of a request whose fields do not hold what they should (422).
    #[must_use]
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        Self { status: 422, errors, ..Self::new(Code::InvalidArgument) }
    }
}
