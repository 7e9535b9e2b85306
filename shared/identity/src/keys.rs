//! An issuer's public keys.

use std::collections::BTreeMap;

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;

/// Where an issuer's keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// Fetched from this URL when first needed, and again when they age.
    Url(String),
    /// These and no others, for ever. For tests.
    Fixed(JwkSet),
}

/// The RSA keys of one issuer by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet(BTreeMap<String, RsaKey>);

#[derive(Clone, Debug)]
struct RsaKey {
    modulus: String,
    exponent: String,
    key: DecodingKey,
}

impl PartialEq for RsaKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.modulus, &self.exponent) == (&other.modulus, &other.exponent)
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl KeySet {
    /// Reads a JWK set (RFC 7517). Keys that are not RSA keys for RS256 signatures,
    /// or that this crate cannot read, are left out, as RFC 7517, section 5, asks.
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<serde_json::Value>,
        }
        let published: Published = serde_json::from_slice(json).ok()?;
        let keys = published.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Some(Self::of(&JwkSet { keys: keys.collect() }))
    }

    /// Takes the RSA keys for RS256 signatures out of a set.
    pub(crate) fn of(set: &JwkSet) -> Self {
        Self(set.keys.iter().filter_map(usable).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&DecodingKey> {
        self.0.get(id).map(|key| &key.key)
    }
}

/// Returns a key by its id, if RS256 signatures can be verified with it.
fn usable(jwk: &Jwk) -> Option<(String, RsaKey)> {
    let common = &jwk.common;
    let for_rs256 = matches!(common.key_algorithm, None | Some(KeyAlgorithm::RS256));
    let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
    let AlgorithmParameters::RSA(rsa) = &jwk.algorithm else { return None };
    if !for_rs256 || !for_signatures {
        return None;
    }
    let key = DecodingKey::from_rsa_components(&rsa.n, &rsa.e).ok()?;
    let id = common.key_id.clone().filter(|id| !id.is_empty())?;
    Some((id, RsaKey { modulus: rsa.n.clone(), exponent: rsa.e.clone(), key }))
}

/// Tells whether a signature (base64url) is of this message by this key, with RS256.
pub(crate) fn is_signed(message: &str, signature: &str, key: &DecodingKey) -> bool {
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::RS256)
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{KNOWN, jwk};

    #[test]
    fn only_rsa_keys_for_rs256_signatures_are_taken() {
        let good = serde_json::to_value(jwk(KNOWN, "a")).expect("serializes");
        let with = |changes: serde_json::Value| {
            let mut key = good.clone();
            for (name, value) in changes.as_object().expect("an object") {
                key[name] = value.clone();
            }
            key
        };
        let without = |name: &str| {
            let mut key = good.clone();
            key.as_object_mut().expect("an object").remove(name);
            key
        };
        let taken = |key| {
            let json = json!({ "keys": [key] }).to_string();
            !KeySet::parse(json.as_bytes()).expect("a set").is_empty()
        };
        for key in [
            good.clone(),
            without("alg"),
            with(json!({"use": "sig"})),
            with(json!({"x5t": "abc", "novelty": 1})),
        ] {
            assert!(taken(key.clone()), "{key}");
        }
        for key in [
            with(json!({"alg": "RS512"})),
            with(json!({"alg": "PS256"})),
            with(json!({"alg": "HS256"})),
            with(json!({"alg": "made-up"})),
            with(json!({"use": "enc"})),
            with(json!({"use": "other"})),
            with(json!({"kty": "oct", "k": "c2VjcmV0"})),
            with(json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"})),
            with(json!({"n": "not base64!"})),
            with(json!({"kid": ""})),
            with(json!({"kid": 7})),
            without("kid"),
            without("n"),
            without("kty"),
            json!("not a key"),
        ] {
            assert!(!taken(key.clone()), "{key}");
        }
    }

    #[test]
    fn one_strange_key_does_not_spoil_the_set() {
        let json = json!({ "keys": [{"kty": "LMS"}, 7, jwk(KNOWN, "a")] }).to_string();
        assert!(KeySet::parse(json.as_bytes()).expect("a set").get("a").is_some());
        for json in ["", "{}", "[]", r#"{"keys": {}}"#, "<html>"] {
            assert!(KeySet::parse(json.as_bytes()).is_none(), "{json}");
        }
    }
}
