//! Reads exports of Cloud Asset Inventory: one asset a line, or an array of assets.
//!
//! Reading is all or nothing. What Firestore could not hold is found here, with
//! its line, and not halfway through writing.

mod limits;
pub mod load;
pub mod stream;

use model::asset::Asset;
use serde::de::IgnoredAny;

/// The first bytes of some files; says only that the rest is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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

/// Reads an export.
///
/// Accepts newline-delimited JSON, an array, or a single object; field names in
/// camel or snake case; a byte order mark; blank lines.
///
/// # Errors
/// The first thing that is wrong. Nothing of such a file may be loaded.
pub fn parse(bytes: &[u8]) -> Result<Estate, EstateError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        Position::after(valid).error("this is not UTF-8")
    })?;
    let items = match text.trim_start().as_bytes().first() {
        None => return Err(Position { line: 1, column: 1 }.error("the file is empty")),
        Some(b'[') => elements(text)?,
        Some(_) if is_one_document(text) => {
            demand_json(text)?;
            vec![Item::at(text, text.len() - text.trim_start().len(), text.trim())]
        }
        Some(_) => lines(text),
    };
    let mut assets = Vec::with_capacity(items.len());
    for item in items {
        assets.push((item.start, item.asset()?));
    }
    merge(assets)
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

    fn error(self, reason: impl Into<String>) -> EstateError {
        EstateError { line: self.line, column: self.column, field: None, reason: reason.into() }
    }
}

impl<'a> Item<'a> {
    fn at(file: &str, offset: usize, text: &'a str) -> Self {
        Self { text, start: Position::after(file.get(..offset).unwrap_or_default().as_bytes()) }
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

fn demand_json(text: &str) -> Result<(), EstateError> {
    Item { text, start: Position { line: 1, column: 1 } }.syntax()
}

/// Tells whether the first line is only the beginning of a value.
fn is_one_document(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    serde_json::from_str::<IgnoredAny>(first).is_err_and(|error| error.is_eof())
}

fn lines(text: &str) -> Vec<Item<'_>> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            let column = line.len() - line.trim_start().len() + 1;
            Item { text: line.trim(), start: Position { line: number, column } }
        })
        .collect()
}

/// Takes an array apart, so that each element is known by its place.
fn elements(text: &str) -> Result<Vec<Item<'_>>, EstateError> {
    demand_json(text)?;
    let mut items = Vec::new();
    let mut rest = text.trim_start().get(1..).unwrap_or_default();
    let mut place = Position { line: 1, column: 1 };
    let mut placed = 0;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() || rest.starts_with(']') {
            return Ok(items);
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        // The whole array was read above, so this finds a value.
        let length = match values.next() {
            Some(Ok(_)) => values.byte_offset(),
            _ => return Ok(items),
        };
        let offset = text.len() - rest.len();
        let between = text.get(placed..offset).unwrap_or_default();
        place = place.plus(Position::after(between.as_bytes()));
        placed = offset;
        let (element, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        items.push(Item { text: element, start: place });
        rest = after;
    }
}

/// Joins the lines of each asset.
fn merge(all: Vec<(Position, Asset)>) -> Result<Estate, EstateError> {
    let mut places = std::collections::HashMap::<String, (usize, bool)>::new();
    let mut assets = Vec::<Asset>::with_capacity(all.len());
    let mut repeated = 0;
    for (position, asset) in all {
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
