//! Replaying a whole log: every tile is computed anew from the entries.

use std::{collections::BTreeMap, error::Error, fmt, future::Future};

use tlog_tiles::Hash;

use crate::{Accepted, Resource, TILE_WIDTH, TileId, Tiles, decode_bundle, leaf_hash};

/// More problems than these say nothing new.
const PROBLEMS_MAX: usize = 100;
/// Bytes of a hash in a tile.
const HASH_BYTES: usize = 32;

/// Where a log's tiles and entries are read from.
pub trait Source: Sync {
    /// Why something cannot be read, other than because it is not there.
    type Error: Error + Send + Sync + 'static;

    /// Reads what stands at a path. A partial tile may be answered with a wider one.
    fn read(
        &self,
        resource: Resource,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;
}

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries were read.
    pub entries: u64,
    /// How many tiles of hashes were compared.
    pub tiles: u64,
    /// What is wrong, at most 100 things; empty when the log is whole.
    pub problems: Vec<String>,
}

/// Why a log cannot be replayed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError<E: Error + 'static> {
    /// It cannot be read.
    #[error("cannot read `{path}`")]
    Source {
        /// What was read.
        path: String,
        /// Why.
        #[source]
        source: E,
    },
}

/// Replays a log up to a checkpoint that a policy believes, and compares every tile with what
/// its entries make. `earlier` are roots that the log had at smaller sizes: a log that was
/// rewritten since does not have them any more. `seen` gets every entry, in order.
///
/// # Errors
/// When the source cannot be read. What is missing or wrong is in what is returned.
pub async fn verify_log<S: Source>(
    source: &S,
    accepted: &Accepted,
    earlier: &BTreeMap<u64, Hash>,
    mut seen: impl FnMut(u64, &[u8]) + Send,
) -> Result<Verified, VerifyError<S::Error>> {
    let size = accepted.checkpoint.size;
    let mut replay = Replay { source, size, tiles: Tiles::default(), found: Found::default() };
    for number in 0..size.div_ceil(TILE_WIDTH) {
        let first = number * TILE_WIDTH;
        let Some(leaves) = replay.leaves(number, &mut seen).await? else {
            return Ok(replay.found.done(first));
        };
        for (index, leaf) in (first..).zip(leaves) {
            match replay.tiles.append(index, leaf) {
                Ok(changed) => {
                    for id in changed.into_iter().filter(|id| id.level > 0) {
                        replay.compare_if_full(id).await?;
                    }
                }
                Err(error) => {
                    replay.found.problem(error);
                    return Ok(replay.found.done(index));
                }
            }
            if let Some(root) = earlier.get(&(index + 1))
                && let Some(problem) = replay.refute("an earlier checkpoint", index + 1, *root)
            {
                replay.found.refuted.push(problem);
            }
        }
        replay.tiles.retain_edge((first + TILE_WIDTH).min(size));
    }
    for id in Tiles::edge(size).filter(|id| id.level > 0) {
        replay.compare(id).await?;
    }
    let wrong = replay.refute("the checkpoint", size, accepted.checkpoint.root);
    replay.found.judge(wrong.is_none());
    wrong.into_iter().for_each(|wrong| replay.found.problem(wrong));
    for later in earlier.range(size + 1..).map(|(size, _)| size) {
        replay.found.problem(format!("the log had {later} entries once, and has {size} now"));
    }
    Ok(replay.found.done(size))
}

struct Replay<'a, S> {
    source: &'a S,
    size: u64,
    tiles: Tiles,
    found: Found,
}

#[derive(Default)]
struct Found {
    tiles: u64,
    problems: Vec<String>,
    /// Tiles whose hashes are not those that the entries make; whose fault it is, the root
    /// tells.
    differing: Vec<(String, Option<String>)>,
    /// What is said of earlier roots that the entries do not make.
    refuted: Vec<String>,
}

impl<S: Source> Replay<'_, S> {
    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, VerifyError<S::Error>> {
        let read = self.source.read(resource).await;
        read.map_err(|source| VerifyError::Source { path: resource.to_string(), source })
    }

    /// Reads a tile's hashes, exactly as many as it has in a log of this size.
    async fn hashes(&mut self, id: TileId) -> Result<Option<Vec<Hash>>, VerifyError<S::Error>> {
        let width = id.width(self.size);
        let resource = Resource::Tile { id, width: width as u16 };
        self.found.tiles += 1;
        let Some(bytes) = self.read(resource).await? else {
            self.found.problem(format!("{resource}: it is missing"));
            return Ok(None);
        };
        let (chunks, rest) = bytes.as_chunks::<HASH_BYTES>();
        if (chunks.len() as u64) < width || !rest.is_empty() {
            let bytes = bytes.len();
            self.found.problem(format!("{resource}: {bytes} bytes are not {width} hashes"));
            return Ok(None);
        }
        Ok(Some(chunks[..width as usize].iter().map(|bytes| Hash(*bytes)).collect()))
    }

    /// Reads the entries of a bundle and returns their hashes; those of the tile where the
    /// bundle is gone. `None` when both are.
    async fn leaves(
        &mut self,
        number: u64,
        seen: &mut (impl FnMut(u64, &[u8]) + Send),
    ) -> Result<Option<Vec<Hash>>, VerifyError<S::Error>> {
        let id = TileId { level: 0, number };
        let width = id.width(self.size);
        let resource = Resource::Entries { number, width: width as u16 };
        let stored = self.hashes(id).await?;
        let Some(bytes) = self.read(resource).await? else {
            self.found.problem(format!("{resource}: it is missing"));
            return Ok(stored);
        };
        let entries = match decode_bundle(&bytes) {
            Ok(entries) if entries.len() as u64 >= width => entries,
            Ok(entries) => {
                let problem = format!("{resource}: it holds {} entries", entries.len());
                self.found.problem(problem);
                return Ok(stored);
            }
            Err(error) => {
                self.found.problem(format!("{resource}: {error}"));
                return Ok(stored);
            }
        };
        let entries = &entries[..width as usize];
        for (index, entry) in (number * TILE_WIDTH..).zip(entries) {
            seen(index, entry);
        }
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        if let Some(stored) = stored {
            let tile = Resource::Tile { id, width: width as u16 };
            self.found.compare(tile, Some(resource), &leaves, &stored);
        }
        Ok(Some(leaves))
    }

    async fn compare_if_full(&mut self, id: TileId) -> Result<(), VerifyError<S::Error>> {
        let full = self.tiles.get(id).is_some_and(|hashes| hashes.len() as u64 == TILE_WIDTH);
        if full { self.compare(id).await } else { Ok(()) }
    }

    /// Compares a tile above the leaves with what the tiles below it make.
    async fn compare(&mut self, id: TileId) -> Result<(), VerifyError<S::Error>> {
        let stored = self.hashes(id).await?;
        let made = self.tiles.get(id).unwrap_or_default();
        if let Some(stored) = stored {
            let tile = Resource::Tile { id, width: id.width(self.size) as u16 };
            self.found.compare(tile, None, made, &stored);
        }
        Ok(())
    }

    /// Compares the root at a size; says what is wrong unless it is the one that is expected.
    fn refute(&self, whose: &str, size: u64, expected: Hash) -> Option<String> {
        match self.tiles.root(size) {
            Ok(root) if root == expected => None,
            Ok(root) => Some(format!(
                "{whose} says that {size} entries have the root {expected}; they have {root}"
            )),
            Err(error) => Some(error.to_string()),
        }
    }
}

impl Found {
    fn problem(&mut self, problem: impl fmt::Display) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem.to_string());
        }
    }

    fn compare(&mut self, tile: Resource, below: Option<Resource>, made: &[Hash], stored: &[Hash]) {
        let place = made.iter().zip(stored).position(|(made, stored)| made != stored);
        let place = place.or((made.len() != stored.len()).then_some(made.len().min(stored.len())));
        if let Some(place) = place.filter(|_| self.differing.len() < PROBLEMS_MAX) {
            let below = below.map(|below| format!("{below}: entry {place}"));
            self.differing.push((format!("{tile}: hash {place}"), below));
        }
    }

    /// Says whose fault the differences are: when the entries make the root that was signed,
    /// the entries are right.
    fn judge(&mut self, entries_are_right: bool) {
        for (tile, below) in std::mem::take(&mut self.differing) {
            match below.filter(|_| !entries_are_right) {
                Some(below) => self.problem(format!("{below} and {tile} disagree")),
                None => self.problem(format!("{tile} is not what the entries make")),
            }
        }
    }

    fn done(mut self, entries: u64) -> Verified {
        self.judge(false);
        // One wrong entry makes all roots after it wrong: the first says where to look.
        let mut refuted = std::mem::take(&mut self.refuted).into_iter();
        if let Some(first) = refuted.next() {
            self.problem(first);
        }
        if refuted.len() > 0 {
            self.problem(format!("{} later checkpoints do not agree either", refuted.len()));
        }
        Verified { entries, tiles: self.tiles, problems: self.problems }
    }
}

#[cfg(test)]
mod tests;
