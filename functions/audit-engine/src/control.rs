//! Controls: what is demanded of assets, as data.
//!
//! A control is a file of `controls/`. What it demands is a condition in CEL, compiled once;
//! see [`crate::cel`]. Its verdict on an asset is a pure function of the control, the asset,
//! the assets it is joined with, and the instant.

mod depends;
mod error;
mod examine;
mod file;
#[cfg(test)]
mod fixtures;
mod lasting;
#[cfg(test)]
mod oracle;
mod set;

pub use depends::Sought;
pub use error::ControlError;
pub use examine::Examined;
pub use file::{JoinBy, Mappings, Remediation};
pub(crate) use lasting::Lasting;
use model::finding::Severity;
pub use set::ControlSet;

use crate::cel::Program;

/// What is demanded of assets of some types.
#[derive(Debug)]
pub struct Control {
    /// Names the control everywhere, such as `RUN-01`.
    pub id: String,
    /// The demand, as a title.
    pub title: String,
    /// How much it matters when it fails.
    pub severity: Severity,
    /// The asset types that it looks at.
    pub asset_types: Vec<String>,
    /// What goes wrong when it fails.
    pub rationale: String,
    /// What to do then.
    pub remediation: Remediation,
    /// What others call the same demand.
    pub mappings: Mappings,
    /// The condition as the file has it; absent when only people can judge.
    pub source: Option<String>,
    /// SHA-256 of everything that decides a verdict, in hexadecimal figures.
    pub hash: String,
    joins: Vec<Join>,
    evidence: Vec<Program>,
    applies: Option<Program>,
    condition: Option<Program>,
    found: Option<Program>,
}

/// Other assets that a condition reads as `related.<name>`.
#[derive(Debug)]
pub(crate) struct Join {
    pub asset_types: Vec<String>,
    pub by: JoinBy,
    /// The name, the address or the value to look for.
    pub key: Option<Lasting>,
    /// What is looked at in the others.
    pub value: Option<Lasting>,
}

impl Control {
    /// Returns the types of the assets that the control is joined with.
    pub fn joined_types(&self) -> impl Iterator<Item = &str> {
        self.joins.iter().flat_map(|join| join.asset_types.iter().map(String::as_str))
    }
}
