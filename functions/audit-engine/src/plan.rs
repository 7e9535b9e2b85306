//! Plans of Terraform: what is about to be made, as assets for the same controls.
//!
//! A plan in JSON (`terraform show -json`) is read resource by resource and put into the
//! shape of Cloud Asset Inventory. What is only known after the apply stands there as
//! unknown, and so does whatever a plan cannot tell: bindings that others made on resources
//! that exist already, and other assets. Nothing passes because of it.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>.

mod convert;
mod grant;
mod table;
mod target;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use model::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::{
    assess::{Assessment, Assessor, Keep},
    control::ControlSet,
    estate::{Estate, NotAnAsset, Subject},
};

/// The largest plan; thousands of resources take a tenth of it.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The version of the format that is read. Others within it only add fields.
const FORMAT_MAJOR: &str = "1";

/// Why a plan cannot be read. Nothing of it may be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is larger than any plan.
    #[error("`{}` is larger than {FILE_BYTES_MAX} bytes", .0.display())]
    Large(PathBuf),
    /// It is not what `terraform show -json` writes of a plan.
    #[error(
        "{0}; write it with `terraform show -json PLAN`, where PLAN is from `terraform plan -out=PLAN`"
    )]
    Shape(String),
    /// It is of a later format.
    #[error("`format_version` is `{0}`, and only {FORMAT_MAJOR}.x is known here")]
    Format(String),
    /// Terraform itself could not finish it.
    #[error("`errored` is true: the plan is not complete; mend what `terraform plan` said")]
    Errored,
    /// A resource is none.
    #[error("`{address}`: {source}")]
    Asset {
        /// The resource.
        address: String,
        /// Why.
        source: NotAnAsset,
    },
}

/// A plan, as assets.
#[derive(Debug, Default)]
pub struct Plan {
    /// What there will be.
    pub assets: Vec<Subject>,
    /// The types of resources that no control can look at, with how many.
    pub not_checked: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    format_version: Option<String>,
    #[serde(default)]
    resource_changes: Option<Vec<Resource>>,
    #[serde(default)]
    configuration: Json,
    #[serde(default)]
    errored: bool,
}

/// One resource of a plan.
#[derive(Debug, Deserialize)]
struct Resource {
    address: String,
    #[serde(default)]
    module_address: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    index: Json,
    change: Change,
}

#[derive(Debug, Deserialize)]
struct Change {
    actions: Vec<String>,
    #[serde(default)]
    after: Json,
    #[serde(default)]
    after_unknown: Json,
}

impl Resource {
    /// Tells whether it is there after the apply, and Terraform's own.
    fn stays(&self) -> bool {
        let ends = |action: &String| ["delete", "forget", "read"].contains(&action.as_str());
        self.mode == "managed" && !self.change.actions.iter().all(ends)
    }

    /// Tells whether nothing of it was there before.
    fn is_new(&self) -> bool {
        self.change.actions.iter().any(|action| action == "create")
    }

    /// Returns a text that is known.
    fn text(&self, field: &str) -> Option<&str> {
        self.change.after.get(field)?.as_str().filter(|text| !text.is_empty())
    }
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// When it cannot be read, or is of a version that is not known.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let failed = |source| PlanError::File { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
            return Err(PlanError::Large(path.to_owned()));
        }
        Self::parse(&fs::read(path).map_err(failed)?)
    }

    /// Reads a plan in JSON.
    ///
    /// # Errors
    /// As [`Plan::read`].
    pub fn parse(json: &[u8]) -> Result<Self, PlanError> {
        let shape = |error: serde_json::Error| PlanError::Shape(error.to_string());
        let file: File = serde_json::from_slice(json).map_err(shape)?;
        let version = file.format_version.unwrap_or_default();
        match version.split('.').next() {
            Some("") | None => {
                return Err(PlanError::Shape("`format_version` is missing".to_owned()));
            }
            Some(FORMAT_MAJOR) => {}
            Some(_) => return Err(PlanError::Format(version)),
        }
        let resources = file
            .resource_changes
            .ok_or_else(|| PlanError::Shape("`resource_changes` is missing".to_owned()))?;
        if file.errored {
            return Err(PlanError::Errored);
        }
        let resources: Vec<_> = resources.into_iter().filter(Resource::stays).collect();
        let mut plan = Self::default();
        let (mut assets, mut grants) = (Vec::new(), Vec::new());
        for resource in &resources {
            if let Some(grant) = grant::Grant::of(resource) {
                grants.push(grant);
            } else if let Some(mapping) = table::mapping(&resource.kind) {
                assets.push(convert::asset(resource, mapping));
            } else {
                *plan.not_checked.entry(resource.kind.clone()).or_default() += 1;
            }
        }
        grant::apply(&mut assets, &grants, &file.configuration);
        for asset in assets {
            let address = asset.address.to_owned();
            let subject = Subject::new(asset.into_json());
            plan.assets.push(subject.map_err(|source| PlanError::Asset { address, source })?);
        }
        Ok(plan)
    }

    /// Assesses what there will be, as of an instant.
    #[must_use]
    pub fn assess<'c>(&self, set: &'c ControlSet, now: Timestamp, keep: Keep) -> Assessment<'c> {
        let mut estate: Estate = self.assets.iter().cloned().collect();
        estate.set_partial();
        let mut assessor = Assessor::new(set, now, keep);
        for asset in &self.assets {
            assessor.examine(asset, &estate);
        }
        let mut assessment = assessor.finish();
        assessment.not_checked.clone_from(&self.not_checked);
        assessment
    }
}

#[cfg(test)]
mod tests;
