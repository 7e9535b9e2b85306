//! The public half of a key, as Cloud KMS gives it.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{KeyVersion, KmsError};

/// The one algorithm that logs are signed with.
const ALGORITHM: &str = "EC_SIGN_ED25519";
/// What stands before the 32 bytes of a public key of Ed25519 in DER.
///
/// Source: RFC 8410, section 4.
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The answer to `getPublicKey`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pem: String,
    pem_crc32c: String,
    algorithm: String,
    name: String,
}

/// Reads the public key of a version.
pub(super) fn read(answer: Answer, version: &KeyVersion) -> Result<[u8; 32], KmsError> {
    if answer.name != version.to_string() {
        return Err(KmsError::Answer("it is of another key"));
    }
    if answer.pem_crc32c != crc32c::crc32c(answer.pem.as_bytes()).to_string() {
        return Err(KmsError::Answer("the public key does not have its checksum"));
    }
    if answer.algorithm != ALGORITHM {
        return Err(KmsError::Answer("the key's algorithm is not EC_SIGN_ED25519"));
    }
    key_of(&answer.pem).ok_or(KmsError::Answer("it is no public key of Ed25519"))
}

fn key_of(pem: &str) -> Option<[u8; 32]> {
    let body = pem.trim().strip_prefix("-----BEGIN PUBLIC KEY-----")?;
    let body = body.strip_suffix("-----END PUBLIC KEY-----")?;
    let base64: String = body.split_whitespace().collect();
    let der = BASE64_STANDARD.decode(base64).ok()?;
    der.strip_prefix(&PREFIX)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8410, section 10.1.
    const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";
    const NAME: &str = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1";

    fn answer() -> Answer {
        Answer {
            pem: PEM.into(),
            pem_crc32c: crc32c::crc32c(PEM.as_bytes()).to_string(),
            algorithm: ALGORITHM.into(),
            name: NAME.into(),
        }
    }

    #[test]
    fn the_published_example_is_read_and_what_is_not_it_is_not() {
        let version = NAME.parse().expect("a name");
        let key = read(answer(), &version).expect("a key");
        let expected = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(hex::encode(key), expected);
        let torn = PEM.replace("MCow", "MCox");
        let torn_crc = crc32c::crc32c(torn.as_bytes()).to_string();
        for wrong in [
            Answer { name: NAME.replace("/1", "/2"), ..answer() },
            Answer { pem_crc32c: "7".into(), ..answer() },
            Answer { algorithm: "EC_SIGN_P256_SHA256".into(), ..answer() },
            Answer { pem: torn, pem_crc32c: torn_crc, ..answer() },
        ] {
            assert!(matches!(read(wrong, &version), Err(KmsError::Answer(_))));
        }
    }
}
