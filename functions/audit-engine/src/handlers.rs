//! What the engine does for each trigger.

mod log;

pub use log::{journal_written, log_check_due, seal_due, shred_requested};

use function::{Change, Push, Tick};
use model::{Actor, AssetId, AuditId, asset::Asset, finding::Finding, topic::AuditRequested};
use store::{Query, Stored, Transaction};

use crate::{AuditError, Context, controls, finding, run};

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
    ctx.store
        .once(&cause, |tx| async move {
            match tx.get::<Asset>(id).await? {
                Some(asset) => examine(&tx, &asset.document, now, None).await.map(|_| ()),
                None => resolve_all(&tx, known, now).await,
            }
        })
        .await?;
    Ok(())
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
pub(crate) async fn examine(
    tx: &Transaction,
    asset: &Asset,
    now: model::Timestamp,
    audit: Option<&AuditId>,
) -> Result<Vec<(&'static controls::Control, controls::Verdict)>, AuditError> {
    let verdicts: Vec<_> = controls::examine(asset, now).collect();
    let ids: Vec<_> =
        verdicts.iter().map(|(control, _)| model::FindingId::of(control.id, &asset.name)).collect();
    let known = tx.get_all::<Finding>(&ids).await?;
    for ((control, verdict), known) in verdicts.iter().zip(&known) {
        let known = known.as_ref().map(|stored| &stored.document);
        if let Some(change) = finding::decide(control, asset, verdict, known, now, audit) {
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
