//! What a request's address says.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use model::DocumentId;
use problem::Code;
use serde::de::DeserializeOwned;

use super::HttpError;

/// The longest id that Firestore takes, in bytes.
const ID_BYTES_MAX: usize = 1500;

/// The query of an address; one that cannot be read is answered with 400.
#[derive(Clone, Debug)]
pub struct UrlQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for UrlQuery<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(HttpError::new(Code::InvalidArgument, rejection.body_text())),
        }
    }
}

/// The one id in an address's path; one that no document can have is answered with 404.
#[derive(Clone, Debug)]
pub struct Id<I>(pub I);

impl<I: DocumentId, S: Send + Sync> FromRequestParts<S> for Id<I> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => Self::read(&text),
            Err(_) => Err(Self::missing()),
        }
    }
}

impl<I: DocumentId> Id<I> {
    /// Reads an id that came some other way than in a path.
    ///
    /// # Errors
    /// `NotFound`, when no document can have it.
    pub fn read(text: &str) -> Result<Self, HttpError> {
        if !is_id(text) {
            return Err(Self::missing());
        }
        I::from_path(&format!("{}/{text}", I::COLLECTION)).map(Self).map_err(|_| Self::missing())
    }

    fn missing() -> HttpError {
        HttpError::new(Code::NotFound, format!("`{}` has no such id", I::COLLECTION))
    }
}

/// Source: <https://cloud.google.com/firestore/quotas#collections_documents_and_fields>.
fn is_id(text: &str) -> bool {
    let reserved = text.starts_with("__") && text.ends_with("__");
    !reserved && text != "." && text != ".." && !text.contains('/') && text.len() <= ID_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_firestore_refuses_is_none() {
        for good in ["a", "é", "a.b", "_", "__a", &"x".repeat(1500)] {
            assert!(is_id(good), "{good}");
        }
        for bad in [".", "..", "__a__", "____", "a/b", &"x".repeat(1501)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
