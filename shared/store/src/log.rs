//! The audit log as it is stored: tiles, bundles of entries, checkpoints.
//!
//! The sealer writes these documents; it, the API and whoever replays or downloads the log
//! read them.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    Document, DocumentId, LogBundleId, LogCheckpointId, LogHeadId, LogTileId,
    log::{LogBundle, LogCheckpoint, LogHead, LogTile},
};
use tlog::{Hash, Resource, Source, TILE_WIDTH, TileId, Tiles, encode_bundle};

use crate::{Direction, Query, Store, StoreError};

async fn find<D: Document>(store: &Store, id: &D::Id) -> Result<Option<D>, StoreError> {
    Ok(store.get::<D>(id).await?.map(|stored| stored.document))
}

/// Returns the name of the one log.
#[must_use]
pub fn head_id() -> LogHeadId {
    LogHeadId::new("main")
}

/// Returns a tile as it is stored.
#[must_use]
pub fn tile_document(hashes: &[Hash]) -> LogTile {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    LogTile { hashes: BASE64_STANDARD.encode(bytes) }
}

/// Reads a tile's hashes.
///
/// # Errors
/// When the database cannot be reached, or the document holds no hashes.
pub async fn tile(store: &Store, id: TileId) -> Result<Option<Vec<Hash>>, StoreError> {
    let document = LogTileId::of(id.level, id.number);
    let Some(stored) = find::<LogTile>(store, &document).await? else { return Ok(None) };
    let bytes = BASE64_STANDARD.decode(&stored.hashes).unwrap_or_default();
    let (chunks, rest) = bytes.as_chunks();
    if chunks.is_empty() || !rest.is_empty() {
        return Err(StoreError::Unreadable {
            document: document.path(),
            field: "hashes".into(),
            reason: "it is not Base64 of hashes".into(),
        });
    }
    Ok(Some(chunks.iter().map(|bytes| Hash(*bytes)).collect()))
}

/// Reads tiles. One that is missing is named by whatever is computed from them.
///
/// # Errors
/// As [`tile`].
pub async fn tiles(
    store: &Store,
    wanted: impl IntoIterator<Item = TileId>,
) -> Result<Tiles, StoreError> {
    let mut tiles = Tiles::default();
    for id in wanted.into_iter().collect::<BTreeSet<_>>() {
        if let Some(hashes) = tile(store, id).await? {
            tiles.insert(id, hashes);
        }
    }
    Ok(tiles)
}

/// Reads the documents of a bundle, in order, each with the index of its first entry.
///
/// # Errors
/// When the database cannot be reached, or a document does not parse.
pub async fn bundle(store: &Store, number: u64) -> Result<Vec<(u64, LogBundle)>, StoreError> {
    let (mut next, mut parts) = (number.checked_mul(TILE_WIDTH), Vec::new());
    while let Some(first) = next {
        let id = LogBundleId::starting_at(first);
        let Some(part) = find::<LogBundle>(store, &id).await? else { break };
        // It ends: each part begins behind the one before, and within the bundle.
        next = part.next.filter(|next| *next > first && next / TILE_WIDTH == number);
        parts.push((first, part));
    }
    Ok(parts)
}

/// Reads the text of one entry.
///
/// # Errors
/// As [`bundle`].
pub async fn entry(store: &Store, index: u64) -> Result<Option<String>, StoreError> {
    let parts = bundle(store, index / TILE_WIDTH).await?;
    let mut entries = parts.into_iter().flat_map(|(_, part)| part.entries);
    Ok(entries.nth((index % TILE_WIDTH) as usize))
}

/// Reads the latest checkpoint; `None` while there is no log.
///
/// # Errors
/// When the database cannot be reached, or a document does not parse.
pub async fn latest_checkpoint(store: &Store) -> Result<Option<LogCheckpoint>, StoreError> {
    let Some(head) = find::<LogHead>(store, &head_id()).await? else { return Ok(None) };
    find::<LogCheckpoint>(store, &LogCheckpointId::of_size(head.size)).await
}

/// Reads the latest checkpoint that a witness cosigned.
///
/// # Errors
/// As [`latest_checkpoint`].
pub async fn latest_witnessed(store: &Store) -> Result<Option<LogCheckpoint>, StoreError> {
    let query = Query::<LogCheckpoint>::all()
        .order_by("witnessed_size", Direction::Descending)
        .page_size(1);
    let page = store.list(&query).await?;
    Ok(page.items.into_iter().next().map(|stored| stored.document))
}

/// The log of a database, as whoever replays it reads it.
#[derive(Clone)]
pub struct StoredLog(pub Store);

impl Source for StoredLog {
    type Error = StoreError;

    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        match resource {
            Resource::Checkpoint => {
                let latest = latest_checkpoint(&self.0).await?;
                Ok(latest.map(|latest| latest.note.into_bytes()))
            }
            Resource::Tile { id, width } => {
                let hashes = tile(&self.0, id).await?;
                let some = |hashes: Vec<Hash>| {
                    hashes.iter().take(usize::from(width)).flat_map(|hash| hash.0).collect()
                };
                Ok(hashes.map(some))
            }
            Resource::Entries { number, width } => {
                let parts = bundle(&self.0, number).await?;
                if parts.is_empty() {
                    return Ok(None);
                }
                let entries = parts.into_iter().flat_map(|(_, part)| part.entries);
                let entries: Vec<_> = entries.take(usize::from(width)).collect();
                encode_bundle(&entries).map(Some).map_err(|error| StoreError::Unreadable {
                    document: resource.to_string(),
                    field: "entries".into(),
                    reason: error.to_string(),
                })
            }
        }
    }
}
