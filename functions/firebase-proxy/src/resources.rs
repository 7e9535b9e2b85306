//! What people see and do: one module for each kind of thing.
//!
//! A capability adds its module here, and its permissions to the matrix in `model`.

mod access;
mod assets;
mod audit_controls;
mod audits;
mod check_references;
mod checks;
mod controls;
mod dead_letters;
mod events;
mod exceptions;
mod findings;
mod grants;
mod heartbeats;
mod incident_reports;
mod incidents;
mod journal;
mod log;
mod me;
mod overrides;
mod people;
mod preferences;
mod reviews;
mod services;

use utoipa_axum::router::OpenApiRouter;

use crate::Context;

/// Returns every route, with its description.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    let resources = [
        access::routes(),
        assets::routes(),
        audit_controls::routes(),
        audits::routes(),
        checks::routes(),
        controls::routes(),
        dead_letters::routes(),
        events::routes(),
        exceptions::routes(),
        findings::routes(),
        grants::routes(),
        heartbeats::routes(),
        incident_reports::routes(),
        incidents::routes(),
        journal::routes(),
        log::routes(),
        me::routes(),
        overrides::routes(),
        people::routes(),
        preferences::routes(),
        reviews::routes(),
        services::routes(),
    ];
    resources.into_iter().fold(OpenApiRouter::new(), OpenApiRouter::merge)
}
