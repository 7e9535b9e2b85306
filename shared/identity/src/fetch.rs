//! Fetches an issuer's keys.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::CACHE_CONTROL};

use crate::keys::KeySet;

/// How long a fetch may take: a delivery waits for it, and its own deadline is
/// seldom below ten seconds.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read. Google's sets are below 4 KiB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long keys are fresh when the issuer does not say.
const LIFETIME_DEFAULT: Duration = Duration::from_secs(60 * 60);
/// The shortest time: an issuer that says less would be asked with every token.
const LIFETIME_MIN: Duration = Duration::from_secs(60);
/// The longest time: a key that was withdrawn is forgotten within a day.
pub(crate) const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Why an issuer's keys cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The issuer cannot be reached, or stopped answering.
    #[error("the issuer cannot be reached")]
    Connect(#[from] reqwest::Error),
    /// The issuer answers with something else than 200.
    #[error("the issuer answers {0}")]
    Status(StatusCode),
    /// The answer is longer than a set of keys can be.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// The answer holds no key that could be used.
    #[error("the answer holds no RSA key for RS256 signatures")]
    NoKeys,
}

/// Fetches the keys at a URL, and how long they are fresh.
pub(crate) async fn fetch(url: &str) -> Result<(KeySet, Duration), FetchError> {
    // Made anew for each fetch: fetches are hours apart, and connections are not kept that long.
    let client = reqwest::Client::builder()
        .timeout(FETCH_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    // Plain HTTP means the local issuer, which no proxy can reach.
    let client = if url.starts_with("http://") { client.no_proxy() } else { client };
    let mut response = client.build()?.get(url).send().await?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status(response.status()));
    }
    let lifetime = lifetime(response.headers());
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if answer.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(FetchError::TooLong);
        }
        answer.extend_from_slice(&chunk);
    }
    let keys = KeySet::parse(&answer).filter(|keys| !keys.is_empty());
    Ok((keys.ok_or(FetchError::NoKeys)?, lifetime))
}

/// Returns how long an answer is fresh (RFC 9111, section 5.2.2.1), within bounds.
fn lifetime(headers: &HeaderMap) -> Duration {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let max_age = values.flat_map(|value| value.split(',')).find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let seconds = seconds.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds.parse().ok()).flatten()
    });
    max_age.map_or(LIFETIME_DEFAULT, Duration::from_secs).clamp(LIFETIME_MIN, LIFETIME_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_says_within_bounds_how_long_its_keys_are_fresh() {
        let seconds = |value: &str| {
            let value = value.parse().expect("a header value");
            lifetime(&HeaderMap::from_iter([(CACHE_CONTROL, value)])).as_secs()
        };
        assert_eq!(seconds("public, max-age=22414, must-revalidate, no-transform"), 22_414);
        assert_eq!(seconds("Max-Age=\"600\""), 600);
        assert_eq!(seconds("max-age=0"), 60);
        assert_eq!(seconds("max-age=59"), 60);
        assert_eq!(seconds("max-age=86401"), 86_400);
        assert_eq!(seconds("s-maxage=5, no-cache"), 3600);
        assert_eq!(seconds("max-age=-1"), 3600);
        assert_eq!(lifetime(&HeaderMap::new()).as_secs(), 3600);
    }
}
