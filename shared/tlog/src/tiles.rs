//! The tree in tiles: appending, the root, and proofs, all from tiles alone.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use tlog_tiles::{Hash, HashReader, node_hash, tlog::Error as TlogError};

/// How many hashes a full tile holds.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;
/// How many levels of the tree one level of tiles spans.
const TILE_HEIGHT: u8 = 8;
/// A proof is never longer: a tree of `u64` entries has no more levels.
pub(crate) const PROOF_HASHES_MAX: usize = 63;

/// Names a tile of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Its level: 0 holds the hashes of entries, 1 those of full tiles of level 0.
    pub level: u8,
    /// Its place within the level.
    pub number: u64,
}

impl TileId {
    /// Returns how many hashes the tile holds in a tree of a size.
    #[must_use]
    pub fn width(self, size: u64) -> u64 {
        let hashes = size.checked_shr(u32::from(self.level) * u32::from(TILE_HEIGHT)).unwrap_or(0);
        hashes.saturating_sub(self.number.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH)
    }
}

/// What is wrong with a tree or a proof.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A tile that is needed is not there, or too narrow.
    #[error("tile {}/{} lacks hash {place}", tile.level, tile.number)]
    Missing {
        /// The tile.
        tile: TileId,
        /// Which of its hashes.
        place: u64,
    },
    /// A hash does not go where it was put.
    #[error("tile {}/{} has {width} hashes where {expected} are expected", tile.level, tile.number)]
    Misplaced {
        /// The tile.
        tile: TileId,
        /// How many it has.
        width: u64,
        /// How many it should have.
        expected: u64,
    },
    /// There is no such entry, or no such earlier tree.
    #[error("{0} is not within a tree of {1} entries")]
    OutOfTree(u64, u64),
    /// The proof proves nothing.
    #[error("the proof does not hold")]
    Unproven,
}

/// Returns the hash of an entry as a leaf of the tree.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    tlog_tiles::record_hash(entry)
}

/// Some tiles of a tree; what is computed from them needs no other.
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    tiles: BTreeMap<TileId, Vec<Hash>>,
}

impl Tiles {
    /// Adds a tile, or replaces it.
    pub fn insert(&mut self, id: TileId, hashes: Vec<Hash>) {
        self.tiles.insert(id, hashes);
    }

    /// Returns a tile's hashes.
    #[must_use]
    pub fn get(&self, id: TileId) -> Option<&[Hash]> {
        self.tiles.get(&id).map(Vec::as_slice)
    }

    /// Keeps only what appending to a tree of a size needs.
    pub fn retain_edge(&mut self, size: u64) {
        let edge: BTreeSet<_> = Self::edge(size).collect();
        self.tiles.retain(|id, _| edge.contains(id));
    }

    /// Returns every tile, in order.
    pub fn iter(&self) -> impl Iterator<Item = (TileId, &[Hash])> {
        self.tiles.iter().map(|(id, hashes)| (*id, hashes.as_slice()))
    }

    /// Returns the partial tiles of a tree of a size: all that appending to it and its root
    /// need.
    pub fn edge(size: u64) -> impl Iterator<Item = TileId> {
        let levels = (0..8u8).map(move |level| (level, size >> (u32::from(level) * 8)));
        levels
            .filter(|(_, hashes)| hashes % TILE_WIDTH > 0)
            .map(|(level, hashes)| TileId { level, number: hashes / TILE_WIDTH })
    }

    /// Appends a leaf to a tree of a size; returns the tiles that changed.
    ///
    /// # Errors
    /// When the tiles are not those of the edge of a tree of this size.
    pub fn append(&mut self, size: u64, leaf: Hash) -> Result<Vec<TileId>, TreeError> {
        let (mut level, mut place, mut hash) = (0, size, leaf);
        let mut changed = Vec::new();
        loop {
            let id = TileId { level, number: place / TILE_WIDTH };
            let tile = self.tiles.entry(id).or_default();
            let (width, expected) = (tile.len() as u64, place % TILE_WIDTH);
            if width != expected {
                return Err(TreeError::Misplaced { tile: id, width, expected });
            }
            tile.push(hash);
            changed.push(id);
            if (tile.len() as u64) < TILE_WIDTH {
                return Ok(changed);
            }
            hash = subtree(tile);
            (level, place) = (level + 1, place / TILE_WIDTH);
        }
    }

    /// Returns the root of the tree of a size.
    ///
    /// # Errors
    /// When a tile of its edge is missing.
    pub fn root(&self, size: u64) -> Result<Hash, TreeError> {
        self.computing(|reader| tlog_tiles::tree_hash(size, reader))
    }

    /// Returns the proof that the tree of a size contains an entry.
    ///
    /// # Errors
    /// When the entry is not within the tree, or a tile is missing.
    pub fn inclusion(&self, size: u64, index: u64) -> Result<Vec<Hash>, TreeError> {
        within(index, size)?;
        self.computing(|reader| tlog_tiles::prove_record(size, index, reader))
    }

    /// Returns the proof that a tree begins with an earlier one.
    ///
    /// # Errors
    /// When the earlier one is larger, or a tile is missing.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
        if old == 0 || old == new {
            return Ok(Vec::new());
        }
        within(old, new)?;
        self.computing(|reader| tlog_tiles::prove_tree(new, old, reader))
    }

    /// Computes, and says which hash was missing where one was.
    fn computing<T>(
        &self,
        compute: impl FnOnce(&Reading<'_>) -> Result<T, TlogError>,
    ) -> Result<T, TreeError> {
        let reading = Reading { tiles: self, missing: RefCell::new(None) };
        let computed = compute(&reading);
        match reading.missing.into_inner() {
            Some(missing) => Err(missing),
            None => computed.map_err(|_| TreeError::Unproven),
        }
    }
}

fn within(index: u64, size: u64) -> Result<(), TreeError> {
    if index < size { Ok(()) } else { Err(TreeError::OutOfTree(index, size)) }
}

/// Reads hashes of the tree from tiles.
struct Reading<'a> {
    tiles: &'a Tiles,
    missing: RefCell<Option<TreeError>>,
}

impl HashReader for Reading<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, TlogError> {
        let read = |index: &u64| {
            let (tile, from, to) = located(*index);
            let hashes = self.tiles.get(tile).unwrap_or_default();
            hashes.get(from..to).map(subtree).ok_or_else(|| {
                let place = hashes.len() as u64;
                self.missing.replace(Some(TreeError::Missing { tile, place }));
                TlogError::InvalidTile
            })
        };
        indexes.iter().map(read).collect()
    }
}

/// Returns where a hash of the tree comes from: the tile, and the range of its hashes whose
/// subtree it is the root of.
fn located(index: u64) -> (TileId, usize, usize) {
    let (level, place) = tlog_tiles::split_stored_hash_index(index);
    let (tile_level, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
    let first = place << height;
    let from = (first % TILE_WIDTH) as usize;
    (TileId { level: tile_level, number: first / TILE_WIDTH }, from, from + (1 << height))
}

/// Returns the root over hashes whose number is a power of two.
fn subtree(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::default(),
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(subtree(left), subtree(right))
        }
    }
}

/// Notes which tiles a computation asks for.
#[derive(Default)]
struct Noting(RefCell<BTreeSet<TileId>>);

impl HashReader for Noting {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, TlogError> {
        self.0.borrow_mut().extend(indexes.iter().map(|index| located(*index).0));
        Ok(vec![Hash::default(); indexes.len()])
    }
}

/// Returns the tiles that an inclusion proof is made from; empty when there is no such proof.
#[must_use]
pub fn tiles_for_inclusion(size: u64, index: u64) -> BTreeSet<TileId> {
    let noting = Noting::default();
    if within(index, size).is_ok() {
        let _ = tlog_tiles::prove_record(size, index, &noting);
    }
    noting.0.into_inner()
}

/// Returns the tiles that a consistency proof and both roots are made from.
#[must_use]
pub fn tiles_for_consistency(old: u64, new: u64) -> BTreeSet<TileId> {
    let noting = Noting::default();
    if (1..=new).contains(&old) {
        let _ = tlog_tiles::prove_tree(new, old, &noting);
    }
    let mut tiles = noting.0.into_inner();
    tiles.extend(Tiles::edge(old).chain(Tiles::edge(new)));
    tiles
}

/// Checks that a tree contains an entry.
///
/// # Errors
/// [`TreeError::Unproven`], or [`TreeError::OutOfTree`].
pub fn check_inclusion(
    hashes: &[Hash],
    (size, root): (u64, Hash),
    (index, leaf): (u64, Hash),
) -> Result<(), TreeError> {
    within(index, size)?;
    if hashes.len() > PROOF_HASHES_MAX {
        return Err(TreeError::Unproven);
    }
    tlog_tiles::check_record(&hashes.to_vec(), size, root, index, leaf)
        .map_err(|_| TreeError::Unproven)
}

/// Checks that a tree begins with an earlier one. Every tree begins with the empty one, for
/// which the proof is empty.
///
/// # Errors
/// [`TreeError::Unproven`], or [`TreeError::OutOfTree`].
pub fn check_consistency(
    hashes: &[Hash],
    (old, old_root): (u64, Hash),
    (new, new_root): (u64, Hash),
) -> Result<(), TreeError> {
    if old > new {
        return Err(TreeError::OutOfTree(old, new));
    }
    let holds = if old == 0 {
        hashes.is_empty()
    } else {
        hashes.len() <= PROOF_HASHES_MAX
            && tlog_tiles::check_tree(&hashes.to_vec(), new, new_root, old, old_root).is_ok()
    };
    if holds { Ok(()) } else { Err(TreeError::Unproven) }
}

#[cfg(test)]
mod tests;
