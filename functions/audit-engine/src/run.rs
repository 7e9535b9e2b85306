//! A full run: every control over every asset.

mod previous;
mod publish;
mod rows;

use bus::Envelope;
use function::Event;
use futures::{StreamExt, TryStreamExt, stream};
use model::{
    Actor, AssetId, AuditId, Timestamp,
    asset::Asset,
    audit::{Audit, AuditState, Scope},
    finding::{Finding, FindingState},
    topic::AuditCompleted,
};
use store::{Cause, PageToken, Query, Stored};
use tracing::info;

use crate::{
    AuditError, Context,
    assess::{Assessment, Assessor, Keep, score},
    control::{Control, Examined},
    estate::{Estate, Subject},
    finding,
    judge::{self, Judged},
    related::{self, Reasons},
};

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
    /// What it shall look at.
    pub scope: Scope,
}

/// An asset as it was read, and what controls say of it.
struct Judgement<'c> {
    asset: AssetId,
    read: Timestamp,
    subject: Subject,
    verdicts: Vec<(&'c Control, Examined)>,
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
        publish::controls(ctx, cause).await?;
        let assessment = examine_estate(ctx, cause, id, &mut audit).await?;
        if audit.scope.is_everything() {
            resolve_unseen(ctx, cause, id, audit.as_of).await?;
        }
        (audit.parts, audit.rows_left_out) =
            rows::keep(ctx, id, &assessment.rows, audit.as_of).await?;
        audit.previous = previous::of(ctx, &audit.scope, audit.as_of).await?;
        (audit.opened, audit.resolved) = changes_of(ctx, audit.as_of).await?;
        audit.refused = ctx.refused.to_vec();
        tell(&mut audit, assessment);
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
        traceparent: Some(event.trace.traceparent()),
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
                    let (by, scope) = (request.requested_by.clone(), request.scope.clone());
                    let mut audit = Audit::requested(by, request.reason.clone(), scope, now);
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
                    ..Audit::requested(audit.requested_by, audit.reason, audit.scope, audit.as_of)
                },
            })
        })
        .await
}

async fn examine_estate<'c>(
    ctx: &'c Context,
    cause: &Cause,
    id: &AuditId,
    audit: &mut Audit,
) -> Result<Assessment<'c>, AuditError> {
    let judged = Judged::read_all(ctx, audit.as_of).await?;
    let mut assessor = Assessor::new(&ctx.controls, audit.as_of, Keep::Notable)
        .within(audit.scope.clone())
        .except(judged.exceptions.clone());
    let mut next: Option<PageToken> = None;
    loop {
        let page = ctx.store.list(&Query::<Asset>::all().after(next)).await?;
        audit.unreadable += page.unreadable.len() as u64;
        audit.assets += page.items.len() as u64;
        if audit.assets > ASSETS_MAX {
            return Err(AuditError::EstateTooLarge { max: ASSETS_MAX });
        }
        let judgements = judge(&mut assessor, &judged.estate, &page.items);
        let kept = judgements
            .chunks(ASSETS_PER_TRANSACTION)
            .map(|chunk| keep(ctx, cause, id, audit.as_of, chunk));
        stream::iter(kept.collect::<Vec<_>>())
            .buffer_unordered(TRANSACTIONS_AT_A_TIME)
            .try_collect::<()>()
            .await?;
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    // What assets are judged by may have changed since: whoever changed it looked before the
    // findings of this run were there.
    if Judged::read_all(ctx, audit.as_of).await? != judged {
        for kind in ctx.controls.joined_types() {
            let after = Judged::read(ctx, kind, audit.as_of).await?;
            related::examine_dependents(ctx, cause, kind, &Reasons::Any, &after).await?;
        }
    }
    Ok(assessor.finish())
}

/// Asks the controls about some assets; those that nothing is said of are left out.
fn judge<'c>(
    assessor: &mut Assessor<'c>,
    estate: &Estate,
    assets: &[Stored<Asset>],
) -> Vec<Judgement<'c>> {
    let mut judgements = Vec::new();
    for stored in assets {
        let Ok(subject) = Subject::try_from(&stored.document) else { continue };
        let verdicts = assessor.examine(&subject, estate);
        if !verdicts.is_empty() {
            let (asset, read) = (stored.id.clone(), stored.updated_at);
            judgements.push(Judgement { asset, read, subject, verdicts });
        }
    }
    judgements
}

/// Keeps what was found. An asset that changed since it was read is left to that change's own
/// event, which may have come first.
async fn keep(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    now: Timestamp,
    judgements: &[Judgement<'_>],
) -> Result<(), AuditError> {
    let ids: &Vec<_> = &judgements.iter().map(|judgement| judgement.asset.clone()).collect();
    ctx.store
        .transact(cause, |tx| async move {
            let assets = tx.get_all::<Asset>(ids).await?;
            for (judgement, asset) in judgements.iter().zip(assets) {
                if asset.is_some_and(|asset| asset.updated_at == judgement.read) {
                    let Judgement { subject, verdicts, .. } = judgement;
                    judge::keep(&tx, subject, verdicts, now, Some(id)).await?;
                }
            }
            Ok(())
        })
        .await
}

/// Writes down what an assessment came to.
fn tell(audit: &mut Audit, assessment: Assessment<'_>) {
    audit.state = AuditState::Completed;
    audit.assets = assessment.manifest.assets;
    audit.score = score(&assessment);
    audit.verdicts = assessment.total();
    let counts = assessment.counts.into_iter();
    audit.controls = counts.map(|(control, counts)| (control.to_owned(), counts)).collect();
    audit.asset_types = assessment.asset_types;
    audit.manifest = Some(assessment.manifest);
}

/// Resolves open findings that no control stands behind any more: the asset is
/// gone, or the control is.
async fn resolve_unseen(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    now: Timestamp,
) -> Result<(), AuditError> {
    for state in [FindingState::Open, FindingState::Exempt] {
        resolve_unseen_in(ctx, cause, id, state, now).await?;
    }
    Ok(())
}

async fn resolve_unseen_in(
    ctx: &Context,
    cause: &Cause,
    id: &AuditId,
    state: FindingState,
    now: Timestamp,
) -> Result<(), AuditError> {
    let mut next = None;
    loop {
        let failing = Query::<Finding>::all().equals("state", state).after(next);
        let page = ctx.store.list(&failing).await?;
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
                        Some(change) => judge::apply(&tx, &change).await,
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
