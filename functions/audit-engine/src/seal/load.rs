//! The edge of the log as it is stored.

use model::{DocumentId, LogBundleId};
use store::{
    Store,
    log::{bundle, tiles},
};
use tlog::{TILE_WIDTH, Tiles};

use super::{Edge, SealError};

/// Reads all that adding to a log of this size needs.
pub(super) async fn edge(store: &Store, size: u64) -> Result<Edge, SealError> {
    let tiles = tiles(store, Tiles::edge(size)).await?;
    let last = size - size % TILE_WIDTH;
    if last == size {
        return Ok(Edge::of(size, tiles, None));
    }
    let mut parts = bundle(store, size / TILE_WIDTH).await?;
    let found: usize = parts.iter().map(|(_, part)| part.entries.len()).sum();
    if found as u64 != size - last {
        let document = LogBundleId::starting_at(last).path();
        let reason = format!("{found} entries are there where {} are expected", size - last);
        return Err(SealError::Document { document, reason });
    }
    Ok(Edge::of(size, tiles, parts.pop()))
}
