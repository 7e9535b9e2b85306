//! What the engine does for each trigger.

mod estate;
mod log;

pub use estate::asset_changes;
pub use log::{journal_written, log_check_due, seal_due, shred_requested};

use function::{Change, Push, Tick};
use model::{
    Actor, AssetId, AuditId, FindingId, Timestamp, asset::Asset, audit::Scope,
    exception::Exception, finding::Finding, topic::AuditRequested,
};
use store::{Once, Query, Stored, Transaction};

use crate::{
    AuditError, Context,
    control::{Control, Examined},
    estate::{Estate, Subject},
    exceptions::{self, Exceptions},
    finding, related, run,
};

/// How often an asset is judged by what changes at the same time. Whoever changes it last
/// finds the finding.
pub(crate) const ROUNDS_MAX: usize = 5;

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
    let dependents = || related::settle_dependents(&ctx, &cause, asset_type, now);
    ctx.passes.serve(asset_type, dependents).await
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
        scope: push.message.scope,
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
        scope: Scope::default(),
    };
    run::run(&ctx, &tick.event, request).await
}

/// Judges again what an exception concerns: it was approved, or ended.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn exception_written(ctx: Context, change: Change<Exception>) -> Result<(), AuditError> {
    let (cause, now) = (change.event.cause(), change.event.time);
    // Its terms never change, so that before and after concern the same.
    let Some(exception) = change.after.or(change.before) else { return Ok(()) };
    exceptions::examine_concerned(&ctx, &cause, &exception, now).await
}

/// Ends exceptions whose time is over.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn exceptions_due(ctx: Context, tick: Tick) -> Result<(), AuditError> {
    exceptions::expire(&ctx, &tick.event.cause(), tick.event.time).await
}

/// What an asset is judged by besides its controls.
#[derive(PartialEq)]
pub(crate) struct Judged {
    /// The assets that others are joined with.
    pub estate: Estate,
    /// What covers that a control does not hold.
    pub exceptions: Exceptions,
    /// The instant that verdicts are decided for.
    pub now: Timestamp,
}

impl Judged {
    /// Reads what assets of a type, and those that depend on them, are judged by.
    pub async fn read(ctx: &Context, asset_type: &str, now: Timestamp) -> Result<Self, AuditError> {
        let estate = related::of_type(ctx, asset_type);
        let (estate, exceptions) = futures::try_join!(estate, exceptions::in_force(ctx))?;
        Ok(Self { estate, exceptions, now })
    }

    /// Reads what any asset is judged by.
    pub async fn read_all(ctx: &Context, now: Timestamp) -> Result<Self, AuditError> {
        let estate = related::of_all(ctx).await?;
        Ok(Self { estate, exceptions: exceptions::in_force(ctx).await?, now })
    }

    /// Returns what a control says of an asset.
    pub fn examine(&self, control: &Control, subject: &Subject) -> Examined {
        let examined = control.examine(subject, &self.estate, self.now);
        self.exceptions.cover(control, subject.name(), examined, self.now)
    }
}

/// Examines one asset in a transaction, and keeps what was found; tells whether that changed
/// anything.
pub(crate) async fn examine<'c>(
    tx: &Transaction,
    controls: impl Iterator<Item = &'c Control>,
    asset: &Asset,
    judged: &Judged,
) -> Result<bool, AuditError> {
    let Ok(subject) = Subject::try_from(asset) else { return Ok(false) };
    let verdicts: Vec<_> =
        controls.map(|control| (control, judged.examine(control, &subject))).collect();
    keep(tx, &subject, &verdicts, judged.now, None).await
}

/// Keeps what was found about one asset; tells whether that changed anything.
pub(crate) async fn keep(
    tx: &Transaction,
    subject: &Subject,
    verdicts: &[(&Control, Examined)],
    now: Timestamp,
    audit: Option<&AuditId>,
) -> Result<bool, AuditError> {
    let id = |control: &Control| FindingId::of(&control.id, subject.name());
    let ids: Vec<_> = verdicts.iter().map(|(control, _)| id(control)).collect();
    let known = tx.get_all::<Finding>(&ids).await?;
    let mut changed = false;
    for ((control, examined), known) in verdicts.iter().zip(&known) {
        let known = known.as_ref().map(|stored| &stored.document);
        if let Some(change) = finding::decide(control, subject, examined, known, now, audit) {
            apply(tx, &change).await?;
            changed = true;
        }
    }
    Ok(changed)
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
    now: Timestamp,
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
