//! What the engine does when the estate changes.

use std::sync::Arc;

use function::{Change, Push, Tick};
use model::{
    AssetId, AssetTimesId, Timestamp,
    asset::{Asset, AssetChange, AssetTimes},
    finding::Finding,
};
use store::{Once, Query, Stored, Transaction};
use tracing::info;

use crate::{
    AuditError, Context,
    feed::{Told, decide},
    finding,
    judge::{self, Judged, ROUNDS_MAX, examine},
    listing,
    related::{self, Reasons},
};

/// Examines an asset that was written, or resolves the findings of one that is gone.
///
/// It looks at the asset as it is now, not as the event tells it, so that events
/// that come late or twice lead to the same findings.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn estate_changed(ctx: Context, change: Change<Asset>) -> Result<(), AuditError> {
    let cause = change.event.cause();
    let (now, id) = (change.event.time, &change.id);
    let known = &findings_of(&ctx, id).await?;
    let either = change.after.as_ref().or(change.before.as_ref());
    let Some(asset_type) = either.map(|asset| &asset.asset_type) else { return Ok(()) };
    let mut judged = Judged::read(&ctx, asset_type, now).await?;
    let mut again = false;
    // What an asset is judged by may change while it is judged, and whoever changes that may
    // look before the finding is there: so it is looked at again after the finding is.
    for _ in 0..ROUNDS_MAX {
        let (set, judged_ref) = (&ctx.controls, &judged);
        let work = |tx: Transaction| async move {
            match tx.get::<Asset>(id).await? {
                Some(Stored { document: asset, .. }) => {
                    let controls = set.of_type(&asset.asset_type);
                    examine(&tx, controls, &asset, judged_ref).await
                }
                None => resolve_all(&tx, known, now).await.map(|()| true),
            }
        };
        let changed = match again {
            false => match ctx.store.once(&cause, work).await? {
                Once::Done(changed) => changed,
                Once::Repeated => false,
            },
            true => ctx.store.transact(&cause, work).await?,
        };
        if !changed {
            break;
        }
        let after = Judged::read(&ctx, asset_type, now).await?;
        if after == judged {
            break;
        }
        (judged, again) = (after, true);
    }
    // Not once for each event: a crash in between must not leave them out, and to look
    // again changes nothing.
    let reasons = Arc::new(Reasons::of(change.before.as_ref(), change.after.as_ref()));
    let dependents = |reasons: Vec<_>| {
        related::settle_dependents(&ctx, &cause, asset_type, Reasons::all(&reasons), now)
    };
    ctx.passes.serve(asset_type, reasons, dependents).await
}

async fn resolve_all(
    tx: &Transaction,
    known: &[Stored<Finding>],
    now: Timestamp,
) -> Result<(), AuditError> {
    for stored in known {
        let Some(current) = tx.get::<Finding>(&stored.id).await? else { continue };
        if let Some(change) = finding::resolve(stored.id.clone(), &current.document, now) {
            judge::apply(tx, &change).await?;
        }
    }
    Ok(())
}

/// Lists what is known of an asset, for the case that it is gone and nobody can
/// say any more which controls looked at it.
async fn findings_of(ctx: &Context, asset: &AssetId) -> Result<Vec<Stored<Finding>>, AuditError> {
    let page = ctx.store.list(&Query::all().equals("asset", asset)).await?;
    Ok(page.items)
}

/// Goes on with the listing of the estate.
///
/// # Errors
/// When the inventory cannot be read, or documents cannot be read or written.
pub async fn assets_due(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    listing::proceed(&ctx, &tick.event.cause(), tick.event.time).await
}

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
