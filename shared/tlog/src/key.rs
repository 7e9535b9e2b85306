//! Ed25519 keys: the half that signs, and the half that everybody may know.
//!
//! Source: <https://c2sp.org/signed-note>, "Signatures" and "Verifier keys".

use std::{fmt, future::Future, pin::Pin, str::FromStr};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

/// Bytes of a seed, and of a public key.
const KEY_BYTES: usize = 32;
/// The longest name: longer ones do not fit into other formats of the same family.
const NAME_BYTES_MAX: usize = 255;

/// How a key signs, as signed notes number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The text itself: 0x01, for logs.
    Ed25519,
    /// The text with the time at which it was seen: 0x04, for witnesses.
    CosignatureV1,
}

impl Algorithm {
    fn number(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }
}

/// A key that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A seed or a public key is not 32 bytes in hexadecimal digits. Shows nothing of it.
    #[error("the key is not 64 hexadecimal digits")]
    NotHex,
    /// A name has spaces or `+`, or is empty or too long.
    #[error("`{0}` is no name of a key")]
    Name(String),
    /// A verifier key is not `name+id+data` of a kind that is known, or its id is another's.
    #[error("`{0}` is no verifier key of Ed25519")]
    Verifier(String),
}

/// A signature that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign: {0}")]
pub struct SignError(pub String);

/// A signature on its way.
pub type Signed<'a> = Pin<Box<dyn Future<Output = Result<[u8; 64], SignError>> + Send + 'a>>;

/// Signs with Ed25519: a key in memory, or one that a service keeps.
pub trait Sign: Send + Sync {
    /// Returns the public half.
    fn public(&self) -> [u8; 32];

    /// Signs a message.
    fn sign<'a>(&'a self, message: &'a [u8]) -> Signed<'a>;
}

/// A key in memory. It shows nothing of itself.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: [u8; KEY_BYTES],
}

impl SigningKey {
    /// Makes the key of a seed.
    ///
    /// # Panics
    /// Never: every 32 bytes are a seed.
    #[must_use]
    pub fn from_seed(seed: [u8; KEY_BYTES]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
        let mut public = [0; KEY_BYTES];
        public.copy_from_slice(pair.public_key().as_ref());
        Self { pair, public }
    }

    /// Reads a seed from 64 hexadecimal digits, as a secret holds it.
    ///
    /// # Errors
    /// When it is something else; the error shows nothing of it.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        bytes_of(text).map(Self::from_seed)
    }

    /// Returns the public half.
    #[must_use]
    pub fn public(&self) -> [u8; KEY_BYTES] {
        self.public
    }

    /// Signs a message at once.
    #[must_use]
    pub fn sign_now(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }
}

impl Sign for SigningKey {
    fn public(&self) -> [u8; KEY_BYTES] {
        self.public
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> Signed<'a> {
        Box::pin(std::future::ready(Ok(self.sign_now(message))))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

fn bytes_of(text: &str) -> Result<[u8; KEY_BYTES], KeyError> {
    let mut bytes = [0; KEY_BYTES];
    hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| KeyError::NotHex)?;
    Ok(bytes)
}

/// The public half of a named key. Written as `name+id+data`, which is called a vkey.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    public: [u8; KEY_BYTES],
}

impl VerifierKey {
    /// Names a public key.
    ///
    /// # Errors
    /// When the name is none.
    pub fn new(
        name: &str,
        algorithm: Algorithm,
        public: [u8; KEY_BYTES],
    ) -> Result<Self, KeyError> {
        let bad = name.is_empty()
            || name.len() > NAME_BYTES_MAX
            || name.contains('+')
            || name.contains(char::is_whitespace);
        if bad {
            return Err(KeyError::Name(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), algorithm, public })
    }

    /// Names a public key that is given in 64 hexadecimal digits.
    ///
    /// # Errors
    /// When the name or the key is none.
    pub fn from_hex(name: &str, algorithm: Algorithm, text: &str) -> Result<Self, KeyError> {
        Self::new(name, algorithm, bytes_of(text)?)
    }

    /// Returns the key's name; that of a log's key is the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how the key signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the key without its name.
    #[must_use]
    pub fn public(&self) -> [u8; KEY_BYTES] {
        self.public
    }

    /// Returns the number that signatures name the key by.
    #[must_use]
    pub fn id(&self) -> u32 {
        let mut hasher = Sha256::new();
        hasher.update(self.name.as_bytes());
        hasher.update(b"\n");
        hasher.update(self.data());
        let digest = hasher.finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// Tells whether a note's signature is of this key over a text.
    #[must_use]
    pub fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let valid = |message: &[u8], signature: &[u8]| {
            UnparsedPublicKey::new(&ED25519, self.public).verify(message, signature).is_ok()
        };
        match self.algorithm {
            Algorithm::Ed25519 => valid(text, signature),
            Algorithm::CosignatureV1 => {
                let Some((seconds, signature)) = signature.split_first_chunk::<8>() else {
                    return false;
                };
                let seconds = u64::from_be_bytes(*seconds);
                i64::try_from(seconds).is_ok() && valid(&cosigned(text, seconds), signature)
            }
        }
    }

    /// Returns a checkpoint's text as a note that a key in memory has signed.
    #[must_use]
    pub fn sign_with(&self, key: &SigningKey, text: &str) -> String {
        format!("{text}\n{}", self.line(&key.sign_now(text.as_bytes())))
    }

    /// Signs a checkpoint's text; returns the note.
    ///
    /// # Errors
    /// When the signer cannot.
    pub async fn sign(&self, signer: &dyn Sign, text: &str) -> Result<String, SignError> {
        let signature = signer.sign(text.as_bytes()).await?;
        Ok(format!("{text}\n{}", self.line(&signature)))
    }

    /// Cosigns a checkpoint's text as seen at a time in seconds since 1970; returns the
    /// signature's line.
    ///
    /// # Errors
    /// When the signer cannot.
    pub async fn cosign(
        &self,
        signer: &dyn Sign,
        text: &str,
        seconds: u64,
    ) -> Result<String, SignError> {
        let signature = signer.sign(&cosigned(text.as_bytes(), seconds)).await?;
        Ok(self.line(&[&seconds.to_be_bytes()[..], &signature].concat()))
    }

    fn line(&self, signature: &[u8]) -> String {
        let bytes = [&self.id().to_be_bytes()[..], signature].concat();
        format!("— {} {}\n", self.name, BASE64_STANDARD.encode(bytes))
    }

    fn data(&self) -> Vec<u8> {
        [&[self.algorithm.number()][..], &self.public].concat()
    }
}

/// Returns what a cosignature signs.
fn cosigned(text: &[u8], seconds: u64) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}+{}", self.name, self.id(), BASE64_STANDARD.encode(self.data()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let refused = || KeyError::Verifier(text.to_owned());
        // Base64 may hold `+` as well, a name and an id may not.
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or_else(refused);
        let (name, id, data) = (part()?, part()?, part()?);
        let data = BASE64_STANDARD.decode(data).map_err(|_| refused())?;
        let (number, public) = data.split_first().ok_or_else(refused)?;
        let algorithm = match number {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::CosignatureV1,
            _ => return Err(refused()),
        };
        let public = public.try_into().map_err(|_| refused())?;
        let key = Self::new(name, algorithm, public)?;
        if format!("{:08x}", key.id()) == id { Ok(key) } else { Err(refused()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_key_leads_back_and_a_foreign_id_does_not() {
        for algorithm in [Algorithm::Ed25519, Algorithm::CosignatureV1] {
            let public = SigningKey::from_seed([1; 32]).public();
            let key = VerifierKey::new("example.com/log", algorithm, public).expect("a name");
            assert_eq!(key.to_string().parse(), Ok(key.clone()));
            let other = key.to_string().replace("example.com/log", "example.com/fog");
            assert!(other.parse::<VerifierKey>().is_err());
        }
        for name in ["", "a b", "a+b", "a\n", &"x".repeat(256)] {
            assert!(VerifierKey::new(name, Algorithm::Ed25519, [0; 32]).is_err(), "{name}");
        }
    }

    #[test]
    fn the_published_example_verifies() {
        // From <https://pkg.go.dev/golang.org/x/mod/sumdb/note>, the first implementation.
        let key: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            .parse()
            .expect("a key");
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let bytes = BASE64_STANDARD.decode(line).expect("Base64");
        assert!(key.verifies(text.as_bytes(), &bytes[4..]));
        assert!(!key.verifies(&text.as_bytes()[1..], &bytes[4..]));
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = SigningKey::from_hex(&"ab".repeat(32)).expect("a seed");
        assert_eq!(format!("{key:?}"), "SigningKey(redacted)");
        let refused = SigningKey::from_hex("abcd").expect_err("too short");
        assert!(!refused.to_string().contains("abcd"));
    }
}
