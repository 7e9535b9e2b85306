//! Checks: every service is asked, and incidents follow from the answers.

use function::Tick;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use model::{
    CheckResultId, Timestamp,
    check::{Check, CheckResult, CheckState},
    incident::{Incident, IncidentState},
    service::Service,
};
use store::{Cause, Direction, Query, Stored, Transaction};
use tracing::{info, warn};

use crate::{
    Context, RootError,
    check::{self, Sample, Step},
    probe::Answer,
};

/// Services that are asked at a time.
const CHECKS_AT_A_TIME: usize = 16;
/// How long results are kept.
const RESULT_TTL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Asks every service, and opens and resolves incidents.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn check_due(ctx: Context, tick: Tick) -> Result<(), RootError> {
    let cause = tick.event.cause();
    let mut next = None;
    loop {
        let page = ctx.store.list(&Query::<Service>::all().after(next)).await?;
        for unreadable in &page.unreadable {
            warn!("cannot check a service: {unreadable}");
        }
        let checks: Vec<_> = page
            .items
            .iter()
            .map(|service| check_one(&ctx, &cause, service, tick.event.time))
            .collect();
        stream::iter(checks).buffer_unordered(CHECKS_AT_A_TIME).try_collect::<()>().await?;
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn check_one(
    ctx: &Context,
    cause: &Cause,
    service: &Stored<Service>,
    tick: Timestamp,
) -> Result<(), RootError> {
    let id = &check::check_of(&service.id);
    let result_id = &CheckResultId { check: id.clone(), tick };
    if ctx.store.get::<CheckResult>(result_id).await?.is_some() {
        // The tick came before; its result is taken and decided.
        return Ok(());
    }
    let answer = &ctx.prober.ask(&service.document).await;
    let newest =
        Query::<CheckResult>::below(id).order_by("tick", Direction::Descending).page_size(1);
    let newest = ctx.store.list(&newest).await?.items.into_iter().next();
    let before = newest.map(|stored| stored.document);
    if before.as_ref().is_some_and(|before| before.tick > tick) {
        // A tick that comes late says nothing about the present.
        return Ok(());
    }
    let before = before.map(|before| Sample { passed: before.passed, tick: before.tick });
    ctx.store
        .transact(cause, |tx| async move {
            if tx.get::<CheckResult>(result_id).await?.is_some() {
                return Ok(());
            }
            let known = tx.get::<Check>(id).await?.map(|stored| stored.document);
            let sample = Sample { passed: answer.passed, tick };
            let step = check::decide(known.as_ref().map(|check| check.state), sample, before);
            tx.measure(result_id, &result(answer, tick))?;
            judge(&tx, service, known, step, answer, tick).await
        })
        .await
}

/// Writes what a step changes: the check, and its incident.
async fn judge(
    tx: &Transaction,
    service: &Stored<Service>,
    known: Option<Check>,
    step: Step,
    answer: &Answer,
    tick: Timestamp,
) -> Result<(), RootError> {
    let id = check::check_of(&service.id);
    let (state, incident) = match step {
        Step::Stay => return Ok(()),
        Step::Down => {
            let (incident_id, incident) =
                check::incident(&service.id, &service.document, &answer.detail, tick);
            tx.put(&incident_id, &incident, "incident.opened", &answer.detail).await?;
            warn!(service = %service.id, "`{}` is down: {}", service.id, answer.detail);
            (CheckState::Down, Some(incident_id))
        }
        Step::Up => {
            if let Some(incident_id) = known.and_then(|check| check.incident)
                && let Some(open) = tx.get::<Incident>(&incident_id).await?
                // Somebody may have resolved it already, and why they did stays.
                && open.document.state == IncidentState::Open
            {
                let resolved = Incident {
                    state: IncidentState::Resolved,
                    resolved_at: Some(tick),
                    ..open.document
                };
                tx.put(&incident_id, &resolved, "incident.resolved", &answer.detail).await?;
                info!(service = %service.id, "`{}` is up again", service.id);
            }
            (CheckState::Up, None)
        }
    };
    let check = Check { service: service.id.clone(), state, since: tick, incident };
    tx.put(&id, &check, "check.changed", &answer.detail).await?;
    Ok(())
}

fn result(answer: &Answer, tick: Timestamp) -> CheckResult {
    CheckResult {
        tick,
        passed: answer.passed,
        detail: answer.detail.clone(),
        latency_ms: answer.latency_ms,
        expires_at: tick.plus(RESULT_TTL),
    }
}
