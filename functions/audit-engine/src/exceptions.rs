//! Exceptions that are in force.

use model::{
    ExceptionId, Timestamp,
    asset::Asset,
    audit::Verdict,
    exception::{Exception, ExceptionState},
    finding::{Finding, FindingState},
};
use sha2::{Digest, Sha256};
use store::{Cause, Direction, Query};

use crate::{
    AuditError, Context,
    control::{Control, Examined},
    judge::{Judged, examine},
};

/// Exceptions that can be in force at a time. More would be a policy, not exceptions.
const EXCEPTIONS_MAX: usize = 2_000;

/// Exceptions that somebody approved, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exceptions(Vec<(ExceptionId, Exception)>);

impl Exceptions {
    /// Returns what a verdict becomes: a demand that does not hold on an asset is exempt while
    /// an exception covers it.
    #[must_use]
    pub fn cover(
        &self,
        control: &Control,
        asset: &str,
        examined: Examined,
        now: Timestamp,
    ) -> Examined {
        if examined.verdict != Verdict::Fail {
            return examined;
        }
        let covering = self.0.iter().find(|(_, one)| one.covers(&control.id, asset, now));
        let Some((id, exception)) = covering else { return examined };
        Examined {
            verdict: Verdict::Exempt,
            evidence: format!(
                "{}; exempt until {} by exception `{id}`",
                examined.evidence, exception.terms.until
            ),
            exception: Some(id.clone()),
        }
    }

    /// Returns SHA-256 of everything that decides, in hexadecimal figures.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (id, Exception { terms, .. }) in &self.0 {
            let parts = serde_json::json!([id, terms.control, terms.assets, terms.until]);
            hash.update(parts.to_string());
        }
        hex::encode(hash.finalize())
    }
}

/// Reads the exceptions that somebody approved.
///
/// # Errors
/// When they cannot be read, or are too many.
pub(crate) async fn in_force(ctx: &Context) -> Result<Exceptions, AuditError> {
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let query = Query::<Exception>::all().equals("state", ExceptionState::Approved);
        let page = ctx.store.list(&query.after(next)).await?;
        found.extend(page.items.into_iter().map(|stored| (stored.id, stored.document)));
        if found.len() > EXCEPTIONS_MAX {
            return Err(AuditError::TooManyExceptions { max: EXCEPTIONS_MAX });
        }
        next = page.next;
        if next.is_none() {
            return Ok(found.into_iter().collect());
        }
    }
}

/// Examines again what an exception concerns, with the control that it is from.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn examine_concerned(
    ctx: &Context,
    cause: &Cause,
    exception: &Exception,
    now: Timestamp,
) -> Result<(), AuditError> {
    let Some(control) = ctx.controls.get(&exception.terms.control) else { return Ok(()) };
    let mut next = None;
    loop {
        let query = Query::<Finding>::all().equals("control", &control.id).after(next);
        let page = ctx.store.list(&query).await?;
        for stored in page.items {
            let finding = stored.document;
            let failing = finding.state != FindingState::Resolved;
            if failing && exception.concerns(&finding.asset_name) {
                examine_again(ctx, cause, control, &finding, now).await?;
            }
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

async fn examine_again(
    ctx: &Context,
    cause: &Cause,
    control: &Control,
    finding: &Finding,
    now: Timestamp,
) -> Result<(), AuditError> {
    let judged = &Judged::read(ctx, &finding.asset_type, now).await?;
    let only = || std::iter::once(control);
    ctx.store
        .transact(cause, |tx| async move {
            let Some(asset) = tx.get::<Asset>(&finding.asset).await? else { return Ok(()) };
            examine(&tx, only(), &asset.document, judged).await.map(drop)
        })
        .await
}

/// Ends exceptions whose time is over.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn expire(ctx: &Context, cause: &Cause, now: Timestamp) -> Result<(), AuditError> {
    for state in [ExceptionState::Requested, ExceptionState::Approved] {
        // Those that end first come first, and one page an hour is plenty.
        let query = Query::<Exception>::all().equals("state", state);
        let page = ctx.store.list(&query.order_by("until", Direction::Ascending)).await?;
        for stored in page.items.iter().filter(|stored| stored.document.expire(now).is_some()) {
            ctx.store
                .transact(cause, |tx| async move {
                    let Some(known) = tx.get::<Exception>(&stored.id).await? else {
                        return Ok(());
                    };
                    match known.document.expire(now) {
                        Some(over) => {
                            let reason = format!("its end was {}", over.terms.until);
                            tx.put(&stored.id, &over, "exception.expired", &reason).await?;
                            Ok::<_, AuditError>(())
                        }
                        None => Ok(()),
                    }
                })
                .await?;
        }
    }
    Ok(())
}

impl FromIterator<(ExceptionId, Exception)> for Exceptions {
    fn from_iter<T: IntoIterator<Item = (ExceptionId, Exception)>>(exceptions: T) -> Self {
        let mut exceptions: Vec<_> = exceptions.into_iter().collect();
        exceptions.sort_by(|(one, _), (another, _)| one.cmp(another));
        Self(exceptions)
    }
}
