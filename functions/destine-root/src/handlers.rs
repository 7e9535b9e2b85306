//! What destine-root does for each trigger.

mod checks;

use base64::{Engine, prelude::BASE64_STANDARD};
pub use checks::{canary_written, check_due, check_written};
use function::{Burial, Change, Push, bury};
use model::{control::Control, operator_override::Override, topic::DeliveryExhausted};
use tracing::{info, warn};

use crate::{Context, RootError, control};

/// Carries out an override that was approved.
///
/// # Errors
/// When documents cannot be read or written, or nobody but the requester approved it.
pub async fn override_written(ctx: Context, change: Change<Override>) -> Result<(), RootError> {
    let cause = change.event.cause();
    let (id, now) = (&change.id, change.event.time);
    ctx.store
        .once(&cause, |tx| async move {
            // The override as it is now decides, not as the event tells it.
            let Some(wish) = tx.get::<Override>(id).await? else { return Ok(()) };
            let wish = wish.document;
            let present = tx.get::<Control>(&wish.control).await?;
            let present = present.as_ref().map(|stored| &stored.document);
            if let Some((control, active)) = control::activate(id, &wish, present, now)? {
                let action = control::action(control.state);
                tx.put(&wish.control, &control, action, &wish.reason).await?;
                tx.put(id, &active, "override.activated", &wish.reason).await?;
                info!(control = %wish.control, "`{}` is now {:?}", wish.control, control.state);
            }
            Ok::<_, RootError>(())
        })
        .await?;
    Ok(())
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
    warn!(letter = %id, "a delivery to `{}` was given up", burial.trigger);
    Ok(())
}
