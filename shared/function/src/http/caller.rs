//! Who calls: verified before a route runs, asked for by the route.

use std::ops::Deref;

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
};
use identity::Identity;
use model::Timestamp;
use problem::Code;

use super::{HttpError, authorization};
use crate::manifest::Callers;

/// The verified caller of a request.
///
/// ```ignore
/// async fn list(caller: Caller) -> Result<Json<Paged<Audit>>, HttpError> {
///     caller.require(Permission::AuditsRead)?;
/// ```
#[derive(Clone, Debug)]
pub struct Caller(identity::Caller);

impl Deref for Caller {
    type Target = identity::Caller;

    fn deref(&self) -> &identity::Caller {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            HttpError::new(Code::Unauthenticated, "the route needs a verified caller")
        })
    }
}

/// Who may come through a function's HTTP trigger, and how they are told apart.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) identity: Identity,
    pub(crate) callers: Vec<Callers>,
}

/// Verifies the caller of a request and leaves it there for the route.
pub(crate) async fn authenticate(door: &Door, request: &mut Request) -> Result<(), HttpError> {
    if door.callers.contains(&Callers::Public) {
        return Ok(());
    }
    let header = authorization(request.headers())?;
    let now = Timestamp::from(jiff::Timestamp::now());
    let mut refusal = None;
    for kind in &door.callers {
        let verified = match kind {
            Callers::Users => {
                door.identity.verify_person(header, now).await.map(identity::Caller::Person)
            }
            Callers::Services => {
                door.identity.verify_service(header, now).await.map(identity::Caller::Service)
            }
            Callers::Public => continue,
        };
        match verified {
            Ok(caller) => {
                request.extensions_mut().insert(Caller(caller));
                return Ok(());
            }
            Err(error) => refusal = Some(error),
        }
    }
    Err(refusal.map_or_else(
        || HttpError::new(Code::PermissionDenied, "nobody may call this"),
        HttpError::from,
    ))
}
