//! What holds for the claims of every token.

use model::Timestamp;

use crate::Refusal;

/// How far two clocks may be apart. Google's and Firebase's servers keep time to
/// well below a second; half a minute forgives a machine that does not, and
/// lengthens the hour that a token lives by less than a hundredth.
pub(crate) const LEEWAY_SECONDS: i64 = 30;

/// Checks a token's times, in seconds since 1970.
pub(crate) fn check_times(
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if now.as_second() >= exp.saturating_add(LEEWAY_SECONDS) {
        return Err(Refusal::Expired);
    }
    check_past(iat, now)?;
    nbf.map_or(Ok(()), |nbf| check_past(nbf, now))
}

/// Checks that something has happened, in seconds since 1970.
pub(crate) fn check_past(instant: i64, now: Timestamp) -> Result<(), Refusal> {
    if instant > now.as_second().saturating_add(LEEWAY_SECONDS) {
        return Err(Refusal::Future);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn check(exp: i64, iat: i64, nbf: Option<i64>) -> Result<(), Refusal> {
        let now = jiff::Timestamp::from_second(NOW).expect("in range");
        check_times(exp, iat, nbf, now.into())
    }

    #[test]
    fn the_leeway_is_exact_on_both_sides() {
        assert_eq!(check(NOW - 29, NOW - 60, None), Ok(()));
        assert_eq!(check(NOW - 30, NOW - 60, None), Err(Refusal::Expired));
        assert_eq!(check(NOW + 60, NOW + 30, None), Ok(()));
        assert_eq!(check(NOW + 60, NOW + 31, None), Err(Refusal::Future));
        assert_eq!(check(NOW + 60, NOW, Some(NOW + 30)), Ok(()));
        assert_eq!(check(NOW + 60, NOW, Some(NOW + 31)), Err(Refusal::Future));
    }

    #[test]
    fn the_ends_of_time_do_not_wrap() {
        assert_eq!(check(i64::MAX, i64::MIN, Some(i64::MIN)), Ok(()));
        assert_eq!(check(i64::MIN, NOW, None), Err(Refusal::Expired));
        assert_eq!(check(i64::MAX, i64::MAX, None), Err(Refusal::Future));
    }
}
