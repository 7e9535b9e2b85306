//! Every control over every asset: the rows of an audit.

mod files;
mod kept;
mod score;

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Timestamp,
    audit::{AuditRow, Scope, Verdict, VerdictCounts},
};
use sha2::{Digest, Sha256};

pub use files::{Assessed, assess};
pub use model::audit::Manifest;
pub use score::score;

use crate::{
    control::{Control, ControlSet, Examined},
    estate::{Estate, Subject},
    exceptions::Exceptions,
};

/// The engine's version: the same assets, controls, instant and version have the same rows.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// One verdict.
#[derive(Clone, Debug)]
pub struct Row<'c> {
    /// The control.
    pub control: &'c Control,
    /// The full resource name of the asset.
    pub asset: Arc<str>,
    /// Its type.
    pub asset_type: Arc<str>,
    /// SHA-256 of what conditions can read of it.
    pub asset_hash: Arc<str>,
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen, what is missing, or which exception covers it.
    pub evidence: String,
}

impl Row<'_> {
    /// Returns the row as a run keeps it.
    #[must_use]
    pub fn kept(&self) -> AuditRow {
        AuditRow {
            control: self.control.id.clone(),
            severity: self.control.severity,
            asset: self.asset.to_string(),
            asset_type: self.asset_type.to_string(),
            asset_hash: self.asset_hash.to_string(),
            verdict: self.verdict,
            evidence: self.evidence.clone(),
            control_hash: self.control.hash.clone(),
        }
    }
}

/// Everything that an assessment came to: what reports are made of.
#[derive(Clone, Debug)]
pub struct Assessment<'c> {
    /// What the rows depend on.
    pub manifest: Manifest,
    /// The controls that were asked, in the order of their ids.
    pub controls: Vec<&'c Control>,
    /// The verdicts that are kept, in the order of controls and assets.
    pub rows: Vec<Row<'c>>,
    /// How often each control gave each verdict.
    pub counts: BTreeMap<&'c str, VerdictCounts>,
    /// The types of assets that the estate has, with how many.
    pub asset_types: BTreeMap<String, u64>,
    /// The types of planned resources that no control can look at, with how many.
    pub not_checked: BTreeMap<String, u64>,
}

impl Assessment<'_> {
    /// Returns how often each verdict was given, by all controls together.
    #[must_use]
    pub fn total(&self) -> VerdictCounts {
        self.counts.values().fold(VerdictCounts::default(), VerdictCounts::plus)
    }
}

/// Gathers the rows of an assessment, asset by asset.
#[derive(Debug)]
pub struct Assessor<'c> {
    set: &'c ControlSet,
    scope: Scope,
    exceptions: Exceptions,
    now: Timestamp,
    keep: Keep,
    /// What each asset and its verdicts hash to.
    hashes: BTreeMap<Arc<str>, (String, [u8; 32])>,
    asset_types: BTreeMap<String, u64>,
    said: BTreeMap<&'c str, Said<'c>>,
}

/// What one control said.
#[derive(Debug, Default)]
struct Said<'c> {
    counts: VerdictCounts,
    rows: Vec<Row<'c>>,
}

/// Which rows an assessment keeps; all are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Every row.
    All,
    /// Those that somebody has to look at: all but `pass` and `not_applicable`.
    Notable,
}

impl<'c> Assessor<'c> {
    /// Begins an assessment as of an instant.
    #[must_use]
    pub fn new(set: &'c ControlSet, now: Timestamp, keep: Keep) -> Self {
        Self {
            set,
            scope: Scope::default(),
            exceptions: Exceptions::default(),
            now,
            keep,
            hashes: BTreeMap::new(),
            asset_types: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    /// Asks some controls only, and of some assets.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Lets exceptions cover what does not hold.
    #[must_use]
    pub fn except(self, exceptions: Exceptions) -> Self {
        Self { exceptions, ..self }
    }

    /// Asks every control of an asset's type, and returns what they say.
    pub fn examine(&mut self, subject: &Subject, estate: &Estate) -> Vec<(&'c Control, Examined)> {
        let (set, kind) = (self.set, subject.asset_type());
        if !self.scope.looks_at(kind) {
            return Vec::new();
        }
        let (hash, name) = (subject.hash(), Arc::<str>::from(subject.name()));
        let (asset_hash, asset_type) = (Arc::<str>::from(hash.as_str()), Arc::<str>::from(kind));
        let (mut verdicts, mut said) = (Sha256::new(), Vec::new());
        let facts = subject.at(self.now);
        for control in set.of_type(kind).filter(|control| self.scope.asks(&control.id)) {
            let examined = control.examine(&facts, estate);
            let examined = self.exceptions.cover(control, &name, examined, self.now);
            let of_control = self.said.entry(&control.id).or_default();
            of_control.counts.count(examined.verdict);
            for part in [control.id.as_bytes(), &[examined.verdict as u8]] {
                verdicts.update(part);
            }
            verdicts.update(examined.evidence.as_bytes());
            verdicts.update([0]);
            let quiet = matches!(examined.verdict, Verdict::Pass | Verdict::NotApplicable);
            if !quiet || self.keep == Keep::All {
                of_control.rows.push(Row {
                    control,
                    asset: Arc::clone(&name),
                    asset_type: Arc::clone(&asset_type),
                    asset_hash: Arc::clone(&asset_hash),
                    verdict: examined.verdict,
                    evidence: examined.evidence.clone(),
                });
            }
            said.push((control, examined));
        }
        *self.asset_types.entry(kind.to_owned()).or_default() += 1;
        self.hashes.insert(name, (hash, verdicts.finalize().into()));
        said
    }

    /// Ends the assessment. A control that no asset concerns has one row that says so.
    #[must_use]
    pub fn finish(mut self) -> Assessment<'c> {
        let (set, scope) = (self.set, &self.scope);
        let asked: Vec<_> = set.iter().filter(|control| scope.asks(&control.id)).collect();
        let (mut rows, mut counts) = (Vec::new(), BTreeMap::new());
        for control in &asked {
            let Some(mut said) = self.said.remove(control.id.as_str()) else {
                let none: Arc<str> = Arc::from("");
                rows.push(Row {
                    control,
                    asset: Arc::clone(&none),
                    asset_type: Arc::clone(&none),
                    asset_hash: none,
                    verdict: Verdict::NotApplicable,
                    evidence: format!("0 assets of type {}", control.asset_types.join(", ")),
                });
                continue;
            };
            said.rows.sort_by(|one, another| one.asset.cmp(&another.asset));
            rows.append(&mut said.rows);
            counts.insert(control.id.as_str(), said.counts);
        }
        let (mut estate, mut controls, mut verdicts) =
            (Sha256::new(), Sha256::new(), Sha256::new());
        for (hash, said) in self.hashes.values() {
            estate.update(hash.as_bytes());
            verdicts.update(said);
        }
        for control in &asked {
            controls.update(control.hash.as_bytes());
        }
        let hex = |hash: Sha256| hex::encode(hash.finalize());
        Assessment {
            manifest: Manifest {
                estate_hash: hex(estate),
                controls_hash: hex(controls),
                exceptions_hash: self.exceptions.hash(),
                engine_version: ENGINE_VERSION.to_owned(),
                as_of: self.now,
                assets: self.hashes.len() as u64,
                verdicts_hash: hex(verdicts),
            },
            controls: asked,
            rows,
            counts,
            asset_types: self.asset_types,
            not_checked: BTreeMap::new(),
        }
    }
}
