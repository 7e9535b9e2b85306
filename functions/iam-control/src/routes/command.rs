//! What every command has.

use axum::{Json, http::HeaderMap};
use function::{HttpError, etag};
use model::{
    Uid,
    access::{User, api::PersonView},
};
use store::Stored;

use crate::{Context, IamError};

/// A person and the version of their document.
pub(super) type Versioned = (HeaderMap, Json<PersonView>);

/// Shows a person with the version that a change of their roles has to name.
pub(super) fn versioned(stored: Stored<User>, full: bool) -> Versioned {
    let headers = etag(stored.updated_at);
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
