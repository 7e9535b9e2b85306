//! Writes assets into Firestore.

use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use jiff::Timestamp;
use model::{Actor, CorrelationId, asset::Asset};
use problem::{Code, Coded};
use store::{Cause, Store, StoreError};

use super::limits;

/// Assets in one transaction: with their journal records half of what one may write.
const BATCH_ASSETS_MAX: usize = 100;
/// Bytes in one transaction; Firestore takes 10 MiB, and JSON is not its measure.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Transactions at once: enough to keep a local emulator busy.
const CONCURRENCY: usize = 4;

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
    /// What was there and what is new do not fit into one document.
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
            Self::Merged { .. } => Code::InvalidArgument,
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
    let cause = &Cause {
        actor: local_actor(store.project()),
        correlation: CorrelationId::new(uuid::Uuid::now_v7().to_string()),
        time: Timestamp::now().into(),
        event: None,
    };
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

/// Divides assets into batches that one transaction can write.
fn batches(assets: Vec<Asset>) -> Vec<Vec<Asset>> {
    let mut batches = Vec::<Vec<Asset>>::new();
    let mut bytes = 0;
    for asset in assets {
        let size = serde_json::to_vec(&asset).map_or(0, |json| json.len());
        match batches.last_mut() {
            Some(last) if last.len() < BATCH_ASSETS_MAX && bytes + size <= BATCH_BYTES_MAX => {
                bytes += size;
                last.push(asset);
            }
            _ => {
                bytes = size;
                batches.push(vec![asset]);
            }
        }
    }
    batches
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
    fn a_batch_is_bounded_in_assets_and_in_bytes() {
        let sizes = |assets| batches(assets).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(assets(0, 0)), [0; 0]);
        assert_eq!(sizes(assets(100, 10)), [100]);
        assert_eq!(sizes(assets(201, 10)), [100, 100, 1]);
        assert_eq!(sizes(assets(9, 900_000)), [4, 4, 1]);
    }
}
