//! Entry bundles: up to 256 entries, each behind its length.
//!
//! Source: <https://c2sp.org/tlog-tiles>, "Log entries".

use crate::TILE_WIDTH;

/// The largest entry: its length is written in 16 bits.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// A bundle that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is longer than its length can say.
    #[error("entry {0} has more than {ENTRY_BYTES_MAX} bytes")]
    EntryTooLong(usize),
    /// It ends within an entry.
    #[error("it ends within entry {0}")]
    Truncated(usize),
    /// There are more entries than one bundle holds.
    #[error("it holds more than {TILE_WIDTH} entries")]
    TooMany,
}

/// Writes entries one after another.
///
/// # Errors
/// When there are more than 256, or one is too long.
pub fn encode_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    if entries.len() as u64 > TILE_WIDTH {
        return Err(BundleError::TooMany);
    }
    let mut bytes = Vec::new();
    for (place, entry) in entries.iter().map(AsRef::as_ref).enumerate() {
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::EntryTooLong(place))?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(entry);
    }
    Ok(bytes)
}

/// Reads the entries of a bundle.
///
/// # Errors
/// When it ends too early, or holds more than 256.
pub fn decode_bundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let place = entries.len();
        let truncated = BundleError::Truncated(place);
        if place as u64 == TILE_WIDTH {
            return Err(BundleError::TooMany);
        }
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(truncated.clone())?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(truncated)?;
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_broken_bundles_do_not() {
        let longest = vec![b'x'; ENTRY_BYTES_MAX];
        let entries = [b"a".to_vec(), Vec::new(), longest];
        let bytes = encode_bundle(&entries).expect("fits");
        assert_eq!(decode_bundle(&bytes).expect("whole"), entries);
        assert_eq!(decode_bundle(&bytes[..1]), Err(BundleError::Truncated(0)));
        assert_eq!(decode_bundle(&bytes[..bytes.len() - 1]), Err(BundleError::Truncated(2)));
        let too_long = [vec![0; ENTRY_BYTES_MAX + 1]];
        assert_eq!(encode_bundle(&too_long), Err(BundleError::EntryTooLong(0)));
        let most = encode_bundle(&[b"y"; 256]).expect("fits");
        assert_eq!(decode_bundle(&most).expect("whole").len(), 256);
        assert_eq!(encode_bundle(&[b"y"; 257]), Err(BundleError::TooMany));
        assert_eq!(decode_bundle(&[most, vec![0, 0]].concat()), Err(BundleError::TooMany));
    }
}
