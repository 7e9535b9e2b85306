//! The file of a control, and what is compiled of it.

use std::collections::BTreeMap;

use model::finding::Severity;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Control, Join, Lasting, error::Wrong};
use crate::cel::{Program, Vocabulary};

/// What conditions may read besides what they are joined with, in the order of slots.
pub(super) const VARIABLES: [&str; 5] = ["resource", "asset", "iam", "labels", "now"];
/// How many of them, from the first, say the same at any instant.
pub(crate) const LASTING: usize = 4;
/// The longest title: it stands in tables.
const TITLE_LENGTH_MAX: usize = 120;

/// A control as its file has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ControlFile {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub asset_types: Vec<String>,
    pub rationale: String,
    #[serde(default)]
    pub parameters: Map<String, Json>,
    #[serde(default)]
    pub related: BTreeMap<String, JoinFile>,
    /// Paths that have to be there, whatever the condition reads.
    #[serde(default)]
    pub evidence: Vec<String>,
    #[serde(default)]
    pub applies: Option<String>,
    #[serde(default)]
    pub condition: Option<String>,
    #[serde(default)]
    pub found: Option<String>,
    #[serde(default)]
    pub manual: bool,
    pub remediation: Remediation,
    #[serde(default)]
    pub mappings: Mappings,
    /// Assets and the verdicts on them; tests read these.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(test), expect(dead_code, reason = "only tests read fixtures"))]
    pub fixtures: Json,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinFile {
    pub asset_types: Vec<String>,
    pub by: JoinBy,
    #[serde(default)]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// How an asset is joined with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinBy {
    /// The key is their resource name, with or without the service's host.
    Name,
    /// The key is their `email`.
    Email,
    /// They stand below the asset.
    Parent,
    /// They are in the project of the asset.
    Project,
    /// The key is what the expression `value` comes to for them. The asset itself is not
    /// among them.
    Value,
}

/// What to do about a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remediation {
    /// In words.
    pub text: String,
    /// As a command; `{name}`, `{id}`, `{project}` and `{location}` are the asset's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// The numbers of the same demand in published frameworks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mappings {
    /// CIS Google Cloud Platform Foundations Benchmark, version 4.
    pub cis_gcp_v4: Vec<String>,
    /// CIS Google Cloud Platform Foundations Benchmark, version 5.
    pub cis_gcp_v5: Vec<String>,
    /// ISO/IEC 27001:2022, annex A.
    pub iso27001_2022: Vec<String>,
    /// SOC 2, common criteria.
    pub soc2: Vec<String>,
}

impl ControlFile {
    /// Reads a file in YAML.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        serde_saphyr::from_str(text).map_err(|error| Wrong::Shape(error.to_string()))
    }

    /// Checks the control and compiles its expressions.
    pub fn compile(self) -> Result<Control, Wrong> {
        self.check()?;
        // Everything that decides a verdict, and nothing else: fixtures are left out.
        let canonical = serde_json::to_vec(&serde_json::to_value(&self).map_err(shape)?);
        let hash = hex::encode(Sha256::digest(canonical.map_err(shape)?));
        let variables: Vec<_> = VARIABLES
            .iter()
            .map(|name| (*name).to_owned())
            .chain(self.related.keys().map(|name| format!("related.{name}")))
            .collect();
        let compile = |field: &str, source: &str, variables: &[String]| {
            let vocabulary = Vocabulary { variables, params: &self.parameters };
            Program::compile(source, vocabulary)
                .map_err(|source| Wrong::Expression { field: field.to_owned(), source })
        };
        let optional = |field: &str, source: &Option<String>| {
            source.as_deref().map(|source| compile(field, source, &variables)).transpose()
        };
        let joins = self.related.iter().map(|(name, join)| {
            // An asset is found by what it is, whenever that is looked for.
            let lasting = |field: &str, source: &Option<String>| {
                let field = format!("related.{name}.{field}");
                let own = variables.get(..LASTING).unwrap_or_default();
                let compiled = source.as_ref().map(|source| {
                    let program = compile(&field, source, own)?;
                    Ok::<_, Wrong>(Lasting { source: source.clone(), program })
                });
                compiled.transpose()
            };
            Ok(Join {
                asset_types: join.asset_types.clone(),
                by: join.by,
                key: lasting("key", &join.key)?,
                value: lasting("value", &join.value)?,
            })
        });
        let evidence = self.evidence.iter().map(|path| compile("evidence", path, &variables));
        Ok(Control {
            joins: joins.collect::<Result<_, Wrong>>()?,
            evidence: evidence.collect::<Result<_, _>>()?,
            applies: optional("applies", &self.applies)?,
            condition: optional("condition", &self.condition)?,
            found: optional("found", &self.found)?,
            id: self.id,
            title: self.title,
            severity: self.severity,
            asset_types: self.asset_types,
            rationale: self.rationale,
            remediation: self.remediation,
            mappings: self.mappings,
            source: self.condition,
            hash,
        })
    }

    fn check(&self) -> Result<(), Wrong> {
        let wrong = |field, reason: &str| Err(Wrong::Field { field, reason: reason.to_owned() });
        let is_id = |(group, number): (&str, &str)| {
            !group.is_empty()
                && group.bytes().all(|byte| byte.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !self.id.split_once('-').is_some_and(is_id) {
            return wrong("id", "is not letters, a hyphen and figures, such as `RUN-01`");
        }
        if self.title.is_empty() || self.title.chars().count() > TITLE_LENGTH_MAX {
            return wrong("title", &format!("is empty or longer than {TITLE_LENGTH_MAX} letters"));
        }
        if self.asset_types.is_empty() {
            return wrong("asset_types", "is empty");
        }
        if self.manual != self.condition.is_none() {
            return wrong("condition", "is there unless `manual` is true, and only then");
        }
        if self.found.is_none() && !self.manual {
            return wrong("found", "is missing: say in CEL what was seen, as a text");
        }
        for join in self.related.values() {
            let keyed = matches!(join.by, JoinBy::Name | JoinBy::Email | JoinBy::Value);
            if keyed != join.key.is_some() {
                let reason = "`key` is there for `name`, `email` and `value`, and only then";
                return wrong("related", reason);
            }
            if (join.by == JoinBy::Value) != join.value.is_some() {
                return wrong("related", "`value` is there for joins by `value`, and only then");
            }
        }
        Ok(())
    }
}

fn shape(error: serde_json::Error) -> Wrong {
    Wrong::Shape(error.to_string())
}
