//! The HTTP edge: callers, validation, problems, pages.

mod caller;
mod error;
mod page;
mod valid;

use axum::http::{HeaderMap, header};
use problem::Code;

pub use caller::Caller;
pub(crate) use caller::{Door, authenticate};
pub use error::HttpError;
pub(crate) use error::{REQUEST_ID, Reason};
pub use page::{PageQuery, Paged};
pub use valid::Valid;

/// Decides whether a request may be served now, by route and caller.
///
/// Returns how many seconds the caller should wait when it may not.
pub type Admission = fn(route: &str, caller: Option<&Caller>) -> Result<(), u32>;

/// Returns the value of the one `Authorization` header.
///
/// Two headers could be read differently by whoever stands in front, so they are refused.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, HttpError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let refuse = |words| Err(HttpError::new(Code::Unauthenticated, words));
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => refuse("there is more than one `Authorization` header"),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text)),
            Err(_) => refuse("the `Authorization` header is not text"),
        },
    }
}
