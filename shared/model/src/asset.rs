//! The estate, in the export shape of Cloud Asset Inventory.
//!
//! Source: <https://cloud.google.com/asset-inventory/docs/reference/rest/v1/Asset>.

mod batch;
mod feed;
mod listing;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use batch::{BATCH_ASSETS_MAX, BATCH_BYTES_MAX, batches};
pub use feed::{AssetChange, AssetTimes, TimeWindow};
pub use listing::{AssetListing, ListingStage};

use crate::{AssetId, AssetPartId, Document, Operational};

/// One asset as an export holds it: camel case, or snake case as older tools write.
///
/// Fields that Mesh does not read are kept as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// The full resource name, such as `//pubsub.googleapis.com/projects/p/topics/t`.
    pub name: String,
    /// The type, such as `pubsub.googleapis.com/Topic`.
    #[serde(alias = "asset_type")]
    pub asset_type: String,
    /// The path of projects, folders and organisation above the asset, nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<String>,
    /// When the asset last changed, as the export words it (nanoseconds).
    #[serde(default, alias = "update_time", skip_serializing_if = "Option::is_none")]
    pub update_time: Option<String>,
    /// The resource itself; absent in exports of policies alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The IAM policy set on the resource; absent in exports of resources alone.
    #[serde(default, alias = "iam_policy", skip_serializing_if = "Option::is_none")]
    pub iam_policy: Option<IamPolicy>,
    /// Every other field of the export.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Document for Asset {
    type Id = AssetId;
    const HEAD: &'static [&'static str] = &["name", "assetType", "ancestors", "updateTime"];
}

impl Operational for Asset {}

impl Asset {
    /// Returns the document id of the asset.
    #[must_use]
    pub fn id(&self) -> AssetId {
        AssetId::of(&self.name)
    }

    /// Returns the value at a path of the resource's data, such as `["labels", "team"]`.
    #[must_use]
    pub fn data(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let top = self.resource.as_ref()?.data.get(*first)?;
        rest.iter().try_fold(top, |value, key| value.get(key))
    }

    /// Takes over whatever `newer`, another export line of the same asset, holds.
    ///
    /// Google exports resources and policies in separate lines.
    pub fn merge(&mut self, newer: Self) {
        self.asset_type = newer.asset_type;
        if !newer.ancestors.is_empty() {
            self.ancestors = newer.ancestors;
        }
        self.update_time = newer.update_time.or(self.update_time.take());
        self.resource = newer.resource.or(self.resource.take());
        self.iam_policy = newer.iam_policy.or(self.iam_policy.take());
        self.other.extend(newer.other);
    }
}

/// A part of an asset that one document cannot hold, as JSON text. The asset's own document has
/// its name, type, ancestors and time, and in `storedInParts` how many parts there are and the
/// SHA-256 of the whole text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetPart {
    /// The text, which may end anywhere between two letters.
    pub text: String,
}

impl Document for AssetPart {
    type Id = AssetPartId;
}

/// The resource part of an asset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The resource in the shape of its own API.
    #[serde(default)]
    pub data: Map<String, Value>,
    /// Version, discovery document, parent, location and whatever else the export says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An IAM policy.
///
/// Source: <https://cloud.google.com/iam/docs/reference/rest/v1/Policy>.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IamPolicy {
    /// Who holds which role.
    #[serde(default)]
    pub bindings: Vec<Binding>,
    /// Entity tag, version, audit configuration.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The members that hold one role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Binding {
    /// The role, such as `roles/run.invoker`.
    pub role: String,
    /// The members, such as `serviceAccount:a@p.iam.gserviceaccount.com`.
    #[serde(default)]
    pub members: Vec<String>,
    /// The condition under which the binding holds, and other fields.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(value: Value) -> Asset {
        serde_json::from_value(value).expect("an asset")
    }

    #[test]
    fn camel_and_snake_case_exports_are_the_same_asset() {
        let policy = json!({"bindings": [{"role": "roles/viewer", "members": ["user:a@b.c"]}]});
        let camel = json!({"name": "//x", "assetType": "t", "iamPolicy": policy});
        let snake = json!({"name": "//x", "asset_type": "t", "iam_policy": policy});
        assert_eq!(parse(camel), parse(snake));
    }

    #[test]
    fn fields_that_mesh_does_not_read_are_kept() {
        let line = json!({
            "name": "//x", "assetType": "t", "accessLevel": {"title": "a"},
            "resource": {"version": "v1", "data": {"labels": {"team": "a"}}, "location": "eu"},
        });
        let asset = parse(line.clone());
        assert_eq!(asset.data(&["labels", "team"]), Some(&json!("a")));
        assert_eq!(serde_json::to_value(asset).expect("serializes"), line);
    }

    #[test]
    fn a_policy_line_joins_the_resource_line_of_the_same_asset() {
        let mut asset = parse(json!({"name": "//x", "assetType": "t", "resource": {"data": {}}}));
        asset.merge(parse(json!({"name": "//x", "assetType": "t", "iamPolicy": {"bindings": []}})));
        assert!(asset.resource.is_some() && asset.iam_policy.is_some());
    }
}
