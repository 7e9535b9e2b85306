//! The audit log: what is kept of it, and what an entry says.
//!
//! Journal records are sealed into a transparency log. The crate `tlog` has its arithmetic;
//! here are its documents.

mod archive;
mod entry;
mod shred;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use archive::{ArchiveCheck, LogArchive};
pub use entry::{Entry, Personal, SealedPart};
pub use shred::{ShredRequest, ShredState, SubjectKey};

use crate::{
    Document, Kept, LogBundleId, LogCheckId, LogCheckpointId, LogEntryId, LogHeadId, LogSweepId,
    LogTileId, Measurement, RecordId, Timestamp, WitnessCheckpointId,
};

/// How large the log is, and who adds to it. Whoever adds replaces it as it was read, in the
/// same commit, so that of two only one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// How many entries there are.
    pub size: u64,
    /// Counts the changes of hands: who was away in between has an older one.
    pub epoch: u64,
    /// Who adds to it just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// Until when others leave it to the holder.
    pub until: Timestamp,
}

/// How far the journal was looked through for records that are not sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSweep {
    /// Every record whose id sorts before, and this one, is sealed.
    pub swept: RecordId,
}

/// Where a journal record is in the log. There is one for each record, and it is only ever
/// created, so that no record is sealed twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    /// The entry's place, from 0.
    pub index: u64,
    /// The entry's hash as a leaf of the tree, in Base64.
    pub leaf: String,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// A tile of the log's tree. The last one of each level grows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogTile {
    /// Up to 256 hashes of 32 bytes, one after another, in Base64.
    pub hashes: String,
}

/// Entries that follow each other. Up to 256 of them make a bundle, in one document as long
/// as they fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogBundle {
    /// The entries, each as the text that was hashed.
    pub entries: Vec<String>,
    /// The index at which the bundle goes on in another document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// A checkpoint: what the log's key says about the log, and who cosigned it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogCheckpoint {
    /// How many entries the log had.
    pub size: u64,
    /// The root of its tree, in Base64.
    pub root: String,
    /// The signed note, with every signature.
    pub note: String,
    /// When it was last signed.
    pub at: Timestamp,
    /// The size once more, when a witness cosigned it; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed_size: Option<u64>,
}

/// What came of replaying the whole log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogCheck {
    /// When it began.
    pub at: Timestamp,
    /// How many entries were read.
    pub entries: u64,
    /// How many tiles were compared.
    pub tiles: u64,
    /// How many journal records were compared with their entries.
    pub records: u64,
    /// What is wrong with the log, or between it and the journal; empty when nothing is.
    pub problems: Vec<String>,
    /// Numbers that no record has, though later ones of the same process exist.
    pub gaps: Vec<String>,
    /// What of the log's copy in a bucket was compared; absent where there is none, or where
    /// it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveCheck>,
}

/// The last checkpoint of a log that the witness cosigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessCheckpoint {
    /// The log.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of its tree, in Base64.
    pub root: String,
    /// The note, as the log signed it.
    pub note: String,
    /// When it was cosigned.
    pub at: Timestamp,
}

impl Document for LogHead {
    type Id = LogHeadId;
}

impl Kept for LogHead {}

impl Document for LogSweep {
    type Id = LogSweepId;
}

// What it says can be found out again.
impl Measurement for LogSweep {}

impl Document for LogEntry {
    type Id = LogEntryId;
}

impl Kept for LogEntry {}

impl Document for LogTile {
    type Id = LogTileId;
}

impl Kept for LogTile {}

impl Document for LogBundle {
    type Id = LogBundleId;
}

impl Kept for LogBundle {}

impl Document for LogCheckpoint {
    type Id = LogCheckpointId;
}

impl Kept for LogCheckpoint {}

impl Document for LogCheck {
    type Id = LogCheckId;
}

impl Kept for LogCheck {}

impl Document for WitnessCheckpoint {
    type Id = WitnessCheckpointId;
}

impl Kept for WitnessCheckpoint {}
