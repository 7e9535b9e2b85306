//! What the engine does for each trigger.

mod cloud;
mod estate;
mod log;

pub use cloud::audit_logs;
pub use estate::{asset_changes, assets_due, estate_changed};
use function::{Change, Push, Tick};
pub use log::{journal_written, log_check_due, seal_due, shred_requested};
use model::{Actor, AuditId, audit::Scope, exception::Exception, topic::AuditRequested};

use crate::{AuditError, Context, exceptions, run};

/// Runs a full audit that somebody asked for.
///
/// # Errors
/// When documents cannot be read or written, or the completion cannot be published.
pub async fn audit_requested(ctx: Context, push: Push<AuditRequested>) -> Result<(), AuditError> {
    let request = run::Request {
        audit: push.message.audit,
        requested_by: push.message.requested_by,
        reason: push.message.reason,
        scope: push.message.scope,
    };
    run::run(&ctx, &push.event, request).await
}

/// Runs a full audit because it is night.
///
/// # Errors
/// When documents cannot be read or written, or the completion cannot be published.
pub async fn nightly(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    let request = run::Request {
        audit: AuditId::new(format!("nightly-{}", tick.event.time)),
        requested_by: Actor::service(&*tick.event.account),
        reason: "the nightly run".into(),
        scope: Scope::default(),
    };
    run::run(&ctx, &tick.event, request).await
}

/// Judges again what an exception concerns: it was approved, or ended.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn exception_written(ctx: Context, change: Change<Exception>) -> Result<(), AuditError> {
    let (cause, now) = (change.event.cause(), change.event.time);
    // Its terms never change, so that before and after concern the same.
    let Some(exception) = change.after.or(change.before) else { return Ok(()) };
    exceptions::examine_concerned(&ctx, &cause, &exception, now).await
}

/// Ends exceptions whose time is over.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn exceptions_due(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    exceptions::expire(&ctx, &tick.event.cause(), tick.event.time).await
}
