//! What destine-root does about checks.

use function::{Change, Tick};
use garde::Validate;
use model::{
    EchoId,
    check::{Canary, Check},
};

use crate::{Context, RootError, probe, tick};

/// Runs every check that is due within the minute.
///
/// # Errors
/// When documents cannot be read or written, or an earlier tick does not end.
pub async fn check_due(ctx: Context, due: Tick) -> Result<(), RootError> {
    tick::run(&ctx, &due).await
}

/// Says of a check that was written around the API what is wrong with it.
///
/// # Errors
/// When it is not valid; it becomes a dead letter, which people see.
pub async fn check_written(_: Context, change: Change<Check>) -> Result<(), RootError> {
    let Some(check) = change.after else { return Ok(()) };
    check.spec.validate().map_err(|report| RootError::InvalidCheck {
        id: change.id,
        report: report.to_string().trim_end().replace('\n', "; "),
    })
}

/// Says that a canary came through its trigger.
///
/// # Errors
/// When documents cannot be written.
pub async fn canary_written(ctx: Context, change: Change<Canary>) -> Result<(), RootError> {
    let Some(canary) = change.after else { return Ok(()) };
    let id = EchoId::new(change.id.as_str());
    Ok(ctx.store.measure(&id, &probe::echo(&canary)).await?)
}
