//! A full run: every control over every asset.

use bus::Envelope;
use function::Event;
use futures::{StreamExt, TryStreamExt, stream};
use model::{
    Actor, AuditId, Timestamp,
    asset::Asset,
    audit::{Audit, AuditState, Verdict},
    finding::{Finding, FindingState},
    topic::AuditCompleted,
};
use store::{Cause, PageToken, Query, Stored};
use tracing::info;

use crate::{AuditError, Context, estate::Estate, finding, handlers, related};

/// Assets in one transaction: each writes at most two documents for each control
/// of its type, which keeps well below what a transaction may write.
const ASSETS_PER_TRANSACTION: usize = 20;
/// Transactions at a time; they touch different findings and do not contend.
const TRANSACTIONS_AT_A_TIME: usize = 4;
/// The most assets of one run; more than this does not fit into the function's deadline.
const ASSETS_MAX: u64 = 100_000;

/// What a run is asked for.
pub struct Request {
    /// The run's id.
    pub audit: AuditId,
    /// Who asks.
    pub requested_by: Actor,
    /// Why.
    pub reason: String,
}

/// Runs the audit to its end and announces it.
///
/// A run that is delivered again after a crash starts over and ends with the same
/// findings and counts, because all verdicts are decided for the event's time.
///
/// # Errors
/// When documents cannot be read or written, or the completion cannot be published.
pub async fn run(ctx: &Context, event: &Event, request: Request) -> Result<(), AuditError> {
    let cause = &event.cause();
    let mut audit = begin(ctx, cause, &request, event.time).await?;
    if audit.state != AuditState::Completed {
        let id = &request.audit;
        examine_estate(ctx, cause, id, &mut audit).await?;
        resolve_unseen(ctx, cause, id, audit.as_of).await?;
        (audit.opened, audit.resolved) = changes_of(ctx, audit.as_of).await?;
        audit.state = AuditState::Completed;
        let done = &audit;
        ctx.store
            .transact(cause, |tx| async move {
                let reason = format!("{} assets examined", done.assets);
                tx.put(id, done, "audit.completed", &reason).await.map(|_| ())
            })
            .await?;
        info!(
            audit.id = %id, assets = audit.assets, failures = audit.verdicts.fail,
            "audited {} assets: {} verdicts fail", audit.assets, audit.verdicts.fail
        );
    }
    let completed = AuditCompleted { audit: request.audit.clone(), failures: audit.verdicts.fail };
    let envelope = Envelope {
        id: format!("audit-completed:{}", request.audit),
        correlation: event.correlation.clone(),
        traceparent: telemetry::current_trace().map(|trace| trace.child().traceparent()),
    };
    ctx.bus.publish(&completed, &envelope).await?;
    Ok(())
}

/// Marks the run as running; one that is completed stays so.
async fn begin(
    ctx: &Context,
    cause: &Cause,
    request: &Request,
    now: Timestamp,
) -> Result<Audit, AuditError> {
    ctx.store
        .transact(cause, |tx| async move {
            let known = tx.get::<Audit>(&request.audit).await?.map(|stored| stored.document);
            let audit = match known {
                Some(audit) if audit.state != AuditState::Requested => audit,
                _ => {
                    let requested_by = request.requested_by.clone();
                    let mut audit = Audit::requested(requested_by, request.reason.clone(), now);
                    audit.state = AuditState::Running;
                    tx.put(&request.audit, &audit, "audit.started", &request.reason).await?;
                    audit
                }
            };
            // Counts of a run that was interrupted start again from nothing.
            Ok(match audit.state {
                AuditState::Completed => audit,
                _ => Audit {
                    state: AuditState::Running,
                    ..Audit::requested(audit.requested_by, audit.reason, audit.as_of)
                },
            })
        })
        .await
}

async fn examine_estate(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    audit: &mut Audit,
) -> Result<(), AuditError> {
    let estate = &related::of_all(ctx).await?;
    let mut next: Option<PageToken> = None;
    loop {
        let page = ctx.store.list(&Query::<Asset>::all().after(next)).await?;
        audit.unreadable += page.unreadable.len() as u64;
        audit.assets += page.items.len() as u64;
        if audit.assets > ASSETS_MAX {
            return Err(AuditError::EstateTooLarge { max: ASSETS_MAX });
        }
        let now = audit.as_of;
        let chunks: Vec<_> = page
            .items
            .chunks(ASSETS_PER_TRANSACTION)
            .map(|chunk| examine_chunk(ctx, cause, id, now, chunk, estate))
            .collect();
        let counted: Vec<_> =
            stream::iter(chunks).buffer_unordered(TRANSACTIONS_AT_A_TIME).try_collect().await?;
        for (control, verdict) in counted.into_iter().flatten() {
            audit.verdicts.count(verdict);
            audit.controls.entry(control).or_default().count(verdict);
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn examine_chunk(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    now: Timestamp,
    chunk: &[Stored<Asset>],
    estate: &Estate,
) -> Result<Vec<(String, Verdict)>, AuditError> {
    ctx.store
        .transact(cause, |tx| async move {
            let mut verdicts = Vec::new();
            for asset in chunk {
                let asset = &asset.document;
                let controls = ctx.controls.of_type(&asset.asset_type);
                let examined =
                    handlers::examine(&tx, controls, asset, estate, now, Some(id)).await?;
                verdicts.extend(examined.into_iter().map(|(c, e)| (c.id.clone(), e.verdict)));
            }
            Ok(verdicts)
        })
        .await
}

/// Resolves open findings that no control stands behind any more: the asset is
/// gone, or the control is.
async fn resolve_unseen(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    now: Timestamp,
) -> Result<(), AuditError> {
    let mut next = None;
    loop {
        let open = Query::<Finding>::all().equals("state", FindingState::Open).after(next);
        let page = ctx.store.list(&open).await?;
        let unseen = page.items.iter().filter(|stored| stored.document.audit.as_ref() != Some(id));
        for stored in unseen {
            let control_exists = ctx
                .controls
                .of_type(&stored.document.asset_type)
                .any(|control| control.id == stored.document.control);
            ctx.store
                .transact(cause, |tx| async move {
                    let asset = tx.get::<Asset>(&stored.document.asset).await?;
                    let Some(known) = tx.get::<Finding>(&stored.id).await? else { return Ok(()) };
                    if asset.is_some() && control_exists {
                        return Ok(());
                    }
                    match finding::resolve(stored.id.clone(), &known.document, now) {
                        Some(change) => handlers::apply(&tx, &change).await,
                        None => Ok(()),
                    }
                })
                .await?;
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

/// Counts the findings that opened and that resolved at the run's instant.
async fn changes_of(ctx: &Context, now: Timestamp) -> Result<(u64, u64), AuditError> {
    let count = async |field: &str| {
        let (mut count, mut next) = (0, None);
        loop {
            let query = Query::<Finding>::all().equals(field, now).after(next);
            let page = ctx.store.list(&query).await?;
            count += page.items.len() as u64;
            next = page.next;
            if next.is_none() {
                return Ok::<u64, AuditError>(count);
            }
        }
    };
    Ok((count("opened_at").await?, count("resolved_at").await?))
}
