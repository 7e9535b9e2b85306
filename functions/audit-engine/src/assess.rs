//! Every control over every asset: the rows of an audit.

mod files;
mod score;

use std::{collections::BTreeMap, sync::Arc};

use model::{
    Timestamp,
    audit::{Verdict, VerdictCounts},
};
use sha2::{Digest, Sha256};

pub use files::assess;
pub use score::score;

use crate::{
    control::{Control, ControlSet, Examined},
    estate::{Estate, Subject},
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

/// What the rows of an assessment depend on, and nothing else does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// SHA-256 over the hashes of all assets, in the order of their names.
    pub estate_hash: String,
    /// SHA-256 over the hashes of all controls.
    pub controls_hash: String,
    /// The version of the engine.
    pub engine_version: String,
    /// The instant that every verdict is decided for.
    pub as_of: Timestamp,
    /// Assets that were examined.
    pub assets: u64,
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

/// Gathers the rows of an assessment, asset by asset.
#[derive(Debug)]
pub struct Assessor<'c> {
    set: &'c ControlSet,
    now: Timestamp,
    keep: Keep,
    hashes: BTreeMap<Arc<str>, String>,
    asset_types: BTreeMap<String, u64>,
    counts: BTreeMap<&'c str, VerdictCounts>,
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
            now,
            keep,
            hashes: BTreeMap::new(),
            asset_types: BTreeMap::new(),
            counts: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    /// Asks every control of an asset's type.
    pub fn examine(&mut self, subject: &Subject, estate: &Estate) {
        let (hash, name) = (subject.hash(), Arc::<str>::from(subject.name()));
        let (asset_hash, asset_type) =
            (Arc::<str>::from(hash.as_str()), Arc::<str>::from(subject.asset_type()));
        for control in self.set.of_type(subject.asset_type()) {
            let Examined { verdict, evidence } = control.examine(subject, estate, self.now);
            self.counts.entry(&control.id).or_default().count(verdict);
            let quiet = matches!(verdict, Verdict::Pass | Verdict::NotApplicable);
            if quiet && self.keep == Keep::Notable {
                continue;
            }
            let (asset, asset_type) = (Arc::clone(&name), Arc::clone(&asset_type));
            let asset_hash = Arc::clone(&asset_hash);
            self.rows.push(Row { control, asset, asset_type, asset_hash, verdict, evidence });
        }
        *self.asset_types.entry(subject.asset_type().to_owned()).or_default() += 1;
        self.hashes.insert(name, hash);
    }

    /// Ends the assessment. A control that no asset concerns has one row that says so.
    #[must_use]
    pub fn finish(mut self) -> Assessment<'c> {
        for control in self.set.iter().filter(|c| !self.counts.contains_key(c.id.as_str())) {
            let none: Arc<str> = Arc::from("");
            self.rows.push(Row {
                control,
                asset: Arc::clone(&none),
                asset_type: Arc::clone(&none),
                asset_hash: none,
                verdict: Verdict::NotApplicable,
                evidence: format!("0 assets of type {}", control.asset_types.join(", ")),
            });
        }
        self.rows.sort_by(|one, another| {
            (&one.control.id, &one.asset).cmp(&(&another.control.id, &another.asset))
        });
        let mut estate = Sha256::new();
        for hash in self.hashes.values() {
            estate.update(hash.as_bytes());
        }
        Assessment {
            manifest: Manifest {
                estate_hash: hex::encode(estate.finalize()),
                controls_hash: self.set.hash(),
                engine_version: ENGINE_VERSION.to_owned(),
                as_of: self.now,
                assets: self.hashes.len() as u64,
            },
            controls: self.set.iter().collect(),
            rows: self.rows,
            counts: self.counts,
            asset_types: self.asset_types,
            not_checked: BTreeMap::new(),
        }
    }
}
