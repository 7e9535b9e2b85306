//! What the engine does about Google's own audit log.

use function::Push;
use model::{asset::Asset, cloud_log::CloudLogEntry, operator_override::Override};
use store::{Direction, Query};
use tracing::info;

use crate::{
    AuditError, Context,
    cloud_change::{CloudChange, is_known},
};

/// Overrides of one asset that are looked at, from the newest: one lasts an hour, and entries
/// come within minutes.
const OVERRIDES_MAX: u32 = 20;

/// Keeps a change in the cloud that nobody permitted. That it is written makes the engine
/// examine it.
///
/// # Errors
/// When the entry does not say what was changed, or documents cannot be read or written.
pub async fn audit_logs(ctx: Context, push: Push<CloudLogEntry>) -> Result<(), AuditError> {
    let Some(change) = CloudChange::of(&push.message)? else { return Ok(()) };
    let overrides = Query::<Override>::all()
        .equals("change.scope.name", &change.resource)
        .order_by("requested_at", Direction::Descending)
        .page_size(OVERRIDES_MAX);
    let overrides = ctx.store.list(&overrides).await?.items;
    if change.is_permitted(overrides.iter().map(|stored| &stored.document)) {
        info!(resource = change.resource, method = change.method, "a change was permitted");
        return Ok(());
    }
    let (asset, change) = (&change.asset(), &change);
    let id = &asset.id();
    let reason = format!("Cloud Audit Logs tell that nobody permitted `{}`", change.method);
    let reason = &reason;
    ctx.store
        .once(&push.event.cause(), |tx| async move {
            let known = tx.get::<Asset>(id).await?.map(|stored| stored.document);
            if !is_known(known.as_ref(), change) {
                tx.put(id, asset, "asset.changed", reason).await?;
            }
            Ok::<_, AuditError>(())
        })
        .await
        .map(drop)
}
