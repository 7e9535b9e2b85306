//! Identifiers: one type for each kind of document, none of which can be swapped.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{DocumentId, InvalidPath, Timestamp};

/// Returns the first 128 bits of SHA-256 over the parts, as 32 hexadecimal digits.
///
/// Parts are separated by a zero byte, so that `["ab", "c"]` and `["a", "bc"]`
/// differ. 128 bits make a collision by chance negligible for any estate.
#[must_use]
pub fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex::encode(&hasher.finalize()[..16])
}

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            utoipa::ToSchema,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an identifier that is already known to be one.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// Returns the identifier's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! document_id {
    ($(#[$doc:meta])* $name:ident in $collection:literal) => {
        string_id!($(#[$doc])* $name);

        impl DocumentId for $name {
            const COLLECTION: &'static str = $collection;

            fn path(&self) -> String {
                format!("{}/{}", $collection, self.0)
            }

            fn from_path(path: &str) -> Result<Self, InvalidPath> {
                path.strip_prefix(concat!($collection, "/"))
                    .filter(|id| !id.is_empty() && !id.contains('/'))
                    .map(Self::new)
                    .ok_or_else(|| InvalidPath { path: path.to_owned(), collection: $collection })
            }
        }
    };
}

/// A document that is one of several, in their order, below another.
macro_rules! numbered_id {
    ($(#[$doc:meta])* $name:ident of $parent:ident: $parent_id:ident in $collection:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            /// The document that it belongs to.
            pub $parent: $parent_id,
            /// Its place, from 0.
            pub index: u32,
        }

        impl DocumentId for $name {
            const COLLECTION: &'static str = $collection;

            fn path(&self) -> String {
                let below = $collection.rsplit('/').next().unwrap_or_default();
                format!("{}/{below}/{:04}", self.$parent.path(), self.index)
            }

            fn from_path(path: &str) -> Result<Self, InvalidPath> {
                let invalid = || InvalidPath { path: path.to_owned(), collection: $collection };
                let (above, index) = path.rsplit_once('/').ok_or_else(invalid)?;
                let (parent, below) = above.rsplit_once('/').ok_or_else(invalid)?;
                let id = Self {
                    $parent: $parent_id::from_path(parent).map_err(|_| invalid())?,
                    index: index.parse().map_err(|_| invalid())?,
                };
                let is_ours = $collection.rsplit('/').next() == Some(below);
                is_ours.then_some(id).ok_or_else(invalid)
            }
        }
    };
}

document_id!(
    /// Names an asset of the estate; made from its full resource name.
    AssetId in "assets"
);
document_id!(
    /// Names since when what is known of an asset is so, by the asset's id.
    AssetTimesId in "asset_times"
);
document_id!(
    /// Names a listing of the estate, by when it began.
    AssetListingId in "asset_listings"
);
document_id!(
    /// Names one run of the audit.
    AuditId in "audits"
);
document_id!(
    /// Names a control of the audit, such as `RUN-01`.
    AuditControlId in "audit_controls"
);
document_id!(
    /// Names an exception from a control of the audit.
    ExceptionId in "exceptions"
);
document_id!(
    /// Names a finding: its fingerprint, the same for every run.
    FindingId in "findings"
);
document_id!(
    /// Names a service that the mesh watches.
    ServiceId in "services"
);
document_id!(
    /// Names a system check.
    CheckId in "checks"
);
document_id!(
    /// Names the last sign of life of a heartbeat check, by the check's id.
    HeartbeatId in "heartbeats"
);
document_id!(
    /// Names what is remembered of some checks between ticks.
    CheckShardId in "check_shards"
);
document_id!(
    /// Names who runs the checks.
    CheckLeaseId in "check_leases"
);
document_id!(
    /// Names a write that has to come back through its trigger.
    CanaryId in "canaries"
);
document_id!(
    /// Names what a canary's trigger saw.
    EchoId in "canary_echoes"
);
document_id!(
    /// Names the last success of a schedule, as `function.trigger`.
    ScheduleRunId in "schedule_runs"
);
document_id!(
    /// Names an incident.
    IncidentId in "incidents"
);
document_id!(
    /// Names an override request.
    OverrideId in "overrides"
);
document_id!(
    /// Names a kill switch, such as `trading`.
    ControlName in "controls"
);
document_id!(
    /// Names a running instance of a function.
    InstanceId in "instances"
);
document_id!(
    /// Names a record of the journal.
    RecordId in "journal"
);
document_id!(
    /// Names one delivery of an event to one trigger, the same for every attempt.
    EventId in "deliveries"
);
document_id!(
    /// Names a dead letter.
    LetterId in "dead_letters"
);
document_id!(
    /// Names a person, as Firebase Authentication does.
    Uid in "users"
);
document_id!(
    /// Names what a person wants to be told of, by the person.
    PreferencesId in "preferences"
);
document_id!(
    /// Names an elevation.
    GrantId in "grants"
);
document_id!(
    /// Names an access review.
    ReviewId in "access_reviews"
);
document_id!(
    /// Names what one instance decided for one caller on one day.
    TallyId in "decisions"
);
document_id!(
    /// Names a request that is answered once: a caller, a route and an idempotency key.
    RequestId in "requests"
);
document_id!(
    /// Names a pass over everybody's claims.
    ClaimsPassId in "claims_passes"
);
document_id!(
    /// Names a log: how large it is, and who adds to it.
    LogHeadId in "log_heads"
);
document_id!(
    /// Names how far the journal was looked through for records that are not sealed.
    LogSweepId in "log_sweeps"
);
document_id!(
    /// Names the place of a journal record in the log, by the record's id.
    LogEntryId in "log_entries"
);
document_id!(
    /// Names a tile of the log's tree, as `level-number`.
    LogTileId in "log_tiles"
);
document_id!(
    /// Names some entries of the log, by the index of the first.
    LogBundleId in "log_bundles"
);
document_id!(
    /// Names a checkpoint, by the size of the log.
    LogCheckpointId in "log_checkpoints"
);
document_id!(
    /// Names a replay of the whole log.
    LogCheckId in "log_checks"
);
document_id!(
    /// Names the copy of the log in a bucket, by the bucket's name.
    LogArchiveId in "log_archives"
);
document_id!(
    /// Names the last checkpoint of a log that the witness cosigned, by a digest of its origin.
    WitnessCheckpointId in "witness_checkpoints"
);
document_id!(
    /// Names the key of a person in the log, by a pseudonym.
    SubjectId in "subject_keys"
);
document_id!(
    /// Names a request to make a person's part of the log unreadable.
    ShredRequestId in "shred_requests"
);
string_id!(
    /// Follows one cause through every function, document and log line.
    CorrelationId
);

impl AssetId {
    /// Returns the id of the asset with this full resource name.
    ///
    /// Resource names hold slashes, which document ids cannot, so the id is a digest.
    #[must_use]
    pub fn of(resource_name: &str) -> Self {
        Self::new(digest(&[resource_name]))
    }
}

impl FindingId {
    /// Returns the fingerprint of a control that fails on an asset.
    #[must_use]
    pub fn of(control: &str, asset_name: &str) -> Self {
        Self::new(digest(&[control, asset_name]))
    }
}

/// How many digits an index of the log has in an id, so that ids sort as numbers do.
const INDEX_DIGITS: usize = 16;

impl LogBundleId {
    /// Returns the id of the document whose first entry has this index.
    #[must_use]
    pub fn starting_at(index: u64) -> Self {
        Self::new(format!("{index:0INDEX_DIGITS$}"))
    }
}

impl LogCheckpointId {
    /// Returns the id of the checkpoint of a log of this size.
    #[must_use]
    pub fn of_size(size: u64) -> Self {
        Self::new(format!("{size:0INDEX_DIGITS$}"))
    }
}

impl LogTileId {
    /// Returns the id of a tile.
    #[must_use]
    pub fn of(level: u8, number: u64) -> Self {
        Self::new(format!("{level}-{number:0INDEX_DIGITS$}"))
    }
}

impl LogEntryId {
    /// Returns the id of a journal record's place.
    #[must_use]
    pub fn of(record: &RecordId) -> Self {
        Self::new(record.as_str())
    }
}

impl EventId {
    /// Returns the id of an event as one trigger of one function receives it.
    ///
    /// CloudEvents makes `source` and `id` together unique; two triggers may
    /// match one event, so the trigger is part of the name.
    #[must_use]
    pub fn of(function: &str, trigger: &str, source: &str, id: &str) -> Self {
        Self::new(digest(&[function, trigger, source, id]))
    }
}

/// Names one result of a check: the check and the tick it ran for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResultId {
    /// The check that ran.
    pub check: CheckId,
    /// The scheduled time it ran for.
    pub tick: Timestamp,
}

impl DocumentId for CheckResultId {
    const COLLECTION: &'static str = "checks/{check}/results";

    fn path(&self) -> String {
        format!("checks/{}/results/{}", self.check, self.tick)
    }

    fn from_path(path: &str) -> Result<Self, InvalidPath> {
        let invalid = || InvalidPath { path: path.to_owned(), collection: Self::COLLECTION };
        match path.split('/').collect::<Vec<_>>()[..] {
            ["checks", check, "results", tick] if !check.is_empty() => {
                Ok(Self { check: CheckId::new(check), tick: tick.parse().map_err(|_| invalid())? })
            }
            _ => Err(invalid()),
        }
    }
}

numbered_id!(
    /// Names one part of an asset that a document cannot hold.
    AssetPartId of asset: AssetId in "assets/{asset}/parts"
);
numbered_id!(
    /// Names one part of the rows of a run of the audit.
    AuditRowsId of audit: AuditId in "audits/{audit}/rows"
);
numbered_id!(
    /// Names one part of a dead letter's body.
    LetterPartId of letter: LetterId in "dead_letters/{letter}/parts"
);

/// Names what one instance says of one control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AckId {
    /// The control.
    pub control: ControlName,
    /// The instance.
    pub instance: InstanceId,
}

impl DocumentId for AckId {
    const COLLECTION: &'static str = "controls/{control}/acks";

    fn path(&self) -> String {
        format!("controls/{}/acks/{}", self.control, self.instance)
    }

    fn from_path(path: &str) -> Result<Self, InvalidPath> {
        match path.split('/').collect::<Vec<_>>()[..] {
            ["controls", control, "acks", instance]
                if !control.is_empty() && !instance.is_empty() =>
            {
                Ok(Self { control: ControlName::new(control), instance: InstanceId::new(instance) })
            }
            _ => Err(InvalidPath { path: path.to_owned(), collection: Self::COLLECTION }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_back_to_its_id() {
        let finding = FindingId::of("RUN-01", "//run.googleapis.com/x");
        assert_eq!(FindingId::from_path(&finding.path()).expect("own path"), finding);
        let tick = "2026-01-01T00:01:00Z".parse().expect("valid");
        let result = CheckResultId { check: CheckId::new("api"), tick };
        assert_eq!(CheckResultId::from_path(&result.path()).expect("own path"), result);
        let part = AssetPartId { asset: AssetId::new("a"), index: 7 };
        assert_eq!(part.path(), "assets/a/parts/0007");
        assert_eq!(AssetPartId::from_path(&part.path()).expect("own path"), part);
    }

    #[test]
    fn a_path_of_another_collection_is_refused() {
        for path in ["assets/a", "findings", "findings/", "findings/a/b", ""] {
            assert!(FindingId::from_path(path).is_err(), "{path}");
        }
        for path in ["assets/a/parts", "assets/a/rows/0001", "assets//parts/0001", "a/b/parts/1"] {
            assert!(AssetPartId::from_path(path).is_err(), "{path}");
        }
    }

    #[test]
    fn a_digest_separates_its_parts() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]).len(), 32);
    }
}
