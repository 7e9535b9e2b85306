//! Reads when a certificate expires, and nothing else of it.
//!
//! Sources: RFC 5280, section 4.1; ITU-T X.690 for the encoding.

use model::Timestamp;

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// Returns when a certificate expires; `None` when it is none.
pub(super) fn expires_at(certificate: &[u8]) -> Option<Timestamp> {
    let (body, _) = element(certificate, SEQUENCE)?;
    let (mut signed, _) = element(body, SEQUENCE)?;
    if signed.first() == Some(&VERSION) {
        signed = skip(signed)?;
    }
    // The serial number, the algorithm, the issuer.
    for _ in 0..3 {
        signed = skip(signed)?;
    }
    let (validity, _) = element(signed, SEQUENCE)?;
    let after = skip(validity)?;
    match *after.first()? {
        UTC_TIME => {
            let text = std::str::from_utf8(element(after, UTC_TIME)?.0).ok()?;
            let year: u32 = text.get(..2)?.parse().ok()?;
            let century = if year < 50 { "20" } else { "19" };
            instant(&format!("{century}{text}"))
        }
        GENERALIZED_TIME => instant(std::str::from_utf8(element(after, GENERALIZED_TIME)?.0).ok()?),
        _ => None,
    }
}

/// Reads `YYYYMMDDHHMMSSZ`, the only form that RFC 5280 allows.
fn instant(text: &str) -> Option<Timestamp> {
    if text.len() != 15 || !text.ends_with('Z') || !text.is_ascii() {
        return None;
    }
    let (date, time) = text.split_at(8);
    let rfc3339 = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &date[..4],
        &date[4..6],
        &date[6..],
        &time[..2],
        &time[2..4],
        &time[4..6]
    );
    rfc3339.parse().ok()
}

/// Splits an element with this tag into its content and what follows.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    if *bytes.first()? != tag {
        return None;
    }
    let first = usize::from(*bytes.get(1)?);
    let (length, start) = match first {
        0..=0x7f => (first, 2),
        0x81..=0x83 => {
            let digits = bytes.get(2..2 + (first - 0x80))?;
            (
                digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)),
                2 + digits.len(),
            )
        }
        _ => return None,
    };
    let end = start.checked_add(length)?;
    Some((bytes.get(start..end)?, bytes.get(end..)?))
}

/// Returns what follows the first element.
fn skip(bytes: &[u8]) -> Option<&[u8]> {
    element(bytes, *bytes.first()?).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read_before_and_after_2050() {
        for (year, wanted) in [(2027, "2027-03-09T00:00:00Z"), (2051, "2051-03-09T00:00:00Z")] {
            let mut wish = rcgen::CertificateParams::new(vec!["a.example".into()]).expect("a name");
            wish.not_after = rcgen::date_time_ymd(year, 3, 9);
            let key = rcgen::KeyPair::generate().expect("a key");
            let certificate = wish.self_signed(&key).expect("a certificate");
            let end = expires_at(certificate.der()).map(|end| end.to_string());
            assert_eq!(end.as_deref(), Some(wanted));
            // Whatever is cut off is no certificate, and no panic.
            for length in 0..certificate.der().len().min(400) {
                assert_eq!(expires_at(&certificate.der()[..length]), None);
            }
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "20261123120000", "2026112312000Z", "20261323120000Z", "2026112312é00Z"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
