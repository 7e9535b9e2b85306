//! The log's copy in a bucket, where what is added can be neither replaced nor removed.
//!
//! The sealer writes the log to the database and knows nothing of this. A pass copies what is
//! full, and what is signed; a comparison each night holds the two against each other. Objects
//! are named as <https://c2sp.org/tlog-tiles> has it, besides `checkpoint`: that one would be
//! replaced again and again, so each checkpoint that is copied is at `checkpoints/<size>`.

mod bucket;
mod comparison;
mod error;
mod pass;
mod proven;

use model::{LogArchiveId, LogCheckpointId, Timestamp, log::LogArchive};
use store::Store;
use tlog::{Resource, TILE_WIDTH, TileId, VerifierKey};
use tracing::{error, info, warn};

pub use bucket::{Added, Bucket, BucketError, Listed, Listing, Page};
pub(crate) use comparison::{COPIED_WITHIN, Compared, Comparison};
pub use error::ArchiveError;

/// Where tiles and entries are.
const TILES: &str = "tile/";
/// Where checkpoints are, each by the size of the log.
pub(crate) const CHECKPOINTS: &str = "checkpoints/";
/// After so long, somebody has to look at why nothing is copied.
const LATE: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
/// More objects with other content say nothing new.
const FOREIGN_MAX: usize = 20;

/// Copies a log to a bucket, and compares the two.
#[derive(Clone)]
pub struct Archive {
    store: Store,
    log: VerifierKey,
    bucket: Bucket,
}

impl Archive {
    /// Makes the copy of a log that a key signs.
    #[must_use]
    pub fn new(store: Store, log: VerifierKey, bucket: Bucket) -> Self {
        Self { store, log, bucket }
    }

    /// Copies what is missing, as much as one pass may, and keeps how far that went. A bucket
    /// that cannot be reached is told in the log: records are sealed all the same, and a later
    /// pass copies them.
    pub async fn catch_up(&self, now: Timestamp) {
        if let Err(failure) = self.caught_up(now).await {
            tell(&failure);
        }
    }

    async fn caught_up(&self, now: Timestamp) -> Result<(), ArchiveError> {
        let mut archive = self.state().await?;
        let before = archive.clone();
        let outcome = self.pass(&mut archive, now).await;
        match &outcome {
            Ok(()) => (archive.failing_since, archive.failure) = (None, None),
            Err(failure) => {
                let since = *archive.failing_since.get_or_insert(now);
                archive.failure = Some(failure.to_string());
                if since.plus(LATE) < now {
                    error!(
                        event_name = "log-archive-late",
                        "nothing has been copied to `{}` since {since}",
                        self.bucket.name()
                    );
                }
            }
        }
        archive.foreign.sort();
        archive.foreign.dedup();
        archive.foreign.truncate(FOREIGN_MAX);
        self.store.measure(&self.id(), &archive).await?;
        let came = |archive: &LogArchive| (archive.bundles, archive.checkpoint, archive.whole);
        if came(&archive) != came(&before) {
            info!(
                log_bundles = archive.bundles,
                log_checkpoint = archive.checkpoint,
                "the log is copied up to checkpoint {}",
                archive.checkpoint
            );
        }
        outcome
    }

    /// Returns how far the copy is.
    async fn state(&self) -> Result<LogArchive, ArchiveError> {
        let stored = self.store.get::<LogArchive>(&self.id()).await?;
        Ok(stored.map(|stored| stored.document).unwrap_or_default())
    }

    fn id(&self) -> LogArchiveId {
        LogArchiveId::new(self.bucket.name())
    }
}

fn tell(failure: &ArchiveError) {
    match failure {
        ArchiveError::Unproven { .. } => error!(event_name = "log-broken", "{failure}"),
        _ => warn!(error = %Causes(failure), "the log is not copied: {failure}"),
    }
}

/// An error with what caused it.
struct Causes<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut cause = Some(self.0);
        while let Some(error) = cause {
            write!(f, "{error}")?;
            cause = error.source();
            if cause.is_some() {
                f.write_str(": ")?;
            }
        }
        Ok(())
    }
}

/// Returns where the checkpoint of a size is: names sort as sizes do, as in the database.
pub(crate) fn checkpoint_at(size: u64) -> String {
    format!("{CHECKPOINTS}{}", LogCheckpointId::of_size(size))
}

/// Returns what is full once a bundle is: the bundle, its tile, and the tiles above that the
/// tile fills.
fn filled_by(bundle: u64) -> Vec<Resource> {
    let width = TILE_WIDTH as u16;
    let mut id = TileId { level: 0, number: bundle };
    let mut filled =
        vec![Resource::Entries { number: bundle, width }, Resource::Tile { id, width }];
    while (id.number + 1).is_multiple_of(TILE_WIDTH) {
        id = TileId { level: id.level + 1, number: id.number / TILE_WIDTH };
        filled.push(Resource::Tile { id, width });
    }
    filled
}

/// Returns what is not full in a log of a size.
pub(crate) fn partial_at(size: u64) -> Vec<Resource> {
    let tile = |id: TileId| Resource::Tile { id, width: id.width(size) as u16 };
    let mut partial: Vec<_> = tlog::Tiles::edge(size).map(tile).collect();
    let width = (size % TILE_WIDTH) as u16;
    if width > 0 {
        partial.push(Resource::Entries { number: size / TILE_WIDTH, width });
    }
    partial
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(resources: Vec<Resource>) -> Vec<String> {
        resources.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_last_bundle_below_a_tile_fills_it() {
        assert_eq!(names(filled_by(254)), ["tile/entries/254", "tile/0/254"]);
        assert_eq!(names(filled_by(255)), ["tile/entries/255", "tile/0/255", "tile/1/000"]);
        let last = filled_by(TILE_WIDTH * TILE_WIDTH - 1);
        assert_eq!(names(last)[2..], ["tile/1/255", "tile/2/000"]);
    }

    #[test]
    fn what_is_not_full_and_what_is_are_the_whole_log() {
        for size in [1, 255, 256, 257, 65_535, 65_536, 65_536 + 256 + 1] {
            let full = (0..size / TILE_WIDTH).flat_map(filled_by);
            let mut all: Vec<_> = full.chain(partial_at(size)).collect();
            all.sort();
            let mut expected = Vec::new();
            for level in 0..8 {
                for number in 0.. {
                    let id = TileId { level, number };
                    let width = id.width(size) as u16;
                    if width == 0 {
                        break;
                    }
                    expected.push(Resource::Tile { id, width });
                    if level == 0 {
                        expected.push(Resource::Entries { number, width });
                    }
                }
            }
            expected.sort();
            assert_eq!(all, expected, "{size}");
        }
    }
}
