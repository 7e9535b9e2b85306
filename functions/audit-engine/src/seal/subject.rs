//! Keys of people: what identifies them in the log is encrypted, so that it can be forgotten.

use std::collections::BTreeMap;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    RecordId, SubjectId, Timestamp, Uid,
    log::{Entry, Personal, SealedPart, SubjectKey},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tlog::ENTRY_BYTES_MAX;

use super::SealError;

/// Bytes of a key of AES-256.
const KEY_BYTES: usize = 32;
/// Bytes of a pseudonym: 128 bits, so that two people never share one by chance.
const SUBJECT_BYTES: usize = 16;
/// A secret shorter than this could be guessed.
const SECRET_CHARS_MIN: usize = 32;

/// The log's secret: makes pseudonyms, and encrypts the keys of people where they are kept.
pub struct SubjectSecret {
    pseudonyms: hmac::Key,
    wrapping: [u8; KEY_BYTES],
}

/// The key of one person, in the clear.
#[derive(Clone)]
pub struct PersonKey {
    subject: SubjectId,
    generation: u32,
    key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for SubjectSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubjectSecret(redacted)")
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonKey({}, generation {})", self.subject, self.generation)
    }
}

impl SubjectSecret {
    /// Reads the secret; `None` when it is too short to be one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.len() < SECRET_CHARS_MIN {
            return None;
        }
        let secret = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        let derived = |purpose: &str| {
            let mut key = [0; KEY_BYTES];
            key.copy_from_slice(hmac::sign(&secret, purpose.as_bytes()).as_ref());
            key
        };
        let pseudonyms = hmac::Key::new(hmac::HMAC_SHA256, &derived("audit log: pseudonyms"));
        Some(Self { pseudonyms, wrapping: derived("audit log: keys of people") })
    }

    /// Returns the pseudonym of a person.
    #[must_use]
    pub fn subject(&self, person: &Uid) -> SubjectId {
        let tag = hmac::sign(&self.pseudonyms, person.as_str().as_bytes());
        SubjectId::new(hex::encode(&tag.as_ref()[..SUBJECT_BYTES]))
    }

    /// Makes a new key for a person; returns it as it is used, and as it is kept.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn make(
        &self,
        subject: &SubjectId,
        generation: u32,
        now: Timestamp,
    ) -> Result<(PersonKey, SubjectKey), SealError> {
        let mut key = [0; KEY_BYTES];
        let failed = |_| SealError::Key(subject.to_string());
        aws_lc_rs::rand::fill(&mut key).map_err(failed)?;
        let wrapped = encrypt(&self.wrapping, &context(subject, generation, ""), &key);
        let kept = SubjectKey {
            generation,
            key: Some(wrapped.ok_or_else(|| SealError::Key(subject.to_string()))?),
            made_at: now,
            destroyed_at: None,
        };
        Ok((PersonKey { subject: subject.clone(), generation, key }, kept))
    }

    /// Reads a key as it is kept; `None` when it was destroyed.
    ///
    /// # Errors
    /// When it is not a key of this person, encrypted with this secret.
    pub fn open(
        &self,
        subject: &SubjectId,
        kept: &SubjectKey,
    ) -> Result<Option<PersonKey>, SealError> {
        let Some(wrapped) = &kept.key else { return Ok(None) };
        let generation = kept.generation;
        let key = decrypt(&self.wrapping, &context(subject, generation, ""), wrapped);
        let key = key.and_then(|key| key.try_into().ok());
        let key = key.ok_or_else(|| SealError::Key(subject.to_string()))?;
        Ok(Some(PersonKey { subject: subject.clone(), generation, key }))
    }
}

impl PersonKey {
    /// Returns which of the person's keys it is.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Encrypts members of an entry.
    fn seal(&self, record: &RecordId, members: Map<String, Value>) -> Option<SealedPart> {
        let context = context(&self.subject, self.generation, record.as_str());
        let data = encrypt(&self.key, &context, Value::Object(members).to_string().as_bytes())?;
        Some(SealedPart { subject: self.subject.to_string(), generation: self.generation, data })
    }

    /// Reads a part of an entry; `None` when it was encrypted with another key, or for
    /// another record.
    #[must_use]
    pub fn read(&self, record: &RecordId, part: &SealedPart) -> Option<Map<String, Value>> {
        let context = context(&self.subject, self.generation, record.as_str());
        serde_json::from_slice(&decrypt(&self.key, &context, &part.data)?).ok()
    }
}

/// Returns an entry's text, with what identifies people encrypted with their keys. One that
/// is too large for the log becomes its digest.
///
/// # Errors
/// When a person has no key among these, or it does not encrypt.
pub fn compose(
    (mut entry, personal): (Entry, Vec<Personal>),
    keys: &BTreeMap<Uid, PersonKey>,
) -> Result<String, SealError> {
    for part in personal {
        let sealed = keys.get(&part.person).and_then(|key| key.seal(&entry.record, part.members));
        // The person's id is personal data: the error names the record instead.
        let sealed = sealed.ok_or_else(|| SealError::Key(format!("of {}", entry.record)))?;
        entry.sealed.push(sealed);
    }
    let text = entry.to_text();
    if text.len() <= ENTRY_BYTES_MAX {
        return Ok(text);
    }
    Ok(entry.shortened(hex::encode(Sha256::digest(text))).to_text())
}

/// Says what a ciphertext belongs to, so that it fits nowhere else.
fn context(subject: &SubjectId, generation: u32, record: &str) -> String {
    format!("{subject}\n{generation}\n{record}")
}

fn encrypt(key: &[u8], context: &str, clear: &[u8]) -> Option<String> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let mut data = clear.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(context), &mut data).ok()?;
    Some(BASE64_STANDARD.encode([&nonce.as_ref()[..], &data].concat()))
}

fn decrypt(key: &[u8], context: &str, text: &str) -> Option<Vec<u8>> {
    let key = RandomizedNonceKey::new(&AES_256_GCM, key).ok()?;
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let (nonce, data) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut data = data.to_vec();
    let clear = key.open_in_place(nonce, Aad::from(context), &mut data).ok()?;
    Some(clear.to_vec())
}

#[cfg(test)]
mod tests {
    use model::{Actor, CorrelationId, journal::JournalRecord};

    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().expect("a time")
    }

    fn record(person: &str, reason: String) -> JournalRecord {
        JournalRecord {
            actor: Actor::Person {
                uid: Uid::new(person),
                email: Some(format!("{person}@m.example")),
            },
            action: "override.requested".into(),
            target: "overrides/o1".into(),
            before: None,
            after: Some("a".into()),
            reason,
            time: now(),
            correlation: CorrelationId::new("c"),
            event: None,
            writer: None,
        }
    }

    fn secret() -> SubjectSecret {
        SubjectSecret::new("an example of a secret that is long enough").expect("long enough")
    }

    #[test]
    fn only_the_persons_key_reads_their_part() {
        let (secret, person, id) = (secret(), Uid::new("olga"), RecordId::new("r1"));
        let subject = secret.subject(&person);
        assert!(!subject.as_str().contains("olga"));
        let (key, kept) = secret.make(&subject, 1, now()).expect("a key");
        let record = record("olga", "the exchange is down".into());
        let keys = BTreeMap::from([(person.clone(), key)]);
        let text = compose(Entry::of(&id, &record), &keys).expect("composed");
        assert!(!text.contains("olga") && !text.contains("exchange"), "{text}");
        let entry: Entry = serde_json::from_str(&text).expect("an entry");
        let part = &entry.sealed[0];

        let read = secret.open(&subject, &kept).expect("a key").expect("not destroyed");
        let members = read.read(&id, part).expect("it is theirs");
        assert_eq!(members["reason"], "the exchange is down");
        assert_eq!(members["actor"]["email"], "olga@m.example");
        // Not under another record, another key, or after the key is gone.
        assert_eq!(read.read(&RecordId::new("r2"), part), None);
        let (other, _) = secret.make(&subject, 1, now()).expect("a key");
        assert_eq!(other.read(&id, part), None);
        let destroyed = SubjectKey { key: None, ..kept.clone() };
        assert!(secret.open(&subject, &destroyed).expect("fine").is_none());
        let stranger = SubjectSecret::new(&"another secret".repeat(4)).expect("long enough");
        assert!(stranger.open(&subject, &kept).is_err());
        assert!(!format!("{read:?}{secret:?}{kept:?}").contains(kept.key.as_deref().expect("one")));
    }

    #[test]
    fn a_record_too_large_for_the_log_is_sealed_by_its_digest() {
        let id = RecordId::new("r1");
        let service = |reason: String| JournalRecord {
            actor: Actor::service("engine"),
            ..record("x", reason)
        };
        let keys = BTreeMap::new();
        let largest = (0..).find_map(|spare: usize| {
            let text = compose(Entry::of(&id, &service("x".repeat(65_500 - spare))), &keys);
            text.ok().filter(|text| text.contains("xxx"))
        });
        assert_eq!(largest.expect("one fits").len(), ENTRY_BYTES_MAX);
        let text = compose(Entry::of(&id, &service("x".repeat(70_000))), &keys).expect("composed");
        let entry: Entry = serde_json::from_str(&text).expect("an entry");
        assert_eq!(entry.digest.expect("a digest").len(), 64);
        assert_eq!(entry.reason, None);
        assert!(compose(Entry::of(&id, &record("olga", "x".into())), &keys).is_err());
    }
}
