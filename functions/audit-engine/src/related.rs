//! Assets that others are judged by.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, TryStreamExt, stream};
use model::{
    AssetId, Timestamp,
    asset::Asset,
    audit::Verdict,
    finding::{Finding, FindingState},
};
use store::{Cause, Query, Stored, Transaction};
use tracing::info;

use crate::{
    AuditError, Context,
    control::{Control, Sought},
    estate::{Estate, Subject},
    judge::{Judged, ROUNDS_MAX, examine},
};

/// Assets that are read for the sake of others; more do not fit into the instance's memory.
const JOINED_MAX: usize = 20_000;
/// Types of assets that are read at a time.
const TYPES_AT_A_TIME: usize = 16;
/// Assets that are examined because of changes of others. More wait for the next full run.
const DEPENDENTS_MAX: usize = 2_000;
/// Assets that are asked whether they depend on changes of others.
const SEEN_MAX: usize = 20_000;

/// Which changes of assets of one type are a reason to look at others again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reasons {
    /// Any, or nobody knows which.
    Any,
    /// Of these, as they were and as they are.
    Of(Vec<Subject>),
}

impl Reasons {
    /// The change of an asset, as it was before and as it is after.
    pub fn of(before: Option<&Asset>, after: Option<&Asset>) -> Self {
        // It may be the first of its type: that there are any may change what is known of all.
        let Some(before) = before else { return Self::Any };
        let read = |asset: &Asset| match asset.resource.is_some() || asset.iam_policy.is_some() {
            true => Subject::try_from(asset).ok(),
            // What is kept in parts comes without what it is joined by.
            false => None,
        };
        let subjects = std::iter::once(before).chain(after).map(read);
        subjects.collect::<Option<_>>().map_or(Self::Any, Self::Of)
    }

    /// All the reasons that several had.
    pub fn all(reasons: &[std::sync::Arc<Self>]) -> Self {
        let each = reasons.iter().map(|reasons| match &**reasons {
            Self::Any => None,
            Self::Of(subjects) => Some(subjects.as_slice()),
        });
        let all = each.collect::<Option<Vec<_>>>();
        all.map_or(Self::Any, |all| Self::Of(all.concat()))
    }

    /// Tells whom a control may say something else of because of them; nothing if of anybody.
    fn sought<'a>(&'a self, control: &'a Control) -> Option<Vec<Sought<'a>>> {
        match self {
            Self::Any => None,
            Self::Of(subjects) => {
                Some(subjects.iter().map(|subject| control.seeks(subject)).collect())
            }
        }
    }
}

/// Reads the assets that those of a type are judged by, and those that others are judged by
/// together with them.
///
/// # Errors
/// When they cannot be read, or are too many.
pub(crate) async fn of_type(ctx: &Context, asset_type: &str) -> Result<Estate, AuditError> {
    let controls = ctx.controls.of_type(asset_type).chain(ctx.controls.joined_with(asset_type));
    let types: BTreeSet<_> = controls.flat_map(Control::joined_types).collect();
    read(ctx, types).await
}

/// Reads the assets that any asset is judged by.
///
/// # Errors
/// As [`of_type`].
pub(crate) async fn of_all(ctx: &Context) -> Result<Estate, AuditError> {
    read(ctx, ctx.controls.joined_types()).await
}

async fn read(ctx: &Context, types: BTreeSet<&str>) -> Result<Estate, AuditError> {
    let types: Vec<_> = types.into_iter().map(|kind| of_one_type(ctx, kind.to_owned())).collect();
    let mut types = stream::iter(types).buffered(TYPES_AT_A_TIME);
    let (mut estate, mut count) = (Estate::default(), 0);
    while let Some(subjects) = types.try_next().await? {
        count += subjects.len();
        if count > JOINED_MAX {
            return Err(too_large());
        }
        subjects.into_iter().for_each(|subject| estate.add(subject));
    }
    Ok(estate)
}

async fn of_one_type(ctx: &Context, asset_type: String) -> Result<Vec<Subject>, AuditError> {
    let (mut subjects, mut next) = (Vec::new(), None);
    loop {
        let query = Query::<Asset>::all().equals("assetType", &asset_type).after(next);
        let page = ctx.store.list(&query).await?;
        let read = page.items.iter().map(|stored| Subject::try_from(&stored.document));
        subjects.extend(read.flatten());
        if subjects.len() > JOINED_MAX {
            return Err(too_large());
        }
        next = page.next;
        if next.is_none() {
            return Ok(subjects);
        }
    }
}

fn too_large() -> AuditError {
    AuditError::TooManyJoined { max: JOINED_MAX }
}

/// Examines the assets that are judged by those of a type, and again when what they are judged
/// by changed meanwhile.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn settle_dependents(
    ctx: &Context,
    cause: &Cause,
    changed: &str,
    reasons: Reasons,
    now: Timestamp,
) -> Result<(), AuditError> {
    if ctx.controls.joined_with(changed).next().is_none() {
        return Ok(());
    }
    let mut judged = Judged::read(ctx, changed, now).await?;
    for _ in 0..ROUNDS_MAX {
        if !examine_dependents(ctx, cause, changed, &reasons, &judged).await? {
            break;
        }
        let after = Judged::read(ctx, changed, now).await?;
        if after == judged {
            break;
        }
        judged = after;
    }
    Ok(())
}

/// Examines the assets that are judged by those of a type that changed, with the controls that
/// do so.
///
/// Findings that stay as they are are not written: a change of one asset must not touch all
/// others. Tells whether any changed.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn examine_dependents(
    ctx: &Context,
    cause: &Cause,
    changed: &str,
    reasons: &Reasons,
    judged: &Judged,
) -> Result<bool, AuditError> {
    let joined = ctx.controls.joined_with(changed);
    let joined: Vec<_> = joined.map(|control| (control, reasons.sought(control))).collect();
    let mut by_type = BTreeMap::<&str, Vec<_>>::new();
    for (control, sought) in &joined {
        for asset_type in &control.asset_types {
            by_type.entry(asset_type).or_default().push((*control, sought));
        }
    }
    let (mut seen, mut examined, mut changed_any) = (0, 0, false);
    let is_enough = |seen, examined| seen >= SEEN_MAX || examined >= DEPENDENTS_MAX;
    for (asset_type, controls) in by_type {
        let open = open_findings(ctx, asset_type).await?;
        let mut next = None;
        loop {
            let query = Query::<Asset>::all().equals("assetType", asset_type).after(next);
            let page = ctx.store.list(&query).await?;
            seen += page.items.len();
            for Stored { id, document: asset, .. } in &page.items {
                let Ok(subject) = Subject::try_from(asset) else { continue };
                let facts = subject.at(judged.now);
                let concerned = controls.iter().filter(|(_, sought)| {
                    sought.as_ref().is_none_or(|sought| sought.iter().any(|one| one.by(&subject)))
                });
                let concerned = concerned.map(|(control, _)| *control).collect::<Vec<_>>();
                if concerned.is_empty() {
                    continue;
                }
                examined += 1;
                let differs = |control: &&Control| {
                    let open = open.contains(&(control.id.clone(), id.clone()));
                    match judged.examine(control, &facts).verdict {
                        Verdict::Fail => !open,
                        Verdict::Pass | Verdict::NotApplicable | Verdict::Exempt => open,
                        Verdict::Unknown | Verdict::Manual => false,
                    }
                };
                let differing = &concerned.iter().copied().filter(differs).collect::<Vec<_>>();
                if !differing.is_empty() {
                    // As it is by now: its own event may have come in between.
                    let again = |tx: Transaction| async move {
                        let Some(asset) = tx.get::<Asset>(id).await? else { return Ok(false) };
                        examine(&tx, differing.iter().copied(), &asset.document, judged).await
                    };
                    changed_any |= ctx.store.transact(cause, again).await?;
                }
            }
            next = page.next;
            if next.is_none() || is_enough(seen, examined) {
                break;
            }
        }
        if is_enough(seen, examined) {
            info!(
                asset_type = changed,
                "{examined} of {seen} assets depend on the change; the next run sees more"
            );
            break;
        }
    }
    Ok(changed_any)
}

/// Returns which controls are known to fail on which assets of a type.
async fn open_findings(
    ctx: &Context,
    asset_type: &str,
) -> Result<BTreeSet<(String, AssetId)>, AuditError> {
    let mut open = BTreeSet::new();
    let mut next = None;
    loop {
        let query = Query::<Finding>::all()
            .equals("asset_type", asset_type)
            .equals("state", FindingState::Open)
            .after(next);
        let page = ctx.store.list(&query).await?;
        let findings = page.items.into_iter().map(|stored| stored.document);
        open.extend(findings.map(|finding| (finding.control, finding.asset)));
        next = page.next;
        if next.is_none() {
            return Ok(open);
        }
    }
}
