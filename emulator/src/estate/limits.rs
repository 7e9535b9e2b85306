//! What a Firestore document can hold.
//!
//! Source: <https://firebase.google.com/docs/firestore/quotas#limits>.

use model::asset::Asset;
use serde_json::Value;

use super::Position;

/// Firestore takes 1 MiB. JSON is not its measure, so some room is left.
pub const DOCUMENT_BYTES_MAX: usize = 900 * 1024;
/// Firestore takes 20 levels of maps and arrays; two are left for what Mesh may add.
pub const DEPTH_MAX: usize = 18;
/// The longest field name.
pub const KEY_BYTES_MAX: usize = 1500;

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
                if is_integer(number) && number.parse::<i64>().is_err() {
                    let at = Position::after(bytes.get(..index).unwrap_or_default());
                    let reason = "is outside the 64-bit integers that Firestore holds";
                    return Err((at, format!("`{}` {reason}", shorten(number))));
                }
                index += length;
            }
            _ => index += 1,
        }
    }
    Ok(())
}

/// Checks an asset against what a document can hold.
pub(super) fn check(asset: &Asset) -> Result<(), String> {
    for (field, text) in [("name", &asset.name), ("assetType", &asset.asset_type)] {
        if text.trim().is_empty() {
            return Err(format!("`{field}`: is empty"));
        }
    }
    let value = to_value(asset)?;
    check_value(&value, 0, &mut Vec::new())?;
    demand_size(&value)
}

/// Checks how large an asset is.
pub(super) fn check_size(asset: &Asset) -> Result<(), String> {
    demand_size(&to_value(asset)?)
}

/// Returns how large an asset is as JSON, the measure of [`DOCUMENT_BYTES_MAX`].
pub(super) fn size(asset: &Asset) -> usize {
    serde_json::to_vec(asset).map_or(usize::MAX, |json| json.len())
}

fn to_value(asset: &Asset) -> Result<Value, String> {
    serde_json::to_value(asset).map_err(|error| error.to_string())
}

fn demand_size(value: &Value) -> Result<(), String> {
    let size = value.to_string().len();
    if size > DOCUMENT_BYTES_MAX {
        let (is, most) = (size / 1024, DOCUMENT_BYTES_MAX / 1024);
        return Err(format!("the asset has {is} KiB, and a document holds at most {most} KiB"));
    }
    Ok(())
}

fn check_value<'a>(value: &'a Value, depth: usize, path: &mut Vec<&'a str>) -> Result<(), String> {
    if depth > DEPTH_MAX {
        let path = shorten(&path.join("."));
        return Err(format!("`{path}`: maps and lists are nested more than {DEPTH_MAX} deep"));
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                check_key(key).map_err(|reason| match path.is_empty() {
                    true => reason,
                    false => format!("`{}`: {reason}", shorten(&path.join("."))),
                })?;
                path.push(key);
                check_value(value, depth + usize::from(is_nested(value)), path)?;
                path.pop();
            }
            Ok(())
        }
        Value::Array(values) => values.iter().try_for_each(|value| {
            if value.is_array() {
                let path = shorten(&path.join("."));
                return Err(format!("`{path}`: Firestore holds no list directly in a list"));
            }
            check_value(value, depth + usize::from(is_nested(value)), path)
        }),
        _ => Ok(()),
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn check_key(key: &str) -> Result<(), String> {
    if key.is_empty() {
        return Err("a field's name is empty".to_owned());
    }
    if key.len() >= 4 && key.starts_with("__") && key.ends_with("__") {
        return Err(format!("the field name `{}` is reserved by Firestore", shorten(key)));
    }
    if key.len() > KEY_BYTES_MAX {
        return Err(format!("a field's name has more than {KEY_BYTES_MAX} bytes"));
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
