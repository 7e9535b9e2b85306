//! Reads exports of Cloud Asset Inventory: one asset a line, or an array of assets.
//!
//! Reading is all or nothing. What could not be kept is found here, with its line, and not
//! halfway through writing.

mod limits;
mod lines;
pub mod load;
pub mod stream;
mod values;

use model::asset::Asset;
use serde::de::IgnoredAny;
use stream::Assets;

/// What an export holds.
#[derive(Debug, PartialEq)]
pub struct Estate {
    /// The assets, each name once, in the order of their first lines.
    pub assets: Vec<Asset>,
    /// How many names stood more than once; their lines are merged, the later wins.
    pub repeated: usize,
}

/// Why an export cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {}{reason}", field.as_ref().map(|field| format!("`{field}`: ")).unwrap_or_default())]
pub struct EstateError {
    /// The line, from 1.
    pub line: usize,
    /// The byte of the line, from 1.
    pub column: usize,
    /// The field's path within its asset, when it is a field that is wrong.
    pub field: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl EstateError {
    /// Says why a file cannot be read at all.
    #[must_use]
    pub fn of_file(error: &std::io::Error) -> Self {
        Position { line: 1, column: 1 }.error(error.to_string())
    }
}

/// A place in the file; lines and columns count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    line: usize,
    column: usize,
}

/// The text of one asset, and where it starts.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    text: &'a str,
    start: Position,
}

/// Reads a whole export; [`Assets`] reads one that is too large for that.
///
/// # Errors
/// The first thing that is wrong. Nothing of such a file may be loaded.
pub fn parse(bytes: &[u8]) -> Result<Estate, EstateError> {
    merge(Assets::new(bytes)?)
}

impl Position {
    /// The place that follows some text.
    fn after(text: &[u8]) -> Self {
        let line = text.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = text.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Self { line, column }
    }

    /// The place in the file of a place in a text that starts here.
    fn plus(self, within: Self) -> Self {
        match within.line {
            0 | 1 => Self { line: self.line, column: self.column + within.column.max(1) - 1 },
            line => Self { line: self.line + line - 1, column: within.column.max(1) },
        }
    }

    /// Goes on by one byte.
    fn pass(&mut self, byte: u8) {
        match byte {
            b'\n' => *self = Self { line: self.line + 1, column: 1 },
            _ => self.column += 1,
        }
    }

    fn error(self, reason: impl Into<String>) -> EstateError {
        EstateError { line: self.line, column: self.column, field: None, reason: reason.into() }
    }
}

impl<'a> Item<'a> {
    fn of(bytes: &'a [u8], start: Position) -> Result<Self, EstateError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            start.plus(Position::after(valid)).error("this is not UTF-8")
        })?;
        Ok(Self { text, start })
    }

    fn asset(self) -> Result<Asset, EstateError> {
        if !self.text.starts_with('{') {
            // Broken JSON is the better explanation when it is one.
            self.syntax()?;
            return Err(self.start.error("an asset must be an object"));
        }
        limits::check_text(self.text).or_else(|(at, reason)| {
            // Likewise: a limit means little in broken JSON.
            self.syntax().and_then(|()| Err(self.start.plus(at).error(reason)))
        })?;
        let mut json = serde_json::Deserializer::from_str(self.text);
        let asset: Asset = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let mut wrong = self.failure(error.inner());
            wrong.field = Some(path).filter(|path| path != "." && error.inner().is_data());
            wrong
        })?;
        json.end().map_err(|error| self.failure(&error))?;
        limits::check(&asset).map_err(|reason| self.start.error(reason))?;
        Ok(asset)
    }

    /// Checks that the text is one JSON value.
    fn syntax(self) -> Result<(), EstateError> {
        serde_json::from_str::<IgnoredAny>(self.text)
            .map(|_| ())
            .map_err(|error| self.failure(&error))
    }

    fn failure(self, error: &serde_json::Error) -> EstateError {
        let within = Position { line: error.line(), column: error.column() };
        self.start.plus(within).error(reason(error))
    }
}

/// Returns what is wrong, without the place, which is said elsewhere.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

/// Joins the lines of each asset.
fn merge(
    all: impl Iterator<Item = Result<(Position, Asset), EstateError>>,
) -> Result<Estate, EstateError> {
    let mut places = std::collections::HashMap::<String, (usize, bool)>::new();
    let mut assets = Vec::<Asset>::new();
    let mut repeated = 0;
    for asset in all {
        let (position, asset) = asset?;
        let Some((index, again)) = places.get_mut(&asset.name) else {
            places.insert(asset.name.clone(), (assets.len(), false));
            assets.push(asset);
            continue;
        };
        if !std::mem::replace(again, true) {
            repeated += 1;
        }
        if let Some(first) = assets.get_mut(*index) {
            first.merge(asset);
            limits::check_size(first).map_err(|reason| position.error(reason))?;
        }
    }
    Ok(Estate { assets, repeated })
}

#[cfg(test)]
mod tests;
