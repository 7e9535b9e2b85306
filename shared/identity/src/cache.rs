//! Remembers the tokens that were verified.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many verified tokens are remembered, at a few hundred bytes each. Transports
/// and functions use one for an hour; this leaves room for a thousand people.
const TOKENS_MAX: usize = 1024;

/// The SHA-256 of a token, so that no token stays in memory.
pub(crate) type Digest = [u8; 32];

/// The claims of tokens whose signature was verified with one key set.
///
/// A push transport sends the same token for up to an hour. Verifying its RSA
/// signature for each event would cost more than the rest of receiving the event,
/// and prove the same every time. Only the signature is taken from here: the
/// claims are checked at each use.
pub(crate) struct Verified<C>(Mutex<Remembered<C>>);

struct Remembered<C> {
    generation: u64,
    claims: HashMap<Digest, Arc<C>>,
}

impl<C> Verified<C> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Remembered { generation: 0, claims: HashMap::new() }))
    }

    /// Returns the claims of a token that was verified with the same key set.
    pub(crate) fn get(&self, generation: u64, token: &Digest) -> Option<Arc<C>> {
        let remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (remembered.generation == generation)
            .then(|| remembered.claims.get(token).map(Arc::clone))
            .flatten()
    }

    /// Remembers a verified token; forgets those of older key sets, and all when full.
    pub(crate) fn put(&self, generation: u64, token: Digest, claims: Arc<C>) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A verification that a change of keys overtook does not bring the old ones back.
        if generation < remembered.generation {
            return;
        }
        if generation > remembered.generation || remembered.claims.len() >= TOKENS_MAX {
            remembered.claims.clear();
        }
        remembered.generation = generation;
        remembered.claims.insert(token, claims);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_remembered_until_the_keys_change() {
        let verified = Verified::new();
        verified.put(0, [1; 32], Arc::new("a"));
        assert!(verified.get(0, &[1; 32]).is_some());
        assert!(verified.get(0, &[2; 32]).is_none());
        assert!(verified.get(1, &[1; 32]).is_none());
        verified.put(1, [2; 32], Arc::new("b"));
        assert!(verified.get(0, &[1; 32]).is_none());
        verified.put(0, [3; 32], Arc::new("late"));
        assert!(verified.get(0, &[3; 32]).is_none());
        assert!(verified.get(1, &[2; 32]).is_some());
    }

    #[test]
    fn no_more_tokens_are_remembered_than_the_bound() {
        let verified = Verified::new();
        for number in 0..3 * TOKENS_MAX as u64 + 7 {
            let mut token = [0; 32];
            token[..8].copy_from_slice(&number.to_be_bytes());
            verified.put(0, token, Arc::new(number));
            let length = verified.0.lock().expect("not poisoned").claims.len();
            assert!((1..=TOKENS_MAX).contains(&length), "{length}");
            assert!(verified.get(0, &token).is_some());
        }
    }
}
