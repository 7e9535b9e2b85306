//! The growing edge of the log, and what adding a batch to it changes. Pure.

use std::collections::BTreeMap;

use model::log::LogBundle;
use tlog::{Hash, TILE_WIDTH, TileId, Tiles, TreeError, leaf_hash};

/// Bytes of entries in one document: a document of Firestore holds 1 MiB, names and the
/// lengths of texts included.
const BUNDLE_BYTES_MAX: usize = 900_000;

/// All that adding to a log needs of it: its partial tiles, and its last entries.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    size: u64,
    tiles: Tiles,
    /// The last document of the last bundle, unless that is full.
    tail: Option<(u64, LogBundle)>,
}

/// What a batch changes.
#[derive(Debug)]
pub struct Batch {
    /// The edge afterwards.
    pub edge: Edge,
    /// The root afterwards.
    pub root: Hash,
    /// The tiles that changed, whole.
    pub tiles: BTreeMap<TileId, Vec<Hash>>,
    /// The documents with entries that changed, whole, by the index of their first entry.
    pub bundles: BTreeMap<u64, LogBundle>,
    /// The leaves that were added, the first of which is at the old size.
    pub leaves: Vec<Hash>,
}

impl Edge {
    /// Puts together what was stored. `tail` is the last document of a bundle that is not
    /// full.
    #[must_use]
    pub fn of(size: u64, tiles: Tiles, tail: Option<(u64, LogBundle)>) -> Self {
        Self { size, tiles, tail }
    }

    /// Returns how many entries the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds entries.
    ///
    /// # Errors
    /// When the edge is not that of a log of its size.
    pub fn add(&self, entries: Vec<String>) -> Result<Batch, TreeError> {
        let mut edge = self.clone();
        let (mut tiles, mut bundles) = (BTreeMap::new(), BTreeMap::new());
        let mut leaves = Vec::with_capacity(entries.len());
        for entry in entries {
            let leaf = leaf_hash(entry.as_bytes());
            for id in edge.tiles.append(edge.size, leaf)? {
                // Whole tiles, as they are after the batch: later changes replace earlier ones.
                tiles.insert(id, edge.tiles.get(id).unwrap_or_default().to_vec());
            }
            edge.push(entry, &mut bundles);
            edge.size += 1;
            leaves.push(leaf);
        }
        bundles.extend(edge.tail.clone());
        if edge.size.is_multiple_of(TILE_WIDTH) {
            edge.tail = None;
        }
        edge.tiles.retain_edge(edge.size);
        let root = edge.tiles.root(edge.size)?;
        Ok(Batch { edge, root, tiles, bundles, leaves })
    }

    fn push(&mut self, entry: String, done: &mut BTreeMap<u64, LogBundle>) {
        let bytes = |bundle: &LogBundle| bundle.entries.iter().map(String::len).sum::<usize>();
        let begins = self.size.is_multiple_of(TILE_WIDTH);
        match &mut self.tail {
            Some((_, bundle)) if !begins && bytes(bundle) + entry.len() <= BUNDLE_BYTES_MAX => {
                bundle.entries.push(entry);
            }
            tail => {
                if let Some((first, mut full)) = tail.take() {
                    full.next = (!begins).then_some(self.size);
                    done.insert(first, full);
                }
                *tail = Some((self.size, LogBundle { entries: vec![entry], next: None }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log as its documents.
    #[derive(Default)]
    struct Stored {
        edge: Edge,
        tiles: Tiles,
        bundles: BTreeMap<u64, LogBundle>,
    }

    impl Stored {
        fn add(&mut self, entries: Vec<String>) -> Hash {
            let batch = self.edge.add(entries).expect("it fits");
            for (id, hashes) in batch.tiles {
                self.tiles.insert(id, hashes);
            }
            self.bundles.extend(batch.bundles);
            self.edge = batch.edge;
            batch.root
        }

        fn entries(&self, bundle: u64) -> Vec<String> {
            let (mut next, mut entries) = (Some(bundle * TILE_WIDTH), Vec::new());
            while let Some(first) = next {
                let part = &self.bundles[&first];
                assert_eq!(first, bundle * TILE_WIDTH + entries.len() as u64);
                entries.extend(part.entries.clone());
                next = part.next;
            }
            entries
        }
    }

    #[test]
    fn batches_of_any_size_make_the_same_log() {
        let entries: Vec<_> = (0..1000).map(|number| format!("entry {number}")).collect();
        let mut whole = Tiles::default();
        for (index, entry) in entries.iter().enumerate() {
            whole.append(index as u64, leaf_hash(entry.as_bytes())).expect("in order");
        }
        for batch in [1, 7, 255, 256, 257, 1000] {
            let mut stored = Stored::default();
            let mut size = 0;
            for some in entries.chunks(batch) {
                let root = stored.add(some.to_vec());
                size += some.len() as u64;
                assert_eq!(root, whole.root(size).expect("all tiles are there"), "{batch}");
            }
            assert_eq!(stored.tiles.iter().count(), whole.iter().count());
            for (id, hashes) in whole.iter() {
                assert_eq!(stored.tiles.get(id), Some(hashes), "{id:?} in batches of {batch}");
            }
            let all: Vec<_> = (0..4).flat_map(|bundle| stored.entries(bundle)).collect();
            assert_eq!(all, entries);
        }
    }

    #[test]
    fn large_entries_are_spread_over_documents_that_hold_them() {
        let entries: Vec<_> = (0..300).map(|_| "x".repeat(65_000)).collect();
        let mut stored = Stored::default();
        for some in entries.chunks(10) {
            stored.add(some.to_vec());
        }
        let largest = stored.bundles.values().map(|b| b.entries.iter().map(String::len).sum());
        assert!(largest.max().is_some_and(|bytes: usize| bytes <= BUNDLE_BYTES_MAX));
        assert_eq!(stored.entries(0).len() + stored.entries(1).len(), 300);
    }
}
