//! What every command has.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
};
use function::{Caller, HttpError};
use jiff::Timestamp;
use model::{
    CorrelationId, DocumentId, Uid,
    access::{User, api::PersonView},
};
use store::{Cause, Stored};
use uuid::Uuid;

use crate::{Context, IamError, write::etag};

/// The label under which the runtime knows a request.
const CORRELATION: &str = "correlation_id";

/// Returns the cause of what a caller's command changes.
pub(super) fn cause(caller: &Caller) -> Cause {
    let scope = telemetry::Scope::current();
    let labels = scope.into_iter().flat_map(|scope| scope.labels);
    let mut correlation = labels.filter(|(name, _)| *name == CORRELATION).map(|(_, id)| id);
    let correlation = correlation.next().unwrap_or_else(|| Uuid::now_v7().to_string());
    Cause {
        actor: caller.actor(),
        correlation: CorrelationId::new(correlation),
        time: Timestamp::now().into(),
        event: None,
    }
}

/// Reads an id from a path; one with a slash would lead to another document.
pub(super) fn id<I: DocumentId>(what: &'static str, text: &str) -> Result<I, IamError> {
    I::from_path(&format!("{}/{text}", I::COLLECTION))
        .map_err(|_| IamError::Missing { what, id: text.to_owned() })
}

/// A person and the version of their document.
pub(super) type Versioned = (HeaderMap, Json<PersonView>);

/// Shows a person with the version that a change of their roles has to name.
pub(super) fn versioned(stored: Stored<User>, full: bool) -> Versioned {
    let mut headers = HeaderMap::new();
    if let Ok(version) = HeaderValue::from_str(&etag(&stored)) {
        headers.insert(header::ETAG, version);
    }
    let view = if full { PersonView::full } else { PersonView::directory };
    (headers, Json(view(stored.id, stored.document)))
}

/// Reads a person who must be there.
pub(super) async fn person(ctx: &Context, uid: &Uid) -> Result<Stored<User>, IamError> {
    let stored = ctx.store.get::<User>(uid).await?;
    stored.ok_or_else(|| IamError::Missing { what: "person", id: uid.to_string() })
}

/// Answers a change whose version is not the present one with 412.
pub(super) fn refused(error: IamError) -> HttpError {
    match error {
        IamError::ChangedMeanwhile => HttpError::changed_meanwhile(),
        other => other.into(),
    }
}
