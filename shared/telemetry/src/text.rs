use std::{fmt, io};

/// Appends the inside of a JSON string.
pub(crate) fn push_text(line: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let start = line.len();
    // Looks at every byte rather than stopping at the first, so that it is done many at a time.
    let is_plain = |byte: u8| (byte >= b' ') & (byte != b'"') & (byte != b'\\');
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        line.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    serde_json::to_writer(&mut *line, text)?;
    line.pop();
    line.remove(start);
    Ok(())
}

/// The inside of a JSON string, for what is formatted.
pub(crate) struct Text<'a>(pub(crate) &'a mut Vec<u8>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_text(self.0, text).map_err(|_| fmt::Error)
    }
}
