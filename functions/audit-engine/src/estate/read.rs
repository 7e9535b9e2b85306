//! Reads exports asset by asset, however large they are.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    mem,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{NotAnAsset, Subject};

/// The first bytes of a file that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The first bytes of some files; says only that the rest is UTF-8.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
const BUFFER_BYTES: usize = 256 * 1024;
/// The longest line; Cloud Asset Inventory has none of a tenth of it.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a file cannot be read. Nothing of it may be used.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {reason}", file.display())]
pub struct ReadError {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 when no line is to blame.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// One asset of an export, as it stands there.
#[derive(Clone, Copy, Debug)]
pub struct Exported<'t>(&'t str);

/// What tells whether the rest of an asset has to be read.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(expecting = "an asset")]
pub struct Head {
    /// The full resource name.
    #[serde(default)]
    pub name: String,
    /// The type.
    #[serde(default, alias = "asset_type", rename = "assetType")]
    pub asset_type: String,
}

impl Exported<'_> {
    /// Reads its name and type; the rest is hardly looked at.
    ///
    /// # Errors
    /// When it is no object that has both.
    pub fn head(self) -> Result<Head, NotAnAsset> {
        let head: Head = serde_json::from_str(self.0).map_err(not_json)?;
        for (field, text) in [("name", &head.name), ("assetType", &head.asset_type)] {
            if text.trim().is_empty() {
                return Err(NotAnAsset::Field(field));
            }
        }
        Ok(head)
    }

    /// Returns it as it stands in the file.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0
    }

    /// Reads the whole of it.
    ///
    /// # Errors
    /// When it is no object with a name and a type.
    pub fn subject(self) -> Result<Subject, NotAnAsset> {
        Subject::new(serde_json::from_str(self.0).map_err(not_json)?)
    }
}

/// Says what is wrong, without the place, which is said elsewhere.
fn not_json(error: serde_json::Error) -> NotAnAsset {
    NotAnAsset::Json(reason(&error))
}

/// Reads the assets of a file: newline-delimited JSON, an array or one object, plain or in gzip.
///
/// # Errors
/// The first thing that is wrong, and whatever `take` says.
pub fn read(
    file: &Path,
    mut take: impl FnMut(Exported<'_>) -> Result<(), NotAnAsset>,
) -> Result<(), ReadError> {
    let failed = |line, reason: String| ReadError { file: file.to_owned(), line, reason };
    let mut plain = open(file).map_err(|error| failed(0, error.to_string()))?;
    let start = plain.fill_buf().map_err(|error| failed(0, error.to_string()))?;
    if start.starts_with(&BYTE_ORDER_MARK) {
        plain.consume(BYTE_ORDER_MARK.len());
    }
    let first = first_letter(&mut plain).map_err(|error| failed(0, error.to_string()))?;
    match first {
        None => Err(failed(1, "the file is empty".to_owned())),
        Some(b'[') => {
            let mut json = serde_json::Deserializer::from_reader(plain);
            let end = json.deserialize_seq(Assets(&mut take)).and_then(|()| json.end());
            end.map_err(|error| failed(error.line(), reason(&error)))
        }
        Some(_) => lines(plain, &mut take).map_err(|(line, reason)| failed(line, reason)),
    }
}

fn open(file: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut plain = BufReader::with_capacity(BUFFER_BYTES, File::open(file)?);
    if plain.fill_buf()?.starts_with(&GZIP) {
        let decoded = MultiGzDecoder::new(plain);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoded)));
    }
    Ok(Box::new(plain))
}

fn first_letter(text: &mut impl BufRead) -> io::Result<Option<u8>> {
    let start = text.fill_buf()?;
    Ok(start.iter().copied().find(|byte| !byte.is_ascii_whitespace()))
}

fn lines(
    mut text: impl BufRead,
    take: &mut impl FnMut(Exported<'_>) -> Result<(), NotAnAsset>,
) -> Result<(), (usize, String)> {
    let (mut line, mut first) = (Vec::new(), true);
    for number in 1.. {
        line.clear();
        let mut bounded = (&mut text).take(LINE_BYTES_MAX);
        let length =
            bounded.read_until(b'\n', &mut line).map_err(|error| (number, error.to_string()))?;
        if length == 0 {
            break;
        }
        if length as u64 == LINE_BYTES_MAX {
            return Err((number, "the line is too long".to_owned()));
        }
        let content = line.trim_ascii();
        if content.is_empty() {
            continue;
        }
        if mem::take(&mut first) && is_beginning(content) {
            let only = only(text, line).map_err(|reason| (number, reason))?;
            serde_json::from_str::<IgnoredAny>(&only)
                .map_err(|error| (number + error.line() - 1, reason(&error)))?;
            return take(Exported(&only)).map_err(|error| (number, error.to_string()));
        }
        let content =
            str::from_utf8(content).map_err(|_| (number, "the line is not UTF-8".to_owned()))?;
        take(Exported(content)).map_err(|error| (number, error.to_string()))?;
    }
    Ok(())
}

/// Tells whether a line is only the beginning of a value.
fn is_beginning(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

/// Returns the one value that a text is, which has more than one line.
fn only(text: impl BufRead, mut value: Vec<u8>) -> Result<String, String> {
    let read = text.take(LINE_BYTES_MAX).read_to_end(&mut value);
    if read.map_err(|error| error.to_string())? as u64 == LINE_BYTES_MAX {
        return Err("the asset is too long".to_owned());
    }
    String::from_utf8(value).map_err(|_| "the asset is not UTF-8".to_owned())
}

/// Returns what is wrong, without the place, which is said elsewhere.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// Takes the elements of an array one by one.
struct Assets<'t, T>(&'t mut T);

impl<'de, T: FnMut(Exported<'_>) -> Result<(), NotAnAsset>> Visitor<'de> for Assets<'_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of assets")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut assets: A) -> Result<(), A::Error> {
        while let Some(json) = assets.next_element::<Box<RawValue>>()? {
            (self.0)(Exported(json.get())).map_err(Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(bytes: &[u8]) -> Result<Vec<String>, String> {
        let path = std::env::temp_dir().join(format!("mesh-read-{}", rand::random::<u64>()));
        std::fs::write(&path, bytes).expect("written");
        let mut names = Vec::new();
        let read = read(&path, |exported| {
            let (head, subject) = (exported.head(), exported.subject()?);
            assert_eq!(head.map(|head| head.name).as_deref(), Ok(subject.name()));
            names.push(subject.name().to_owned());
            Ok(())
        });
        std::fs::remove_file(&path).expect("removed");
        read.map(|()| names).map_err(|error| error.to_string())
    }

    const LINES: &str =
        "{\"name\": \"//a\", \"assetType\": \"t\"}\n\n{\"name\": \"//b\", \"asset_type\": \"t\"}\n";

    #[test]
    fn lines_arrays_and_gzip_are_read() {
        let both = Ok(vec!["//a".to_owned(), "//b".to_owned()]);
        assert_eq!(names(LINES.as_bytes()), both);
        assert_eq!(names(&[&BYTE_ORDER_MARK, LINES.as_bytes()].concat()), both);
        let array = format!("[{}]", LINES.trim().replace("\n\n", ",\n"));
        assert_eq!(names(array.as_bytes()), both);
        let one = "\n{\n  \"name\": \"//a\",\n  \"assetType\": \"t\"\n}\n";
        assert_eq!(names(one.as_bytes()), Ok(vec!["//a".to_owned()]));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(LINES.as_bytes()).expect("compressed");
        assert_eq!(names(&gzip.finish().expect("compressed")), both);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("", "line 1: the file is empty"),
            ("{\"name\": \"//a\", \"assetType\": \"t\"}\n{\"name\": ", "line 2: EOF"),
            ("{\"assetType\": \"t\"}", "line 1: `name` is missing or empty"),
            (
                "[{\"name\": \"//a\", \"assetType\": \"t\"},\n 7]",
                "line 2: an asset must be an object",
            ),
            ("[{\"name\": \"//a\"\n \"assetType\"", "line 2: expected `,` or `}`"),
            ("{\n\"name\": \"//a\",\n\"assetType\": \"t\"}\n{}", "line 4: trailing characters"),
            ("7", "line 1: an asset must be an object"),
        ] {
            let error = names(text.as_bytes()).expect_err(text);
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
