//! The form of a token, before anything it says is believed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};

use crate::Refusal;

/// The longest token that is looked at. Firebase's are below 2 KiB (custom claims
/// hold 1,000 bytes at most) and Google's below 1 KiB.
pub(crate) const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Returns the token of an `Authorization` header.
///
/// The scheme may be in any case (RFC 7235, section 2.1). What follows is exactly
/// one space and one token, which is stricter than RFC 7235 and what everybody sends.
pub(crate) fn bearer(authorization: Option<&str>) -> Result<&str, Refusal> {
    let value = authorization.ok_or(Refusal::Missing)?;
    let (scheme, token) = value.split_once(' ').ok_or(Refusal::NotBearer)?;
    if !scheme.eq_ignore_ascii_case("Bearer") || token.is_empty() {
        return Err(Refusal::NotBearer);
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refusal::TooLong);
    }
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // Looks at every byte rather than stopping at the first, so that it is done 32 at a time.
    let whole = token.bytes().fold(true, |whole, byte| whole & is_token(byte));
    if whole { Ok(token) } else { Err(Refusal::NotBearer) }
}

/// A token in the compact form of RFC 7515, taken apart and not yet verified.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    pub(crate) header: Header,
    /// What the signature is about: the first two parts and the dot between them.
    pub(crate) message: &'a str,
    pub(crate) signature: &'a str,
    payload: Vec<u8>,
}

/// The header's parameters that decide. A parameter that comes twice is an error.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    #[serde(default)]
    pub(crate) kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Presence,
}

/// Whether a parameter is there, whatever its value, `null` included.
#[derive(Debug, Default)]
struct Presence(bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let (message, signature) = text.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Refusal::Malformed)?;
        if payload.contains('.') {
            return Err(Refusal::Malformed);
        }
        let header: Header = object(&decode(header)?)?;
        if header.crit.0 {
            return Err(Refusal::Critical);
        }
        // Tokens of another type may be signed with the same keys (RFC 8725, section 3.11).
        if header.typ.as_ref().is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")) {
            return Err(Refusal::Malformed);
        }
        Ok(Self { header, message, signature, payload: decode(payload)? })
    }

    /// Reads what the token says.
    pub(crate) fn claims<C: DeserializeOwned>(&self) -> Result<C, Refusal> {
        object(&self.payload)
    }
}

/// Decodes base64url without padding, in its one canonical form.
fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

/// Reads a JSON object; `serde` alone would also take an array of the fields' values.
fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    if json.first() != Some(&b'{') {
        return Err(Refusal::Malformed);
    }
    serde_json::from_slice(json).map_err(|_| Refusal::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_bearer_token_or_nothing() {
        for good in ["Bearer a.b-c_D", "bearer a", "BEARER a", "bEaReR 0"] {
            assert!(bearer(Some(good)).is_ok(), "{good}");
        }
        assert_eq!(bearer(None), Err(Refusal::Missing));
        let bad = [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer  a",
            " Bearer a",
            "Bearer a ",
            "Bearer\ta",
            "Bearer a b",
            "Bearer a,b",
            "Bearer a, Bearer b",
            "Bearer a\nb",
            "Basic YTpi",
            "a.b.c",
            "Bearera",
            "Bearer a=",
            "Bearer \u{e9}",
            "Token a",
            "Bearer: a",
        ];
        for bad in bad {
            assert_eq!(bearer(Some(bad)), Err(Refusal::NotBearer), "{bad:?}");
        }
    }

    #[test]
    fn the_longest_token_is_taken_and_one_more_byte_refused() {
        let value = |length| format!("Bearer {}", "a".repeat(length));
        assert!(bearer(Some(&value(TOKEN_BYTES_MAX))).is_ok());
        assert_eq!(bearer(Some(&value(TOKEN_BYTES_MAX + 1))), Err(Refusal::TooLong));
    }
}
