//! What of the stored log its checkpoint signs: nothing else is copied, for a copy stays.

use store::{
    Store, StoreError,
    log::{StoredLog, tile, tiles},
};
use tlog::{
    Accepted, Hash, Policy, Resource, Source, TILE_WIDTH, TileId, Tiles, VerifierKey,
    decode_bundle, leaf_hash,
};

use super::ArchiveError;

/// The stored log as far as a checkpoint that its key signed and whose root its tiles have.
pub(super) struct Proven {
    store: Store,
    size: u64,
}

impl Proven {
    /// Takes the log up to a checkpoint.
    ///
    /// # Errors
    /// When it is not signed, or the log's tiles do not have its root.
    pub(super) async fn of(
        store: &Store,
        log: &VerifierKey,
        note: &str,
    ) -> Result<Self, ArchiveError> {
        let checkpoint = signed(log, note)?.checkpoint;
        let size = checkpoint.size;
        let root = tiles(store, Tiles::edge(size)).await?.root(size);
        match root {
            Ok(root) if root == checkpoint.root => Ok(Self { store: store.clone(), size }),
            Ok(_) => Err(unproven(&format!("checkpoint {size}"), "the tiles have another root")),
            Err(error) => Err(unproven(&format!("checkpoint {size}"), error)),
        }
    }

    /// Returns how many entries are proven.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Reads entries or a tile.
    ///
    /// # Errors
    /// When they are not what the tiles above them say, or cannot be read.
    pub(super) async fn read(&self, resource: Resource) -> Result<Vec<u8>, ArchiveError> {
        let log = StoredLog(self.store.clone());
        let read = log.read(resource).await?;
        let content = read.ok_or_else(|| unproven(&resource, "it is missing"))?;
        let (id, width, hashes) = match resource {
            Resource::Entries { number, width } => {
                let entries =
                    decode_bundle(&content).map_err(|error| unproven(&resource, error))?;
                let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
                (TileId { level: 0, number }, width, leaves)
            }
            Resource::Tile { id, width } => {
                let (hashes, _) = content.as_chunks();
                (id, width, hashes.iter().map(|bytes| Hash(*bytes)).collect::<Vec<_>>())
            }
            Resource::Checkpoint => return Err(unproven(&resource, "it is no part of the tree")),
        };
        let tile = self.tile(id).await?;
        if hashes.len() != usize::from(width) || !tile.starts_with(&hashes) {
            return Err(unproven(&resource, "it is not what its tile says"));
        }
        self.climb(resource, id, tile).await?;
        Ok(content)
    }

    /// Climbs from a tile to one that the root is made of: each full tile is a hash of the one
    /// above it.
    async fn climb(
        &self,
        resource: Resource,
        id: TileId,
        hashes: Vec<Hash>,
    ) -> Result<(), ArchiveError> {
        let (mut id, mut hashes) = (id, hashes);
        while id.width(self.size) == TILE_WIDTH {
            let mut fold = Tiles::default();
            for (place, hash) in (0..).zip(&hashes) {
                fold.append(place, *hash).map_err(|error| unproven(&resource, error))?;
            }
            let above = TileId { level: 1, number: 0 };
            let hash = fold.get(above).and_then(|hashes| hashes.first()).copied();
            let place = (id.number % TILE_WIDTH) as usize;
            id = TileId { level: id.level + 1, number: id.number / TILE_WIDTH };
            hashes = self.tile(id).await?;
            if hash.is_none() || hashes.get(place).copied() != hash {
                return Err(unproven(&resource, "the tile above it says otherwise"));
            }
        }
        Ok(())
    }

    async fn tile(&self, id: TileId) -> Result<Vec<Hash>, StoreError> {
        let mut hashes = tile(&self.store, id).await?.unwrap_or_default();
        // Later ones were added since, and are not proven yet.
        hashes.truncate(id.width(self.size) as usize);
        Ok(hashes)
    }
}

/// Opens a note that the log signed, whoever cosigned it.
pub(super) fn signed(log: &VerifierKey, note: &str) -> Result<Accepted, ArchiveError> {
    let accepted = Policy::of(log, &[], 0).and_then(|policy| policy.accept(note));
    accepted.map_err(|error| unproven(&"the checkpoint", error))
}

pub(super) fn unproven(object: &impl ToString, reason: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Unproven { object: object.to_string(), reason: reason.to_string() }
}
