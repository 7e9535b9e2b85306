//! Judging assets, and keeping what was found.

use model::{AuditId, FindingId, Timestamp, asset::Asset, finding::Finding};
use store::Transaction;

use crate::{
    AuditError, Context,
    control::{Control, Examined},
    estate::{Estate, Facts, Subject},
    exceptions::{self, Exceptions},
    finding::{self, FindingChange},
    related,
};

/// How often an asset is judged by what changes at the same time. Whoever changes it last
/// finds the finding.
pub(crate) const ROUNDS_MAX: usize = 5;

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
    pub fn examine(&self, control: &Control, facts: &Facts<'_>) -> Examined {
        let examined = control.examine(facts, &self.estate);
        self.exceptions.cover(control, facts.subject.name(), examined, self.now)
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
    let facts = subject.at(judged.now);
    let verdicts: Vec<_> =
        controls.map(|control| (control, judged.examine(control, &facts))).collect();
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

pub(crate) async fn apply(tx: &Transaction, change: &FindingChange) -> Result<(), AuditError> {
    let finding = &change.finding;
    let reason = format!("{}: {}", finding.control, finding.evidence);
    tx.put(&change.id, finding, change.action, &reason).await?;
    Ok(())
}
