//! Writes assets into Firestore.

use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use jiff::Timestamp;
use model::{
    Actor, CorrelationId,
    asset::{Asset, BATCH_ASSETS_MAX, BATCH_BYTES_MAX, batches},
};
use problem::{Code, Coded};
use store::{Cause, Store, StoreError};
use telemetry::TraceContext;

use super::{EstateError, Position, limits};

/// Transactions at once: enough to keep a local emulator busy.
const CONCURRENCY: usize = 4;

/// Assets that are read before they are written: what the transactions at once take.
const WAVE_ASSETS_MAX: usize = BATCH_ASSETS_MAX * CONCURRENCY;
/// Bytes that are read before they are written.
const WAVE_BYTES_MAX: usize = BATCH_BYTES_MAX * CONCURRENCY;

/// What becomes of an asset that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Present {
    /// It takes over what the new line holds.
    Merge,
    /// It stays as it is.
    Keep,
}

/// What came of the assets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Assets that were not there.
    pub new: usize,
    /// Assets that were there and are different now.
    pub changed: usize,
    /// Assets that were there and stay.
    pub unchanged: usize,
}

/// Why assets cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The export is no longer what it was when it was checked.
    #[error("the file changed while it was loaded: {0}")]
    Read(#[from] EstateError),
    /// What was there and what is new are too large together.
    #[error("`{name}` cannot be merged with what is there: {reason}")]
    Merged {
        /// The asset.
        name: String,
        /// Why.
        reason: String,
    },
}

impl Coded for LoadError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Read(_) | Self::Merged { .. } => Code::InvalidArgument,
        }
    }
}

impl Loaded {
    /// Returns how many assets there were.
    #[must_use]
    pub fn total(self) -> usize {
        self.new + self.changed + self.unchanged
    }

    fn plus(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            changed: self.changed + other.changed,
            unchanged: self.unchanged + other.unchanged,
        }
    }
}

/// Writes assets, each change with its journal record.
///
/// # Errors
/// At the first batch that cannot be written. Others may be written by then;
/// to load the same assets again repairs that.
pub async fn load(
    store: &Store,
    assets: Vec<Asset>,
    present: Present,
    reason: &str,
    mut progress: impl FnMut(usize),
) -> Result<Loaded, LoadError> {
    load_for(store, &cause(store), assets, present, reason, &mut progress).await
}

/// Writes assets as they are read, each change with its journal record; of all of them it
/// holds no more than the transactions at once take.
///
/// A name may stand again: what comes later is merged with what is written by then, and is
/// counted again.
///
/// # Errors
/// As [`load`], and at the first asset that cannot be read.
pub async fn load_each(
    store: &Store,
    mut assets: impl Iterator<Item = Result<(Position, Asset), EstateError>>,
    reason: &str,
    mut progress: impl FnMut(usize),
) -> Result<Loaded, LoadError> {
    let cause = &cause(store);
    let mut loaded = Loaded::default();
    loop {
        let wave = wave(&mut assets)?;
        if wave.is_empty() {
            return Ok(loaded);
        }
        let before = loaded.total();
        let mut progress = |so_far: usize| progress(before + so_far);
        let written = load_for(store, cause, wave, Present::Merge, reason, &mut progress).await?;
        loaded = loaded.plus(written);
    }
}

/// Takes what is written at once. No name stands twice in it, since the order in which
/// transactions end is not that of the lines.
fn wave(
    lines: &mut impl Iterator<Item = Result<(Position, Asset), EstateError>>,
) -> Result<Vec<Asset>, EstateError> {
    let mut places = std::collections::HashMap::<String, usize>::new();
    let mut assets = Vec::<Asset>::new();
    let mut bytes = 0;
    while assets.len() < WAVE_ASSETS_MAX && bytes < WAVE_BYTES_MAX {
        let Some(line) = lines.next() else { break };
        let (_, asset) = line?;
        bytes += asset.json_bytes();
        match places.get(&asset.name).and_then(|index| assets.get_mut(*index)) {
            Some(first) => first.merge(asset),
            None => {
                places.insert(asset.name.clone(), assets.len());
                assets.push(asset);
            }
        }
    }
    Ok(assets)
}

fn cause(store: &Store) -> Cause {
    Cause {
        actor: local_actor(store.project()),
        correlation: CorrelationId::new(uuid::Uuid::now_v7().to_string()),
        traceparent: Some(TraceContext::random().traceparent()),
        time: Timestamp::now().into(),
        event: None,
    }
}

async fn load_for(
    store: &Store,
    cause: &Cause,
    assets: Vec<Asset>,
    present: Present,
    reason: &str,
    progress: &mut impl FnMut(usize),
) -> Result<Loaded, LoadError> {
    let mut written = stream::iter(batches(assets))
        .map(|batch| async move { write(store, cause, &batch, present, reason).await })
        .buffer_unordered(CONCURRENCY);
    let mut loaded = Loaded::default();
    while let Some(batch) = written.try_next().await? {
        loaded = loaded.plus(batch);
        progress(loaded.total());
    }
    Ok(loaded)
}

/// Names whoever works with this program.
#[must_use]
pub fn local_actor(project: &str) -> Actor {
    Actor::service(format!("mesh-emulator@{project}.iam.gserviceaccount.com"))
}

/// Writes one batch in one transaction.
async fn write(
    store: &Store,
    cause: &Cause,
    batch: &[Asset],
    present: Present,
    reason: &str,
) -> Result<Loaded, LoadError> {
    let ids = &batch.iter().map(Asset::id).collect::<Vec<_>>();
    store
        .transact(cause, |tx| async move {
            let before = tx.get_all::<Asset>(ids).await?;
            let tx = &tx;
            let puts = ids.iter().zip(batch).zip(before).map(|((id, asset), before)| async move {
                let Some(before) = before else {
                    tx.put(id, asset, "asset.imported", reason).await?;
                    return Ok(Loaded { new: 1, ..Loaded::default() });
                };
                let mut merged = before.document.clone();
                if present == Present::Merge {
                    merged.merge(asset.clone());
                }
                // `put` would find that out, too, but would read the document again.
                if merged != before.document {
                    limits::check_size(&merged)
                        .map_err(|reason| LoadError::Merged { name: asset.name.clone(), reason })?;
                    if tx.put(id, &merged, "asset.imported", reason).await? {
                        return Ok(Loaded { changed: 1, ..Loaded::default() });
                    }
                }
                Ok::<_, LoadError>(Loaded { unchanged: 1, ..Loaded::default() })
            });
            let each = try_join_all(puts).await?;
            Ok(each.into_iter().fold(Loaded::default(), Loaded::plus))
        })
        .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn assets(count: usize, bytes: usize) -> Vec<Asset> {
        let asset = |index: usize| {
            let value =
                json!({"name": index.to_string(), "assetType": "t", "x": "x".repeat(bytes)});
            serde_json::from_value(value).expect("an asset")
        };
        (0..count).map(asset).collect()
    }

    #[test]
    fn a_wave_is_bounded_and_has_each_name_once() {
        let line = |asset: Asset| Ok((Position { line: 1, column: 1 }, asset));
        let mut lines = assets(WAVE_ASSETS_MAX + 1, 10).into_iter().map(line);
        assert_eq!(wave(&mut lines).map(|wave| wave.len()), Ok(WAVE_ASSETS_MAX));
        assert_eq!(wave(&mut lines).map(|wave| wave.len()), Ok(1));
        assert_eq!(wave(&mut lines), Ok(Vec::new()));
        let mut large = assets(100, 850_000).into_iter().map(line);
        assert_eq!(wave(&mut large).map(|wave| wave.len()), Ok(WAVE_BYTES_MAX / 850_000 + 1));
        let mut again = assets(2, 10).into_iter().chain(assets(2, 20)).map(line);
        assert_eq!(wave(&mut again), Ok(assets(2, 20)));
    }
}
