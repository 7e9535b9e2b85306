//! Cuts a text into the elements of the array that it is, or takes the one value that it is.

use std::io::BufRead;

use super::{EstateError, Position, lines::ITEM_BYTES_MAX};

/// The values of a text, none of which is held longer than until the next one.
pub(super) struct Values<R> {
    text: R,
    place: Position,
    next: Next,
    value: Vec<u8>,
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The only value.
    Only,
    /// The first element, or the end of the array.
    First,
    /// A comma, or the end of the array.
    Comma,
    /// Nothing but white space.
    End,
}

impl<R: BufRead> Values<R> {
    /// Takes the one value of a text that starts at a place.
    pub(super) fn only(text: R, place: Position) -> Self {
        Self { text, place, next: Next::Only, value: Vec::new() }
    }

    /// Takes the elements of an array; its bracket is at that place.
    pub(super) fn of_array(text: R, place: Position) -> Result<Self, EstateError> {
        let mut values = Self { text, place, next: Next::First, value: Vec::new() };
        values.pass()?;
        Ok(values)
    }

    /// Reads the next value; nothing at the end.
    pub(super) fn advance(&mut self) -> Result<Option<(Position, &[u8])>, EstateError> {
        let first = self.skip_blank()?;
        match (self.next, first) {
            (Next::End, None) => return Ok(None),
            (Next::End, Some(_)) => return Err(self.place.error("trailing characters")),
            (Next::First | Next::Comma, None) => {
                return Err(self.place.error("EOF while parsing a list"));
            }
            (Next::First | Next::Comma, Some(b']')) => {
                self.pass()?;
                self.next = Next::End;
                return self.advance();
            }
            (Next::Comma, Some(b',')) => {
                self.pass()?;
                if self.skip_blank()? == Some(b']') {
                    return Err(self.place.error("trailing comma"));
                }
            }
            (Next::Comma, Some(_)) => return Err(self.place.error("expected `,` or `]`")),
            (Next::First, Some(_)) => self.next = Next::Comma,
            (Next::Only, _) => self.next = Next::End,
        }
        if matches!(self.peek()?, Some(b',' | b']')) {
            return Err(self.place.error("expected value"));
        }
        let start = self.place;
        self.take_value()?;
        Ok(Some((start, &self.value)))
    }

    /// Takes bytes until the value ends, by its brackets and quotes. Whoever reads it as JSON
    /// finds what else is wrong with it.
    fn take_value(&mut self) -> Result<(), EstateError> {
        let start = self.place;
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        self.value.clear();
        while let Some(byte) = self.peek()? {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                b'}' | b']' | b',' if depth == 0 => return Ok(()),
                byte if depth == 0 && byte.is_ascii_whitespace() => return Ok(()),
                _ => {}
            }
            self.value.push(byte);
            self.pass()?;
            if self.value.len() >= ITEM_BYTES_MAX {
                return Err(start.error("the asset is too long"));
            }
            if depth == 0 && !quoted && matches!(byte, b'}' | b']' | b'"') {
                return Ok(());
            }
        }
        Ok(())
    }

    fn skip_blank(&mut self) -> Result<Option<u8>, EstateError> {
        skip_blank(&mut self.text, &mut self.place)
    }

    fn peek(&mut self) -> Result<Option<u8>, EstateError> {
        peek(&mut self.text, self.place)
    }

    /// Goes on by the byte that was looked at.
    fn pass(&mut self) -> Result<(), EstateError> {
        if let Some(byte) = self.peek()? {
            self.text.consume(1);
            self.place.pass(byte);
        }
        Ok(())
    }
}

/// Goes to the next byte that is no white space, and returns it.
pub(super) fn skip_blank(
    text: &mut impl BufRead,
    place: &mut Position,
) -> Result<Option<u8>, EstateError> {
    loop {
        match peek(text, *place)? {
            Some(byte) if byte.is_ascii_whitespace() => {
                text.consume(1);
                place.pass(byte);
            }
            other => return Ok(other),
        }
    }
}

fn peek(text: &mut impl BufRead, place: Position) -> Result<Option<u8>, EstateError> {
    let buffer = text.fill_buf().map_err(|error| place.error(error.to_string()))?;
    Ok(buffer.first().copied())
}
