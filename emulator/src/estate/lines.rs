//! Cuts a text into its lines.

use std::io::{BufRead, Read};

use super::{EstateError, Position};

/// The longest line, or value: twice what an asset may have, for whoever writes much white space.
pub(super) const ITEM_BYTES_MAX: usize = 2 * store::parts::WHOLE_BYTES_MAX;

/// The lines of a text that are not blank.
pub(super) struct Lines<R> {
    text: R,
    place: Position,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads lines from a text that starts at a place.
    pub(super) fn new(text: R, place: Position) -> Self {
        Self { text, place, line: Vec::new() }
    }

    /// Reads the next line, without the white space around it; nothing at the end of the text.
    pub(super) fn advance(&mut self) -> Result<Option<(Position, &[u8])>, EstateError> {
        loop {
            let start = self.place;
            self.line.clear();
            let mut bounded = (&mut self.text).take(ITEM_BYTES_MAX as u64);
            let length = bounded.read_until(b'\n', &mut self.line);
            match length.map_err(|error| start.error(error.to_string()))? {
                0 => return Ok(None),
                ITEM_BYTES_MAX => return Err(start.error("the line is too long")),
                _ => self.place = Position { line: start.line + 1, column: 1 },
            }
            if !self.line.trim_ascii().is_empty() {
                let blank = self.line.len() - self.line.trim_ascii_start().len();
                let start = Position { column: start.column + blank, ..start };
                return Ok(Some((start, self.line.trim_ascii())));
            }
        }
    }
}
