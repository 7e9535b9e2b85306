//! One pass: what is full, the newest checkpoint, and now and then what is not full.

use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::SignedDuration;
use model::{
    DocumentId, LogCheckpointId, Timestamp,
    log::{LogArchive, LogCheckpoint},
};
use store::{Query, log};
use tlog::{Resource, TILE_WIDTH};
use tokio::time::Instant;
use tracing::error;

use super::{
    Added, Archive, ArchiveError, checkpoint_at, filled_by, partial_at,
    proven::{Proven, signed, unproven},
};

/// How long one pass takes; the next one goes on.
const TIME_MAX: Duration = Duration::from_secs(30);
/// How many bundles are copied at a time: each may have 16 MiB, and is in memory thrice.
const BUNDLES_ABREAST: usize = 2;
/// After how many bundles it is noted how far the copy is.
const NOTED_EVERY: u64 = 64;
/// How long the witness may be silent before a checkpoint is copied without it, and how often
/// that is done then.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How often what is not full is copied. It is copied again once it is full, and what is
/// retained takes its space for years.
const WHOLE_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What is kept of tiles and of bundles.
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

impl Archive {
    /// Copies what `archive` does not say is copied, and notes there how far it came.
    pub(super) async fn pass(
        &self,
        archive: &mut LogArchive,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let Some(latest) = log::latest_checkpoint(&self.store).await? else { return Ok(()) };
        let proven = Proven::of(&self.store, &self.log, &latest.note).await?;
        let ended = self.bundles(archive, &proven).await?;
        self.checkpoint(archive, latest, now).await?;
        if ended {
            self.whole(archive, &proven, now).await?;
            archive.done_at = Some(now);
        }
        Ok(())
    }

    /// Copies full bundles and tiles; tells whether it came to the end.
    async fn bundles(
        &self,
        archive: &mut LogArchive,
        proven: &Proven,
    ) -> Result<bool, ArchiveError> {
        let started = Instant::now();
        let full = proven.size() / TILE_WIDTH;
        let copy = |bundle: u64| async move {
            let mut foreign = Vec::new();
            for resource in filled_by(bundle) {
                foreign.extend(self.copy(proven, resource).await?);
            }
            Ok::<_, ArchiveError>((bundle, foreign))
        };
        let mut copied = stream::iter(archive.bundles..full).map(copy).buffered(BUNDLES_ABREAST);
        while let Some(next) = copied.next().await {
            let (bundle, foreign) = next?;
            archive.bundles = bundle + 1;
            archive.foreign.extend(foreign);
            if archive.bundles.is_multiple_of(NOTED_EVERY) {
                self.store.measure(&self.id(), &*archive).await?;
            }
            if started.elapsed() > TIME_MAX {
                break;
            }
        }
        Ok(archive.bundles >= full)
    }

    /// Copies the newest checkpoint that is cosigned. One a pass is enough: it proves all
    /// before it, and an object for each of a busy day would cost more than the log.
    async fn checkpoint(
        &self,
        archive: &mut LogArchive,
        latest: LogCheckpoint,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let newer = |checkpoint: &LogCheckpoint| checkpoint.size > archive.checkpoint;
        let witnessed = log::latest_witnessed(&self.store).await?;
        let heard = match &witnessed {
            Some(witnessed) => witnessed.at,
            None => self.began().await?.unwrap_or(now),
        };
        let long_ago = |at: Timestamp| at.plus(PATIENCE) <= now;
        let silent = long_ago(heard) && archive.checkpoint_at.is_none_or(long_ago);
        let witnessed = witnessed.filter(newer);
        let alone = Some(latest).filter(newer).filter(|_| silent);
        let Some(checkpoint) = witnessed.or(alone) else { return Ok(()) };
        archive.foreign.extend(self.copy_checkpoint(&checkpoint).await?);
        (archive.checkpoint, archive.checkpoint_at) = (checkpoint.size, Some(now));
        Ok(())
    }

    /// Returns when the log's first checkpoint was signed.
    async fn began(&self) -> Result<Option<Timestamp>, ArchiveError> {
        let page = self.store.list(&Query::<LogCheckpoint>::all().page_size(1)).await?;
        Ok(page.items.first().map(|stored| stored.document.at))
    }

    /// Copies what is not full of the last checkpoint that is copied, so that its whole tree
    /// is there.
    async fn whole(
        &self,
        archive: &mut LogArchive,
        proven: &Proven,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let size = archive.checkpoint;
        let due = archive.whole_at.is_none_or(|at| at.plus(WHOLE_EVERY) <= now);
        if !due || size <= archive.whole || size > proven.size() {
            return Ok(());
        }
        for resource in partial_at(size) {
            archive.foreign.extend(self.copy(proven, resource).await?);
        }
        (archive.whole, archive.whole_at) = (size, Some(now));
        Ok(())
    }

    /// Copies one thing; returns its name if something else has it.
    async fn copy(
        &self,
        proven: &Proven,
        resource: Resource,
    ) -> Result<Option<String>, ArchiveError> {
        let (object, content) = (resource.to_string(), proven.read(resource).await?);
        if self.bucket.add(&object, BYTES, &content).await? == Added::New {
            return Ok(None);
        }
        let same = self.bucket.read(&object).await?.is_some_and(|there| there == content);
        Ok(self.told(same, object))
    }

    async fn copy_checkpoint(
        &self,
        checkpoint: &LogCheckpoint,
    ) -> Result<Option<String>, ArchiveError> {
        let object = checkpoint_at(checkpoint.size);
        let accepted = signed(&self.log, &checkpoint.note)?;
        if accepted.checkpoint.size != checkpoint.size {
            let document = LogCheckpointId::of_size(checkpoint.size).path();
            return Err(unproven(&document, "it is signed for another size"));
        }
        let content = checkpoint.note.as_bytes();
        if self.bucket.add(&object, TEXT, content).await? == Added::New {
            return Ok(None);
        }
        let there = self.bucket.read(&object).await?;
        let same = there.is_some_and(|there| self.says(&there, &checkpoint.note));
        Ok(self.told(same, object))
    }

    /// Tells whether the copy of a checkpoint says what the log's says. It may have been
    /// cosigned again since.
    pub(super) fn says(&self, copy: &[u8], note: &str) -> bool {
        let opened = |note: &str| signed(&self.log, note).ok().map(|accepted| accepted.checkpoint);
        let copy = String::from_utf8_lossy(copy);
        copy == note || opened(&copy).is_some_and(|copied| opened(note) == Some(copied))
    }

    fn told(&self, same: bool, object: String) -> Option<String> {
        if same {
            return None;
        }
        let bucket = self.bucket.name();
        error!(event_name = "log-broken", "`{bucket}` has another `{object}` than the log");
        Some(object)
    }
}
