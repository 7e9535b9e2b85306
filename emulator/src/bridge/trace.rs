//! Trace contexts of events.

/// Returns a new, sampled W3C `traceparent`.
#[must_use]
pub fn traceparent() -> String {
    let (trace, span) = (rand::random::<u128>(), rand::random::<u64>());
    // All zeros are not valid, and as unlikely as any other number.
    format!("00-{:032x}-{:016x}-01", trace.max(1), span.max(1))
}

/// Says whether a text is a `traceparent` of the present version.
#[must_use]
pub fn is_traceparent(text: &str) -> bool {
    let parts = text.split('-').collect::<Vec<_>>();
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    matches!(parts[..], ["00", trace, span, flags]
        if trace.len() == 32 && span.len() == 16 && flags.len() == 2
            && parts.iter().all(|part| hex(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_traceparent_is_one() {
        assert!(is_traceparent(&traceparent()));
        assert_ne!(traceparent(), traceparent());
        for wrong in ["", "00-1-2-01", "garbage", "00-00-00"] {
            assert!(!is_traceparent(wrong), "{wrong}");
        }
    }
}
