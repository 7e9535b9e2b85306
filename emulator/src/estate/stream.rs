//! Reads exports of one asset a line without holding them, however large they are.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use model::asset::Asset;
use sha2::{Digest, Sha256};

use super::{
    BYTE_ORDER_MARK, EstateError, Item, Position, is_one_document,
    limits::{self, DOCUMENT_BYTES_MAX},
};

/// The first bytes of a file that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const BUFFER_BYTES: usize = 256 * 1024;
/// The longest line: many times what a document holds, for whoever writes much white space.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Assets that are put together while an export is checked, since the sum of their lines is
/// more than a document: each may take the room of one.
const JOINED_MAX: usize = 64;

/// What an export of one asset a line holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Lines with an asset.
    pub lines: usize,
    /// Names that stand more than once.
    pub repeated: usize,
}

/// The bytes of an export, unpacked.
pub type Text = Box<dyn BufRead + Send>;

/// Opens an export, which may be in gzip.
///
/// # Errors
/// When it cannot be read.
pub fn open(file: &Path) -> io::Result<Text> {
    let mut plain = BufReader::with_capacity(BUFFER_BYTES, File::open(file)?);
    if plain.fill_buf()?.starts_with(&GZIP) {
        let decoded = MultiGzDecoder::new(plain);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoded)));
    }
    Ok(Box::new(plain))
}

/// The assets of an export, line by line, each checked against what a document can hold.
///
/// Nothing comes after the first error.
pub struct Lines<R> {
    text: R,
    number: usize,
    line: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Reads assets from a text.
    pub fn new(text: R) -> Self {
        Self { text, number: 0, line: Vec::new(), ended: false }
    }

    /// Reads the next line; nothing at the end of the text.
    fn advance(&mut self) -> Result<Option<&str>, EstateError> {
        self.number += 1;
        let start = Position { line: self.number, column: 1 };
        self.line.clear();
        let mut bounded = (&mut self.text).take(LINE_BYTES_MAX);
        let length = bounded.read_until(b'\n', &mut self.line);
        match length.map_err(|error| start.error(error.to_string()))? as u64 {
            0 => return Ok(None),
            LINE_BYTES_MAX => return Err(start.error("the line is too long")),
            _ => {}
        }
        let marked = self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK);
        let skipped = if marked { BYTE_ORDER_MARK.len() } else { 0 };
        let line = self.line.get(skipped..).unwrap_or_default();
        let text = std::str::from_utf8(line).map_err(|error| {
            let valid = line.get(..error.valid_up_to()).unwrap_or_default();
            start.plus(Position::after(valid)).error("this is not UTF-8")
        })?;
        Ok(Some(text))
    }

    fn asset(&mut self) -> Result<Option<(Position, Asset)>, EstateError> {
        loop {
            let Some(line) = self.advance()? else { return Ok(None) };
            if line.trim().is_empty() {
                continue;
            }
            let (text, column) = (line.trim(), line.len() - line.trim_start().len() + 1);
            let (text, start) = (text.to_owned(), Position { line: self.number, column });
            return Item { text: &text, start }.asset().map(|asset| Some((start, asset)));
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
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

/// Tells whether an export has one asset a line, by its first line that is not blank.
///
/// # Errors
/// When it cannot be read.
pub fn is_of_lines(text: impl BufRead) -> Result<bool, EstateError> {
    let mut lines = Lines::new(text);
    while let Some(line) = lines.advance()? {
        if !line.trim().is_empty() {
            return Ok(line.trim_start().starts_with('{') && !is_one_document(line));
        }
    }
    Ok(false)
}

/// Checks a whole export, and that the lines of each asset fit into one document together.
///
/// It holds a hash for each name, not the assets. `open` is called again where lines of an
/// asset must be put together to know their size.
///
/// # Errors
/// The first thing that is wrong. Nothing of such a file may be loaded.
pub fn scan<R: BufRead>(
    open: impl Fn() -> Result<R, EstateError>,
    mut progress: impl FnMut(usize),
) -> Result<Scan, EstateError> {
    let mut scan = Scan::default();
    // The bytes of a name's lines so far; with the highest bit, that it stood again.
    const AGAIN: u32 = 1 << 31;
    let mut names = HashMap::<u128, u32>::new();
    let mut large = HashMap::<u128, Option<Asset>>::new();
    for asset in Lines::new(open()?) {
        let (start, asset) = asset?;
        scan.lines += 1;
        progress(scan.lines);
        let (key, size) = (key(&asset.name), limits::size(&asset));
        let size = u32::try_from(size).unwrap_or(AGAIN - 1);
        let Some(known) = names.get_mut(&key) else {
            names.insert(key, size);
            continue;
        };
        scan.repeated += usize::from(*known & AGAIN == 0);
        let sum = (*known & !AGAIN).saturating_add(size).min(AGAIN - 1);
        *known = AGAIN | sum;
        let joined = sum as usize > DOCUMENT_BYTES_MAX && large.insert(key, None).is_none();
        if joined && large.len() > JOINED_MAX {
            return Err(start.error(format!(
                "more than {JOINED_MAX} assets have lines that are larger than a document \
                 together; load resources and policies from a file each"
            )));
        }
    }
    if !large.is_empty() {
        join(open()?, &mut large)?;
    }
    Ok(scan)
}

/// Puts the lines of some assets together.
fn join(text: impl BufRead, large: &mut HashMap<u128, Option<Asset>>) -> Result<(), EstateError> {
    for asset in Lines::new(text) {
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
