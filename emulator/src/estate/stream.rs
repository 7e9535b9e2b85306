//! Reads exports without holding them, however large they are.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use model::asset::Asset;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use store::parts::WHOLE_BYTES_MAX;

use super::{
    EstateError, Item, Position, limits,
    lines::{ITEM_BYTES_MAX, Lines},
    values::{Values, skip_blank},
};

/// The first bytes of a file that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The first bytes of some files; says only that the rest is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BUFFER_BYTES: usize = 256 * 1024;
/// Assets that are put together while an export is checked, since their pieces may be too much:
/// each may take the room of the largest.
const JOINED_MAX: usize = 4;

/// What an export holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// How often an asset stands there.
    pub assets: usize,
    /// Names that stand more than once.
    pub repeated: usize,
}

/// The bytes of an export, unpacked.
pub type Text<'t> = Box<dyn BufRead + Send + 't>;

/// Opens an export, which may be in gzip.
///
/// # Errors
/// When it cannot be read.
pub fn open(file: &Path) -> io::Result<Text<'static>> {
    let mut plain = BufReader::with_capacity(BUFFER_BYTES, File::open(file)?);
    if plain.fill_buf()?.starts_with(&GZIP) {
        let decoded = MultiGzDecoder::new(plain);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoded)));
    }
    Ok(Box::new(plain))
}

/// The assets of an export, one by one, each checked against what can be kept.
///
/// Accepts newline-delimited JSON, an array, or a single object; field names in camel or
/// snake case; a byte order mark; blank lines. Nothing comes after the first error.
pub struct Assets<'t> {
    items: Items<'t>,
    ended: bool,
}

enum Items<'t> {
    Lines(Lines<Text<'t>>),
    Values(Values<Text<'t>>),
}

impl<'t> Assets<'t> {
    /// Reads assets from a text.
    ///
    /// # Errors
    /// When it is empty, or cannot be read.
    pub fn new(mut text: impl BufRead + Send + 't) -> Result<Self, EstateError> {
        let mut place = Position { line: 1, column: 1 };
        let start = text.fill_buf().map_err(|error| EstateError::of_file(&error))?;
        if start.starts_with(BYTE_ORDER_MARK) {
            text.consume(BYTE_ORDER_MARK.len());
        }
        let items = match skip_blank(&mut text, &mut place)? {
            None => return Err(Position { line: 1, column: 1 }.error("the file is empty")),
            Some(b'[') => {
                let text: Text<'t> = Box::new(text);
                Items::Values(Values::of_array(text, place)?)
            }
            Some(_) => {
                let mut first = Vec::new();
                let read = (&mut text).take(ITEM_BYTES_MAX as u64).read_until(b'\n', &mut first);
                read.map_err(|error| place.error(error.to_string()))?;
                let is_part = is_beginning(&first);
                let text: Text<'t> = Box::new(Cursor::new(first).chain(text));
                match is_part {
                    true => Items::Values(Values::only(text, place)),
                    false => Items::Lines(Lines::new(text, place)),
                }
            }
        };
        Ok(Self { items, ended: false })
    }

    fn asset(&mut self) -> Result<Option<(Position, Asset)>, EstateError> {
        let item = match &mut self.items {
            Items::Lines(lines) => lines.advance()?,
            Items::Values(values) => values.advance()?,
        };
        let Some((start, bytes)) = item else { return Ok(None) };
        Item::of(bytes, start)?.asset().map(|asset| Some((start, asset)))
    }
}

impl Iterator for Assets<'_> {
    type Item = Result<(Position, Asset), EstateError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.asset().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Tells whether a line is only the beginning of a value.
fn is_beginning(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

/// Checks a whole export, and that what stands of each asset can be kept together.
///
/// It holds a hash for each name, not the assets. `open` is called again where what stands of
/// an asset must be put together to know their size.
///
/// # Errors
/// The first thing that is wrong. Nothing of such a file may be loaded.
pub fn scan<R: BufRead + Send>(
    open: impl Fn() -> Result<R, EstateError>,
    mut progress: impl FnMut(usize),
) -> Result<Scan, EstateError> {
    let mut scan = Scan::default();
    // The bytes of a name's lines so far; with the highest bit, that it stood again.
    const AGAIN: u32 = 1 << 31;
    let mut names = HashMap::<u128, u32>::new();
    let mut large = HashMap::<u128, Option<Asset>>::new();
    for asset in Assets::new(open()?)? {
        let (start, asset) = asset?;
        scan.assets += 1;
        progress(scan.assets);
        let (key, size) = (key(&asset.name), asset.json_bytes());
        let size = u32::try_from(size).unwrap_or(AGAIN - 1);
        let Some(known) = names.get_mut(&key) else {
            names.insert(key, size);
            continue;
        };
        scan.repeated += usize::from(*known & AGAIN == 0);
        let sum = (*known & !AGAIN).saturating_add(size).min(AGAIN - 1);
        *known = AGAIN | sum;
        let joined = sum as usize > WHOLE_BYTES_MAX && large.insert(key, None).is_none();
        if joined && large.len() > JOINED_MAX {
            return Err(start.error(format!(
                "more than {JOINED_MAX} assets stand there in pieces that are too large together; \
                 load resources and policies from a file each"
            )));
        }
    }
    if !large.is_empty() {
        join(open()?, &mut large)?;
    }
    Ok(scan)
}

/// Puts the pieces of some assets together.
fn join(
    text: impl BufRead + Send,
    large: &mut HashMap<u128, Option<Asset>>,
) -> Result<(), EstateError> {
    for asset in Assets::new(text)? {
        let (start, asset) = asset?;
        match large.get_mut(&key(&asset.name)) {
            Some(Some(joined)) => {
                joined.merge(asset);
                limits::check_size(joined).map_err(|reason| start.error(reason))?;
            }
            Some(first) => *first = Some(asset),
            None => {}
        }
    }
    Ok(())
}

/// What a name is known by: a million names would take much more room than their hashes.
fn key(name: &str) -> u128 {
    let hash = Sha256::digest(name);
    hash.iter().take(16).fold(0, |key, byte| key << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests;
