//! Assets in what one transaction can write.

use super::Asset;

/// Assets in one transaction: with their journal records half of what one may write.
pub const BATCH_ASSETS_MAX: usize = 100;
/// Bytes in one transaction; Firestore takes 10 MiB, and JSON is not its measure.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

impl Asset {
    /// Returns how large the asset is as JSON, in bytes.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }
}

/// Divides assets into batches that one transaction each can write, in their order.
///
/// An asset that is larger than [`BATCH_BYTES_MAX`] is a batch of its own.
#[must_use]
pub fn batches(assets: Vec<Asset>) -> Vec<Vec<Asset>> {
    let mut batches = Vec::<Vec<Asset>>::new();
    let mut bytes = 0_usize;
    for asset in assets {
        let size = asset.json_bytes();
        let with_it = bytes.saturating_add(size);
        match batches.last_mut() {
            Some(last) if last.len() < BATCH_ASSETS_MAX && with_it <= BATCH_BYTES_MAX => {
                bytes = with_it;
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

    #[test]
    fn a_batch_is_bounded_in_assets_and_in_bytes() {
        let sizes = |count: usize, bytes: usize| {
            let asset = json!({"name": "//a/b", "assetType": "t", "x": "x".repeat(bytes)});
            let asset: Asset = serde_json::from_value(asset).expect("an asset");
            batches(vec![asset; count]).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(0, 0), [0; 0]);
        assert_eq!(sizes(100, 10), [100]);
        assert_eq!(sizes(201, 10), [100, 100, 1]);
        assert_eq!(sizes(9, 900_000), [4, 4, 1]);
        assert_eq!(sizes(2, BATCH_BYTES_MAX), [1, 1]);
    }
}
