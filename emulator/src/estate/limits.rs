//! What can be kept of an asset.

use model::asset::Asset;
use store::parts::WHOLE_BYTES_MAX;

use super::Position;

/// Checks what is lost once JSON is read: how its numbers were written.
pub(super) fn check_text(text: &str) -> Result<(), (Position, String)> {
    let bytes = text.as_bytes();
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'"' => index = after_string(bytes, index),
            b'-' | b'0'..=b'9' => {
                let rest = bytes.get(index..).unwrap_or_default();
                let length = rest.iter().take_while(|byte| is_of_number(**byte)).count();
                let number = text.get(index..index + length).unwrap_or_default();
                let is_exact = number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok();
                if is_integer(number) && !is_exact {
                    let at = Position::after(bytes.get(..index).unwrap_or_default());
                    let reason = "is outside the integers of 64 bits";
                    return Err((at, format!("`{}` {reason}", shorten(number))));
                }
                index += length;
            }
            _ => index += 1,
        }
    }
    Ok(())
}

/// Checks that an asset has a name and a type, and is not too large.
pub(super) fn check(asset: &Asset) -> Result<(), String> {
    for (field, text) in [("name", &asset.name), ("assetType", &asset.asset_type)] {
        if text.trim().is_empty() {
            return Err(format!("`{field}`: is empty"));
        }
    }
    check_size(asset)
}

/// Checks how large an asset is.
pub(super) fn check_size(asset: &Asset) -> Result<(), String> {
    let size = asset.json_bytes();
    if size > WHOLE_BYTES_MAX {
        let (is, most) = (size / 1024, WHOLE_BYTES_MAX / 1024);
        return Err(format!("the asset has {is} KiB, and at most {most} KiB are kept"));
    }
    Ok(())
}

/// Returns the index that follows the string which starts at `start`.
fn after_string(bytes: &[u8], start: usize) -> usize {
    let mut index = start + 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 2,
            b'"' => return index + 1,
            _ => index += 1,
        }
    }
    bytes.len()
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// Cuts what somebody else wrote to a length that fits into one line.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
