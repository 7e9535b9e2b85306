//! Durations as CEL and Google's APIs write them, such as `2160h`, `1h30m` or `7776000s`.

use jiff::SignedDuration;

const UNITS: [(&str, i128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration; `None` when the text is none.
pub(super) fn parse(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut nanos = 0_i128;
    while !rest.is_empty() || nanos == 0 {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        // The longer unit first: `ms` begins as `m` does.
        let (unit, scale) = UNITS
            .into_iter()
            .filter(|(unit, _)| after.starts_with(unit))
            .max_by_key(|(unit, _)| unit.len())?;
        nanos = nanos.checked_add(scaled(number, scale)?)?;
        rest = after.get(unit.len()..)?;
        if rest.is_empty() {
            break;
        }
    }
    let nanos = if negative { -nanos } else { nanos };
    let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
    let part = i32::try_from(nanos % 1_000_000_000).ok()?;
    Some(SignedDuration::new(seconds, part))
}

/// Multiplies a decimal number by a whole one, and drops what is left of the point.
fn scaled(number: &str, scale: i128) -> Option<i128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() || part.contains('.') {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()? };
    let part = part.get(..part.len().min(18))?;
    let divisor = 10_i128.pow(u32::try_from(part.len()).ok()?);
    let part = if part.is_empty() { 0 } else { part.parse::<i128>().ok()? };
    whole.checked_mul(scale)?.checked_add(part * scale / divisor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_they_are_written() {
        let millis = |text| parse(text).map(|duration| duration.as_millis());
        assert_eq!(millis("2160h"), Some(2160 * 3_600_000));
        assert_eq!(millis("1h30m1s"), Some(5_401_000));
        assert_eq!(millis("1.5s"), Some(1500));
        assert_eq!(millis("-3ms"), Some(-3));
        assert_eq!(millis("0"), Some(0));
        for text in ["", "1", "h", "1d", "1.2.3s", "s1", "99999999999999999999999999h"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
