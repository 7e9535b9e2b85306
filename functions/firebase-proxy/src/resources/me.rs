//! Who the caller is to the mesh.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use function::{Caller, HttpError};
use model::{Permission, Role, Timestamp, Uid};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Context;

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(me))
}

/// Who the caller is to the mesh.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// The person's id.
    uid: Uid,
    /// The address that they sign in with.
    email: String,
    /// What others call them.
    display_name: String,
    /// The roles that they have until somebody takes them away.
    roles: BTreeSet<Role>,
    /// The roles that they have until an instant.
    elevations: BTreeMap<Role, Timestamp>,
    /// What they may do now.
    permissions: Vec<Permission>,
    /// When they signed in.
    authenticated_at: Timestamp,
    /// Whether they showed a second factor.
    second_factor: bool,
    /// The roles of theirs that do not count for want of a second factor.
    uncounted: Vec<Role>,
    /// Grows with every change of what they may do.
    policy_version: u64,
}

/// Shows who the caller is, and what they may do now. Everybody may ask.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = 200, body = Me)))]
async fn me(caller: Caller) -> Result<Json<Me>, HttpError> {
    let person = caller.person()?;
    let user = &person.user;
    let live = user.elevations.iter().filter(|(_, until)| person.now < **until);
    let may = |permission: &Permission| person.decide(*permission).allows();
    Ok(Json(Me {
        uid: person.uid().clone(),
        email: user.email.clone(),
        display_name: user.display_name.clone(),
        roles: user.roles.clone(),
        elevations: live.map(|(role, until)| (*role, *until)).collect(),
        permissions: Permission::ALL.iter().copied().filter(may).collect(),
        authenticated_at: person.sign_in.authenticated_at,
        second_factor: person.sign_in.second_factor,
        uncounted: user.roles_at(person.now).difference(&person.roles()).copied().collect(),
        policy_version: user.policy_version,
    }))
}
