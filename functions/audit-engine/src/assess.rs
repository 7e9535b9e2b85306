//! Every control over every asset: the rows of an audit.

use std::collections::{BTreeMap, BTreeSet};

use model::{Timestamp, audit::Verdict};
use sha2::{Digest, Sha256};

use crate::{
    control::{Control, ControlSet},
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
    pub asset: String,
    /// Its type.
    pub asset_type: String,
    /// SHA-256 of what conditions can read of it.
    pub asset_hash: String,
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
    /// The verdicts, in the order of controls and assets.
    pub rows: Vec<Row<'c>>,
    /// The types of assets that the estate has, with how many.
    pub asset_types: BTreeMap<String, u64>,
}

/// Gathers the rows of an assessment, asset by asset.
#[derive(Debug)]
pub struct Assessor<'c> {
    set: &'c ControlSet,
    now: Timestamp,
    hashes: BTreeMap<String, String>,
    asset_types: BTreeMap<String, u64>,
    rows: Vec<Row<'c>>,
}

impl<'c> Assessor<'c> {
    /// Begins an assessment as of an instant.
    #[must_use]
    pub fn new(set: &'c ControlSet, now: Timestamp) -> Self {
        let (hashes, asset_types) = (BTreeMap::new(), BTreeMap::new());
        Self { set, now, hashes, asset_types, rows: Vec::new() }
    }

    /// Asks every control of an asset's type.
    pub fn examine(&mut self, subject: &Subject, estate: &Estate) {
        let hash = subject.hash();
        for control in self.set.of_type(subject.asset_type()) {
            let examined = control.examine(subject, estate, self.now);
            self.rows.push(Row {
                control,
                asset: subject.name().to_owned(),
                asset_type: subject.asset_type().to_owned(),
                asset_hash: hash.clone(),
                verdict: examined.verdict,
                evidence: examined.evidence,
            });
        }
        *self.asset_types.entry(subject.asset_type().to_owned()).or_default() += 1;
        self.hashes.insert(subject.name().to_owned(), hash);
    }

    /// Ends the assessment. A control that no asset concerns has one row that says so.
    #[must_use]
    pub fn finish(mut self) -> Assessment<'c> {
        let asked: BTreeSet<_> = self.rows.iter().map(|row| row.control.id.as_str()).collect();
        let silent = self.set.iter().filter(|control| !asked.contains(control.id.as_str()));
        let silent = silent.map(|control| Row {
            control,
            asset: String::new(),
            asset_type: String::new(),
            asset_hash: String::new(),
            verdict: Verdict::NotApplicable,
            evidence: format!("0 assets of type {}", control.asset_types.join(", ")),
        });
        let silent: Vec<_> = silent.collect();
        self.rows.extend(silent);
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
            asset_types: self.asset_types,
        }
    }
}
