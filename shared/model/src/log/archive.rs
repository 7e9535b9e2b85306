//! The log's copy in a bucket: how far it is, and what came of comparing it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Document, LogArchiveId, Measurement, Timestamp};

/// How far the log is copied to a bucket. What is behind is copied by the next pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogArchive {
    /// How many full bundles of entries are copied, with every tile that they fill.
    pub bundles: u64,
    /// The size of the last checkpoint that is copied.
    pub checkpoint: u64,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint_at: Option<Timestamp>,
    /// The size of the last checkpoint whose whole tree is copied: also the entries and tiles
    /// that were not full at this size.
    pub whole: u64,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole_at: Option<Timestamp>,
    /// When a pass last copied all that there was to copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
    /// Since when passes fail; absent while they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Why the last pass failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Objects that were there before, with other content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign: Vec<String>,
}

/// What of a copy was compared in one night.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveCheck {
    /// How many objects were listed: every tile, and some checkpoints.
    pub objects: u64,
    /// How many of them were read and compared byte by byte.
    pub compared: u64,
}

impl Document for LogArchive {
    type Id = LogArchiveId;
}

// What it says can be found out again.
impl Measurement for LogArchive {}
