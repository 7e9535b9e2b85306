//! The HTTP edge: callers, validation, problems, pages.

mod caller;
mod cors;
mod error;
mod page;
mod params;
mod rate;
mod tally;
mod valid;
mod version;

use axum::http::{HeaderMap, HeaderName, header};
use problem::Code;

pub use caller::Caller;
pub(crate) use caller::{Door, PERSON};
pub(crate) use cors::cors;
pub use error::HttpError;
pub(crate) use error::{CORRELATION_ID, REQUEST_ID, Reason};
pub use page::{Item, PageQuery, Paged};
pub use params::{Id, UrlQuery};
pub(crate) use rate::Rate;
pub(crate) use tally::{EVERY as TALLY_EVERY, Tallies};
pub use valid::{RawBody, Valid};
pub use version::{IfMatch, etag};

/// Returns the value of the one `Authorization` header.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, HttpError> {
    one_header(headers, &header::AUTHORIZATION)
}

/// Returns the value of a header that proves something.
///
/// Two of them could be read differently by whoever stands in front, so they are refused.
pub(crate) fn one_header<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, HttpError> {
    let mut values = headers.get_all(name).iter();
    let refuse = |words: String| Err(HttpError::new(Code::Unauthenticated, words));
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => refuse(format!("there is more than one `{name}` header")),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text)),
            Err(_) => refuse(format!("the `{name}` header is not text")),
        },
    }
}
