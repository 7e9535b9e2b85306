//! How Cloud KMS names a version of a key.

use std::{fmt, str::FromStr};

/// What stands before each part of a name.
const PARTS: [&str; 5] = ["projects", "locations", "keyRings", "cryptoKeys", "cryptoKeyVersions"];

/// The resource name of a version of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyVersion(String);

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not `projects/…/locations/…/keyRings/…/cryptoKeys/…/cryptoKeyVersions/…`")]
pub struct NoKeyVersion;

impl FromStr for KeyVersion {
    type Err = NoKeyVersion;

    fn from_str(text: &str) -> Result<Self, NoKeyVersion> {
        let words: Vec<_> = text.split('/').collect();
        let (pairs, rest) = words.as_chunks::<2>();
        let plain = |word: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
            !word.is_empty() && word.bytes().all(allowed)
        };
        let good = rest.is_empty()
            && pairs.len() == PARTS.len()
            && pairs.iter().zip(PARTS).all(|([part, id], known)| *part == known && plain(id))
            && pairs[PARTS.len() - 1][1].parse::<u64>().is_ok();
        if good { Ok(Self(text.to_owned())) } else { Err(NoKeyVersion) }
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_a_key_is_named_whole() {
        let good =
            "projects/p-1/locations/europe-west1/keyRings/mesh/cryptoKeys/log/cryptoKeyVersions/1";
        assert_eq!(good.parse::<KeyVersion>().map(|name| name.to_string()), Ok(good.to_owned()));
        let key = good.trim_end_matches("/cryptoKeyVersions/1");
        for bad in [
            "",
            "none",
            key,
            &good.replace("/1", "/one"),
            &good.replace("keyRings", "keyrings"),
            &good.replace("p-1", ""),
            &good.replace("p-1", "p?x"),
            &format!("{good}/"),
            &format!("/{good}"),
            &format!("{good}/publicKey"),
        ] {
            assert_eq!(bad.parse::<KeyVersion>(), Err(NoKeyVersion), "{bad}");
        }
    }
}
