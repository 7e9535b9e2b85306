//! What the engine does for the audit log.

use function::{Change, Tick};
use model::{Timestamp, journal::JournalRecord, log::ShredRequest};

use crate::{AuditError, Context, seal};

/// Seals a record that was written.
///
/// The record is taken as the event tells it: it never changes, and what somebody makes of it
/// before it is sealed shall not be sealed.
///
/// # Errors
/// When it could not be sealed.
pub async fn journal_written(
    ctx: Context,
    change: Change<JournalRecord>,
) -> Result<(), AuditError> {
    let Some(record) = change.after else { return Ok(()) };
    let cause = change.event.cause();
    ctx.sealer.seal(vec![(change.id, record)]).await?;
    ctx.sealer.cosign(&cause).await;
    Ok(())
}

/// Seals what nobody told of, keeps the last checkpoint fresh, and copies what is sealed.
///
/// # Errors
/// When documents cannot be read or written. A copy that does not come about is none: it is
/// tried again with the next tick.
pub async fn seal_due(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    // The time of the wall: a tick that comes late asks about the present all the same.
    let swept = seal::sweep(&ctx.sealer, &tick.event.cause(), now()).await;
    if let Some(archive) = &ctx.archive {
        archive.catch_up(now()).await;
    }
    Ok(swept?)
}

/// Replays the whole log, and compares its copy.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn log_check_due(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    seal::check(&ctx.sealer, ctx.archive.as_ref(), &tick.event.cause(), now()).await?;
    Ok(())
}

/// Makes a person's part of the log unreadable, because somebody asked.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn shred_requested(ctx: Context, change: Change<ShredRequest>) -> Result<(), AuditError> {
    let cause = change.event.cause();
    Ok(seal::shred(&ctx.sealer, &cause, &change.id, change.event.time).await?)
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}
