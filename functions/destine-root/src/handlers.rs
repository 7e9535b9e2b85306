//! What destine-root does for each trigger.

mod checks;

use base64::{Engine, prelude::BASE64_STANDARD};
pub use checks::{canary_written, check_due, check_written};
use function::{Burial, Change, Push, Tick, bury};
use model::{
    finding::Finding, incident::Incident, operator_override::Override, topic::DeliveryExhausted,
};
use store::Transaction;
use tracing::warn;

use crate::{
    Context, RootError,
    automatic::{self, Happened},
    overrides,
};

/// Carries out what becomes of an override.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn override_written(ctx: Context, change: Change<Override>) -> Result<(), RootError> {
    // The override as it is now decides, and the time as it is now: consent does not wait.
    let (id, now) = (&change.id, jiff::Timestamp::now().into());
    let work = |tx: Transaction| async move { overrides::carry_out(&tx, id, now).await };
    ctx.store.once(&change.event.cause(), work).await?;
    Ok(())
}

/// Every minute: what is over ends, and controls are what their overrides make of them.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn overrides_due(ctx: Context, tick: Tick) -> Result<(), RootError> {
    overrides::sweep(&ctx.store, &tick.event.cause(), jiff::Timestamp::now().into()).await
}

/// Asks for the overrides that rules want because of an incident.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn incident_written(ctx: Context, change: Change<Incident>) -> Result<(), RootError> {
    let cause = change.event.cause();
    match (change.before, change.after) {
        (None, Some(opened)) => {
            Ok(automatic::react(&ctx.store, &cause, Happened::Incident(&opened)).await?)
        }
        _ => Ok(()),
    }
}

/// Asks for the overrides that rules want because of a finding.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn finding_written(ctx: Context, change: Change<Finding>) -> Result<(), RootError> {
    let cause = change.event.cause();
    match change.after {
        Some(found) => Ok(automatic::react(&ctx.store, &cause, Happened::Finding(&found)).await?),
        None => Ok(()),
    }
}

/// Keeps a delivery that its transport gave up.
///
/// # Errors
/// When documents cannot be written, or the body is not Base64.
pub async fn delivery_exhausted(
    ctx: Context,
    push: Push<DeliveryExhausted>,
) -> Result<(), RootError> {
    let exhausted = push.message;
    let body = BASE64_STANDARD
        .decode(&exhausted.body)
        .map_err(|error| RootError::Body(error.to_string()))?;
    let burial = Burial {
        function: exhausted.function,
        trigger: exhausted.trigger,
        event: push.event.id.clone(),
        code: "EXHAUSTED".into(),
        reason: format!("{} attempts; the last: {}", exhausted.attempts, exhausted.last_answer),
        headers: exhausted.headers,
    };
    let id = bury(&ctx.store, &push.event.cause(), &burial, &body).await?;
    warn!(
        event_name = "delivery-given-up",
        letter = %id,
        "a delivery to `{}` was given up",
        burial.trigger
    );
    Ok(())
}
