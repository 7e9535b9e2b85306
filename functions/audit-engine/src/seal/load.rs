//! The log's documents as they are stored.

use std::{collections::BTreeSet, future::Future};

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    Document, DocumentId, LogBundleId, LogTileId,
    log::{LogBundle, LogTile},
};
use store::{Store, StoreError, Transaction};
use tlog::{Hash, Resource, Source, TILE_WIDTH, TileId, Tiles, encode_bundle};

use super::{Edge, SealError};

/// Reads documents, in a transaction or outside one.
pub(super) trait Reads: Sync {
    fn find<D: Document>(
        &self,
        id: &D::Id,
    ) -> impl Future<Output = Result<Option<D>, StoreError>> + Send;
}

impl Reads for Store {
    async fn find<D: Document>(&self, id: &D::Id) -> Result<Option<D>, StoreError> {
        Ok(self.get::<D>(id).await?.map(|stored| stored.document))
    }
}

impl Reads for Transaction {
    async fn find<D: Document>(&self, id: &D::Id) -> Result<Option<D>, StoreError> {
        Ok(self.get::<D>(id).await?.map(|stored| stored.document))
    }
}

/// Returns a tile as it is stored.
pub(super) fn to_document(hashes: &[Hash]) -> LogTile {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    LogTile { hashes: BASE64_STANDARD.encode(bytes) }
}

/// Reads a tile's hashes.
pub(super) async fn tile(reads: &impl Reads, id: TileId) -> Result<Option<Vec<Hash>>, SealError> {
    let document = LogTileId::of(id.level, id.number);
    let Some(stored) = reads.find::<LogTile>(&document).await? else { return Ok(None) };
    let bytes = BASE64_STANDARD.decode(&stored.hashes).unwrap_or_default();
    let (chunks, rest) = bytes.as_chunks();
    if chunks.is_empty() || !rest.is_empty() {
        let reason = "its hashes cannot be read".to_owned();
        return Err(SealError::Document { document: document.path(), reason });
    }
    Ok(Some(chunks.iter().map(|bytes| Hash(*bytes)).collect()))
}

/// Reads tiles that have to be there.
pub(super) async fn tiles(
    reads: &impl Reads,
    wanted: impl IntoIterator<Item = TileId>,
) -> Result<Tiles, SealError> {
    let mut tiles = Tiles::default();
    for id in wanted.into_iter().collect::<BTreeSet<_>>() {
        // One that is missing is named by whatever needs it.
        if let Some(hashes) = tile(reads, id).await? {
            tiles.insert(id, hashes);
        }
    }
    Ok(tiles)
}

/// Reads the documents of a bundle, in order.
pub(super) async fn bundle(
    reads: &impl Reads,
    number: u64,
) -> Result<Vec<(u64, LogBundle)>, SealError> {
    let (mut next, mut parts) = (Some(number * TILE_WIDTH), Vec::new());
    while let Some(first) = next {
        let id = LogBundleId::starting_at(first);
        let Some(part) = reads.find::<LogBundle>(&id).await? else { break };
        next = part.next.filter(|next| (first + 1..(number + 1) * TILE_WIDTH).contains(next));
        parts.push((first, part));
    }
    Ok(parts)
}

/// Reads all that adding to a log of this size needs.
pub(super) async fn edge(reads: &impl Reads, size: u64) -> Result<Edge, SealError> {
    let mut tiles = tiles(reads, Tiles::edge(size)).await?;
    tiles.retain_edge(size);
    let last = size - size % TILE_WIDTH;
    if last == size {
        return Ok(Edge::of(size, tiles, None));
    }
    let mut parts = bundle(reads, size / TILE_WIDTH).await?;
    let found: usize = parts.iter().map(|(_, part)| part.entries.len()).sum();
    if found as u64 != size - last {
        let document = LogBundleId::starting_at(last).path();
        let reason = format!("{found} entries are there where {} are expected", size - last);
        return Err(SealError::Document { document, reason });
    }
    Ok(Edge::of(size, tiles, parts.pop()))
}

/// The log of a database, as whoever replays it reads it.
pub(super) struct Stored<'a>(pub(super) &'a Store);

impl Source for Stored<'_> {
    type Error = SealError;

    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, SealError> {
        match resource {
            Resource::Checkpoint => Ok(None),
            Resource::Tile { id, .. } => {
                let hashes = tile(self.0, id).await?;
                Ok(hashes.map(|hashes| hashes.iter().flat_map(|hash| hash.0).collect()))
            }
            Resource::Entries { number, .. } => {
                let parts = bundle(self.0, number).await?;
                if parts.is_empty() {
                    return Ok(None);
                }
                let entries: Vec<_> =
                    parts.into_iter().flat_map(|(_, part)| part.entries).collect();
                Ok(Some(encode_bundle(&entries)?))
            }
        }
    }
}
