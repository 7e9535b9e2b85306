//! What the engine does for each trigger.

mod log;

pub use log::{journal_written, log_check_due, seal_due, shred_requested};

use function::{Change, Push, Tick};
use model::{Actor, AssetId, AuditId, asset::Asset, finding::Finding, topic::AuditRequested};
use store::{Query, Stored, Transaction};

use crate::{
    AuditError, Context,
    control::{Control, Examined},
    estate::{Estate, Subject},
    finding, related, run,
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
    let estate = &related::of_type(&ctx, asset_type).await?;
    let set = &ctx.controls;
    ctx.store
        .once(&cause, |tx| async move {
            match tx.get::<Asset>(id).await? {
                Some(Stored { document: asset, .. }) => {
                    let controls = set.of_type(&asset.asset_type);
                    examine(&tx, controls, &asset, estate, now, None).await.map(|_| ())
                }
                None => resolve_all(&tx, known, now).await,
            }
        })
        .await?;
    // Not once for each event: a crash in between must not leave them out, and to look
    // again changes nothing.
    related::examine_dependents(&ctx, &cause, asset_type, estate, now).await
}

/// Runs a full audit that somebody asked for.
///
/// # Errors
/// When documents cannot be read or written, or the completion cannot be published.
pub async fn audit_requested(ctx: Context, push: Push<AuditRequested>) -> Result<(), AuditError> {
    let request = run::Request {
        audit: push.message.audit,
        requested_by: push.message.requested_by,
        reason: push.message.reason,
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
        requested_by: Actor::service(&tick.event.account),
        reason: "the nightly run".into(),
    };
    run::run(&ctx, &tick.event, request).await
}

/// Examines one asset in a transaction; returns the verdicts.
pub(crate) async fn examine<'c>(
    tx: &Transaction,
    controls: impl Iterator<Item = &'c Control>,
    asset: &Asset,
    estate: &Estate,
    now: model::Timestamp,
    audit: Option<&AuditId>,
) -> Result<Vec<(&'c Control, Examined)>, AuditError> {
    let Ok(subject) = Subject::try_from(asset) else { return Ok(Vec::new()) };
    let verdicts: Vec<_> =
        controls.map(|control| (control, control.examine(&subject, estate, now))).collect();
    let id = |control: &Control| model::FindingId::of(&control.id, &asset.name);
    let ids: Vec<_> = verdicts.iter().map(|(control, _)| id(control)).collect();
    let known = tx.get_all::<Finding>(&ids).await?;
    for ((control, examined), known) in verdicts.iter().zip(&known) {
        let known = known.as_ref().map(|stored| &stored.document);
        if let Some(change) = finding::decide(control, asset, examined, known, now, audit) {
            apply(tx, &change).await?;
        }
    }
    Ok(verdicts)
}

pub(crate) async fn apply(
    tx: &Transaction,
    change: &finding::FindingChange,
) -> Result<(), AuditError> {
    let finding = &change.finding;
    let reason = format!("{}: {}", finding.control, finding.evidence);
    tx.put(&change.id, finding, change.action, &reason).await?;
    Ok(())
}

async fn resolve_all(
    tx: &Transaction,
    known: &[Stored<Finding>],
    now: model::Timestamp,
) -> Result<(), AuditError> {
    for stored in known {
        let Some(current) = tx.get::<Finding>(&stored.id).await? else { continue };
        if let Some(change) = finding::resolve(stored.id.clone(), &current.document, now) {
            apply(tx, &change).await?;
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
