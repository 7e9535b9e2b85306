//! The nightly comparison: every tile by its size, and the content of some.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::SignedDuration;
use model::{
    LogCheckpointId, Timestamp,
    log::{ArchiveCheck, LogArchive, LogCheckpoint, LogHead},
};
use store::{
    StoreError,
    log::{StoredLog, head_id},
};
use tlog::{Resource, Source, TILE_WIDTH};

use super::{
    Archive, ArchiveError, BucketError, CHECKPOINTS, Listing, TILES, checkpoint_at, partial_at,
};

/// How many tiles and bundles are listed: those of some fifty million entries.
const LISTED_MAX: usize = 400_000;
/// How many bundles, how many tiles and how many checkpoints are read each night. Which, goes
/// round: after enough nights each was.
const READ_MAX: u64 = 200;
/// A large number without small factors: multiples of it come by everywhere.
const STRIDE: u64 = 2_654_435_761;
/// How old what is not in the copy is before it is missed there: passes come every minute, and
/// may fail for an hour before somebody is told.
pub(crate) const COPIED_WITHIN: SignedDuration = SignedDuration::from_hours(2);
/// More problems say nothing new.
const PROBLEMS_MAX: usize = 100;

/// A copy while it is compared with its log.
pub(crate) struct Comparison<'a> {
    archive: &'a Archive,
    state: LogArchive,
    /// How many bytes each object has.
    objects: HashMap<Box<str>, u64>,
    now: Timestamp,
    /// How many days have gone by since 1970.
    day: u64,
    found: Mutex<Found>,
}

/// What came of it so far.
#[derive(Default)]
struct Found {
    compared: u64,
    /// How many checkpoints were listed.
    checkpoints: u64,
    problems: Vec<String>,
    /// Once the bucket cannot be read any more, it is not asked again.
    away: bool,
}

impl<'a> Comparison<'a> {
    /// Lists the copy, before the log is read: it has no tile that the log will not have.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) async fn of(archive: &'a Archive, now: Timestamp) -> Result<Self, ArchiveError> {
        let state = archive.state().await?;
        let mut found = Found::default();
        let mut objects = HashMap::new();
        let mut next = None;
        loop {
            let page = archive.bucket.list(TILES, Listing::After(next.as_deref())).await?;
            let named = page.objects.into_iter().map(|object| (object.name.into(), object.bytes));
            objects.extend(named);
            next = page.next;
            if next.is_none() {
                break;
            }
            if objects.len() > LISTED_MAX {
                let many = format!("there are more than {LISTED_MAX} tiles");
                return Err(BucketError::Answer(many).into());
            }
        }
        let foreign = state.foreign.iter().map(|object| format!("copy: `{object}` is another"));
        found.problems.extend(foreign);
        let day = u64::try_from(now.as_second()).unwrap_or_default() / (24 * 60 * 60);
        Ok(Self { archive, state, objects, now, day, found: Mutex::new(found) })
    }

    /// Tells whether there is no tile.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Ends the comparison with what is no full tile: checkpoints, what is not full, and what
    /// the bucket has beyond the end of the log. The log was read up to `size`; `due` entries
    /// have been there for hours.
    ///
    /// # Errors
    /// When documents cannot be read. What is wrong with the copy is in the result.
    pub(crate) async fn finish(
        self,
        size: u64,
        due: u64,
    ) -> Result<(ArchiveCheck, Vec<String>), StoreError> {
        let late = self.state.done_at.is_none_or(|at| at.plus(COPIED_WITHIN) < self.now);
        if due > 0 && late {
            let since = self.state.done_at.map_or("ever".into(), |at| format!("since {at}"));
            self.problem(format!("copy: not all was copied {since}"));
        }
        let known = BTreeSet::from([self.state.whole, self.state.checkpoint]);
        for known in known.iter().filter(|known| **known > 0) {
            self.checkpoint(&checkpoint_at(*known)).await?;
        }
        let some = self.listed(self.day.wrapping_mul(STRIDE) % (size + 1)).await;
        let others = |of: &u64| *of <= size && !known.contains(of);
        let others = some.iter().filter(|name| reach(name).is_some_and(|of| others(&of)));
        for name in others.take(READ_MAX as usize) {
            self.checkpoint(name).await?;
        }
        if self.state.whole <= size {
            for resource in partial_at(self.state.whole) {
                let log = StoredLog(self.archive.store.clone());
                if let Some(content) = log.read(resource).await? {
                    self.content(resource, &content).await;
                }
            }
        }
        let mut last = self.listed(size + 1).await;
        last.extend(self.objects.keys().map(ToString::to_string));
        // Read when both lists are there: a log only grows, and its copy after it.
        let head = self.archive.store.get::<LogHead>(&head_id()).await?;
        let end = head.map_or(0, |head| head.document.size);
        last.sort_unstable();
        for name in last.iter().filter(|name| reach(name).is_none_or(|reach| reach > end)) {
            self.problem(format!("copy: `{name}` is there, and is not of a log of {end} entries"));
        }
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let objects = self.objects.len() as u64 + found.checkpoints;
        Ok((ArchiveCheck { objects, compared: found.compared }, found.problems))
    }

    /// Lists a page of checkpoints from a size on.
    async fn listed(&self, from: u64) -> Vec<String> {
        let from = checkpoint_at(from);
        match self.archive.bucket.list(CHECKPOINTS, Listing::From(&from)).await {
            Ok(page) => {
                self.found().checkpoints += page.objects.len() as u64;
                page.objects.into_iter().map(|object| object.name).collect()
            }
            Err(failure) => {
                self.problem(format!("copy: {failure}"));
                Vec::new()
            }
        }
    }

    /// Compares a checkpoint with the log's of the same size.
    async fn checkpoint(&self, object: &str) -> Result<(), StoreError> {
        let id = LogCheckpointId::new(object.trim_start_matches(CHECKPOINTS));
        let stored = self.archive.store.get::<LogCheckpoint>(&id).await?;
        if let Some(copy) = self.read(object).await
            && !stored.is_some_and(|stored| self.archive.says(&copy, &stored.document.note))
        {
            self.problem(format!("copy: `{object}` is another"));
        }
        Ok(())
    }

    /// Returns how many entries have to be there, besides what is due for its age.
    fn copied(&self) -> u64 {
        self.state.bundles * TILE_WIDTH
    }

    /// Compares the size of something that has to be there.
    fn size(&self, resource: Resource, content: &[u8]) {
        let object = resource.to_string();
        match self.objects.get(&*object) {
            None => self.problem(format!("copy: `{object}` is missing")),
            Some(bytes) if *bytes != content.len() as u64 => {
                let expected = content.len();
                self.problem(format!("copy: `{object}` has {bytes} bytes instead of {expected}"));
            }
            Some(_) => {}
        }
    }

    /// Compares the content of something.
    async fn content(&self, resource: Resource, content: &[u8]) {
        let object = resource.to_string();
        if let Some(copy) = self.read(&object).await
            && copy != content
        {
            self.problem(format!("copy: `{object}` is another"));
        }
    }

    async fn read(&self, object: &str) -> Option<Vec<u8>> {
        if self.found().away {
            return None;
        }
        match self.archive.bucket.read(object).await {
            Ok(Some(copy)) => {
                self.found().compared += 1;
                Some(copy)
            }
            Ok(None) => {
                self.problem(format!("copy: `{object}` is missing"));
                None
            }
            Err(failure) => {
                self.found().away = true;
                self.problem(format!("copy: {failure}"));
                None
            }
        }
    }

    /// Tells whether it is the turn of a number out of so many.
    fn turn(&self, number: u64, of: u64) -> bool {
        let nights = of.div_ceil(READ_MAX).max(1);
        number % nights == self.day % nights
    }

    fn problem(&self, problem: String) {
        let mut found = self.found();
        if found.problems.len() < PROBLEMS_MAX {
            found.problems.push(problem);
        }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how many entries a log has at least that has an object of a name; `None` if none has.
fn reach(name: &str) -> Option<u64> {
    match name.strip_prefix(CHECKPOINTS) {
        Some(digits) => digits
            .parse()
            .ok()
            .filter(|size: &u64| LogCheckpointId::of_size(*size).as_str() == digits),
        None => name.parse().ok().map(end_of),
    }
}

/// Returns how many entries a log has at least that has something.
fn end_of(resource: Resource) -> u64 {
    match resource {
        Resource::Checkpoint => 0,
        Resource::Entries { number, width } => number.saturating_mul(TILE_WIDTH) + u64::from(width),
        Resource::Tile { id, width } => {
            let hashes = u128::from(id.number) * u128::from(TILE_WIDTH) + u128::from(width);
            let entries = hashes << (u32::from(id.level) * 8);
            u64::try_from(entries).unwrap_or(u64::MAX)
        }
    }
}

/// A log that is compared with its copy while somebody reads it.
pub(crate) struct Compared<'a> {
    /// The log.
    pub(crate) log: StoredLog,
    /// Its copy, if there is one to compare with.
    pub(crate) comparison: Option<&'a Comparison<'a>>,
    /// Up to which size of the log everything has to be there.
    pub(crate) due: u64,
}

impl Source for Compared<'_> {
    type Error = StoreError;

    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        let content = self.log.read(resource).await?;
        let (Some(comparison), Some(content)) = (self.comparison, &content) else {
            return Ok(content);
        };
        let (number, width) = match resource {
            Resource::Entries { number, width } => (number, width),
            Resource::Tile { id, width } => (id.number, width),
            Resource::Checkpoint => return Ok(Some(content.clone())),
        };
        let full = u64::from(width) == TILE_WIDTH;
        if full && end_of(resource) <= self.due.max(comparison.copied()) {
            comparison.size(resource, content);
            let known = comparison.objects.contains_key(&*resource.to_string());
            if known && comparison.turn(number, comparison.state.bundles) {
                comparison.content(resource, content).await;
            }
        }
        Ok(Some(content.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_somewhere_tells_how_long_its_log_is() {
        for (path, entries) in [
            ("tile/entries/000", 256),
            ("tile/entries/001.p/7", 263),
            ("tile/0/001.p/7", 263),
            ("tile/1/000.p/2", 512),
            ("tile/1/001", 131_072),
            ("tile/2/000.p/1", 65_536),
            ("tile/7/x999/x999/999", u64::MAX),
        ] {
            assert_eq!(reach(path), Some(entries), "{path}");
        }
        assert_eq!(reach("checkpoints/0000000000000300"), Some(300));
        for stranger in ["checkpoints/300", "checkpoints/x", "tile/nothing", "tile/8/000"] {
            assert_eq!(reach(stranger), None, "{stranger}");
        }
    }
}
