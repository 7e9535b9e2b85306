//! Bodies that are what they should be.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use garde::Validate;
use problem::{Code, FieldError};
use serde::de::DeserializeOwned;

use super::HttpError;

/// The largest request body; commands are small documents.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A JSON body that parsed and whose fields hold what they should.
///
/// Text that is not JSON is answered with 400; a field that is missing, of
/// another type or out of its bounds with 422, naming each such field.
#[derive(Clone, Debug)]
pub struct Valid<T>(pub T);

impl<T, S> FromRequest<S> for Valid<T>
where
    T: DeserializeOwned + Validate<Context = ()>,
    S: Send + Sync,
{
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let RawBody(body) = RawBody::from_request(request, state).await?;
        parse(&body).map(Self)
    }
}

/// A body as it came, up to the bound, to be passed on.
#[derive(Clone, Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        Bytes::from_request(request, state).await.map(Self).map_err(|rejection| {
            if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                HttpError::too_large(BODY_BYTES_MAX)
            } else {
                HttpError::new(Code::InvalidArgument, rejection.body_text())
            }
        })
    }
}

fn parse<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8]) -> Result<T, HttpError> {
    // Where a mistake is, is looked for once there is one: keeping track costs every good one.
    match serde_json::from_slice(body) {
        Ok(value) => validated(value),
        Err(_) => located(body).and_then(validated),
    }
}

/// Reads a body again that has a mistake, and says where it is.
fn located<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (field, inner) = (error.path().to_string(), error.inner());
        if inner.is_data() {
            HttpError::of_fields(vec![FieldError { field, message: inner.to_string() }])
        } else {
            HttpError::new(Code::InvalidArgument, format!("not JSON: {inner}"))
        }
    })?;
    json.end()
        .map_err(|error| HttpError::new(Code::InvalidArgument, format!("not JSON: {error}")))?;
    Ok(value)
}

fn validated<T: Validate<Context = ()>>(value: T) -> Result<T, HttpError> {
    value.validate().map_err(|report| {
        let errors = report.iter().map(|(path, error)| FieldError {
            field: path.to_string(),
            message: error.to_string(),
        });
        HttpError::of_fields(errors.collect())
    })?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, Validate)]
    struct Order {
        #[garde(range(min = 1, max = 9))]
        count: u8,
        #[garde(length(min = 1))]
        name: String,
    }

    fn status(body: &str) -> u16 {
        match parse::<Order>(body.as_bytes()) {
            Ok(_) => 200,
            Err(error) => error.into_response().status().as_u16(),
        }
    }

    #[test]
    fn a_body_is_refused_for_what_is_wrong_with_it() {
        assert_eq!(status(r#"{"count":9,"name":"a"}"#), 200);
        assert_eq!(status(r#"{"count":10,"name":"a"}"#), 422);
        assert_eq!(status(r#"{"count":"9","name":"a"}"#), 422);
        assert_eq!(status(r#"{"name":"a"}"#), 422);
        assert_eq!(status(r#"{"count":9,"name":"a"}}"#), 400);
        assert_eq!(status(r#"{"count":9"#), 400);
        assert_eq!(status(""), 400);
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let error = parse::<Order>(br#"{"count":0,"name":""}"#).expect_err("two fields");
        let text = format!("{error:?}");
        assert!(text.contains(r#"field: "count""#) && text.contains(r#"field: "name""#), "{text}");
    }
}
