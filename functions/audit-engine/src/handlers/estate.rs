//! What the engine does when Google tells of a change of the estate.

use function::Push;
use model::{
    AssetTimesId,
    asset::{Asset, AssetChange, AssetTimes},
};
use tracing::info;

use crate::{
    AuditError, Context,
    feed::{Told, decide},
};

/// Takes over a change of an asset. That it is written makes the engine examine it.
///
/// # Errors
/// When the message does not say since when the change is so, or documents cannot be read or
/// written.
pub async fn asset_changes(ctx: Context, push: Push<AssetChange>) -> Result<(), AuditError> {
    let cause = &push.event.cause();
    let change = &push.message;
    let Some(told) = &change.asset else {
        info!("a feed of Cloud Asset Inventory greets");
        return Ok(());
    };
    let Some(window) = &change.window else { return Err(AuditError::NoWindow) };
    let (id, at) = (&told.id(), window.start_time);
    let times_id = &AssetTimesId::new(id.as_str());
    ctx.store
        .once(cause, |tx| async move {
            let known = tx.get::<Asset>(id).await?.map(|stored| stored.document);
            let times = tx.get::<AssetTimes>(times_id).await?.map(|stored| stored.document);
            let (told, times) = decide(known.as_ref(), times.as_ref(), change, told, at);
            let reason = format!("Cloud Asset Inventory says so of {at}");
            match told {
                Told::Old => return Ok(()),
                Told::Gone => {
                    tx.delete::<Asset>(id, "asset.removed", &reason).await?;
                }
                Told::Is(asset) => {
                    tx.put(id, &*asset, "asset.changed", &reason).await?;
                }
            }
            tx.measure(times_id, &times)?;
            Ok::<_, AuditError>(())
        })
        .await
        .map(drop)
}
