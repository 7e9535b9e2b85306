//! Controls of the audit, as people see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AuditControlId, Document, Operational, asset::Asset, finding::Severity};

/// The numbers of the same demand in published frameworks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlMappings {
    /// CIS Google Cloud Platform Foundations Benchmark, version 4.
    pub cis_gcp_v4: Vec<String>,
    /// CIS Google Cloud Platform Foundations Benchmark, version 5.
    pub cis_gcp_v5: Vec<String>,
    /// ISO/IEC 27001:2022, annex A.
    pub iso27001_2022: Vec<String>,
    /// SOC 2, common criteria.
    pub soc2: Vec<String>,
}

/// What is demanded of assets of some types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditControl {
    /// The demand.
    pub title: String,
    /// How much it matters when it does not hold.
    pub severity: Severity,
    /// The types of assets that it looks at.
    pub asset_types: Vec<String>,
    /// What goes wrong when it does not hold.
    pub rationale: String,
    /// What has to be true of an asset, in CEL; absent when only people can judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What to do when it does not hold.
    pub remediation: String,
    /// The same as a command; `{name}`, `{id}`, `{project}` and `{location}` are the asset's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The numbers of the same demand in published frameworks.
    pub mappings: ControlMappings,
    /// SHA-256 of everything that decides a verdict, in hexadecimal figures.
    pub hash: String,
}

impl AuditControl {
    /// Returns the command for an asset, to be run in a shell; `None` when the control has no
    /// command, or the asset does not say what the command needs.
    #[must_use]
    pub fn command_for(&self, asset: &Asset) -> Option<String> {
        let mut parts = self.command.as_ref()?.split('{');
        let mut command = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}')?;
            let value = match name {
                "name" => Some(asset.name.as_str()),
                "id" => asset.name.rsplit('/').next(),
                "project" => after(&asset.name, "projects"),
                "location" => {
                    asset.resource.as_ref().and_then(|of| of.other.get("location")?.as_str())
                }
                _ => None,
            };
            command.push_str(&quoted(value.filter(|value| !value.is_empty())?));
            command.push_str(rest);
        }
        Some(command)
    }
}

/// Returns the part of a name behind another.
fn after<'a>(name: &'a str, part: &str) -> Option<&'a str> {
    name.split('/').skip_while(|one| *one != part).nth(1)
}

/// Names are somebody else's words: in a shell they must stay one.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if value.chars().all(plain) {
        value.into()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

impl Document for AuditControl {
    type Id = AuditControlId;
}

impl Operational for AuditControl {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn command(template: Option<&str>, asset: serde_json::Value) -> Option<String> {
        let control = AuditControl {
            title: String::new(),
            severity: Severity::High,
            asset_types: Vec::new(),
            rationale: String::new(),
            condition: None,
            remediation: String::new(),
            command: template.map(str::to_owned),
            mappings: ControlMappings::default(),
            hash: String::new(),
        };
        control.command_for(&serde_json::from_value(asset).expect("an asset"))
    }

    #[test]
    fn a_command_names_the_asset_and_nothing_of_it_is_taken_for_a_command() {
        let asset = |id: &str| {
            json!({"name": format!("//run.googleapis.com/projects/p/services/{id}"),
                "assetType": "t", "resource": {"location": "europe-west1"}})
        };
        let update =
            Some("gcloud run services update {id} --project={project} --region={location}");
        assert_eq!(
            command(update, asset("web")).as_deref(),
            Some("gcloud run services update web --project=p --region=europe-west1")
        );
        let odd = command(Some("show {id}"), asset("a; rm -rf 'x'"));
        assert_eq!(odd.as_deref(), Some(r"show 'a; rm -rf '\''x'\'''"));
        assert_eq!(command(update, json!({"name": "//a/projects/p/b", "assetType": "t"})), None);
        assert_eq!(command(None, asset("web")), None);
    }
}
