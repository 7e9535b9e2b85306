//! Changes of assets, as Cloud Asset Inventory tells them.
//!
//! Source: <https://cloud.google.com/asset-inventory/docs/monitoring-asset-changes>, and for
//! the fields <https://cloud.google.com/asset-inventory/docs/reference/rest/v1/TemporalAsset>.

use serde::{Deserialize, Serialize};

use super::Asset;
use crate::{AssetTimesId, Document, Measurement, Timestamp, topic::Message};

/// A change of an asset: a `TemporalAsset`. Of each there is one message for each kind of
/// content that the feed carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetChange {
    /// The asset as it is from then on; of one that is gone, its name and type. Absent in the
    /// greeting that a feed begins with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<Asset>,
    /// Since when it is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeWindow>,
    /// Whether the asset is gone.
    #[serde(default)]
    pub deleted: bool,
}

/// For which time something is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeWindow {
    /// Its beginning.
    pub start_time: Timestamp,
}

impl Message for AssetChange {
    const TOPIC: &'static str = "asset-changes";

    /// A feed begins with a sentence that says so.
    fn of_text(_text: &str) -> Option<Self> {
        Some(Self { asset: None, window: None, deleted: false })
    }
}

/// Since when what is known of an asset is so. Messages come in any order; what is older than
/// this is no news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetTimes {
    /// Since when its resource is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Timestamp>,
    /// Since when its policy is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_policy: Option<Timestamp>,
    /// Since when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
    /// When the listing began that last had its resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Timestamp>,
    /// When the listing began that last had its policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_listed: Option<Timestamp>,
    /// When nobody can be told any more what is older.
    pub expires_at: Timestamp,
}

impl Document for AssetTimes {
    type Id = AssetTimesId;
}

impl Measurement for AssetTimes {}

impl AssetTimes {
    /// Nothing is known yet.
    #[must_use]
    pub fn none(expires_at: Timestamp) -> Self {
        Self {
            resource: None,
            iam_policy: None,
            gone: None,
            listed: None,
            policy_listed: None,
            expires_at,
        }
    }
}
