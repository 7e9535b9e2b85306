//! What iam-control does for each trigger.

use function::{Change, Tick};
use model::access::User;

use crate::{Context, IamError, project, sweep};

/// Makes the account of a person who was written what their document says.
///
/// It looks at the document as it is now, not as the event tells it, so that events that
/// come late or twice lead to the same account.
///
/// # Errors
/// When the document or the account cannot be read or written.
pub async fn user_written(ctx: Context, change: Change<User>) -> Result<(), IamError> {
    project::project(&ctx, &change.id).await
}

/// Tidies up what is over, carries out reviews that are due, appoints the first owner, and
/// compares accounts with documents.
///
/// # Errors
/// When documents or accounts cannot be read or written; what was done stays done.
pub async fn sweep(ctx: Context, tick: Tick) -> Result<(), IamError> {
    sweep::sweep(&ctx, &tick.event).await
}
