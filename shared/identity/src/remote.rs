//! The keys of a remote issuer: kept, renewed, and never asked for too often.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jsonwebtoken::DecodingKey;
use tokio::time::Instant;
use tracing::{info, warn};

use crate::{
    FetchError, IdentityError, Refusal,
    fetch::{LIFETIME_MAX, fetch},
    keys::{KeySet, KeySource},
};

/// How long the issuer is left alone after it was asked, when there are keys.
/// Anybody can invent key ids; this is all the fetching they can cause.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);
/// How long the issuer is left alone after it failed, when there are no keys.
/// Short, because until then nobody can be served.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// How long keys serve after they were fetched when they cannot be renewed.
const STALE_MAX: Duration = LIFETIME_MAX;

/// A key that was found, and the number of the key set that it is from.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) key: DecodingKey,
    pub(crate) generation: u64,
}

/// The keys of one issuer.
pub(crate) enum Keys {
    Fixed(KeySet),
    Remote(Remote),
}

impl From<KeySource> for Keys {
    fn from(source: KeySource) -> Self {
        match source {
            KeySource::Fixed(set) => Self::Fixed(KeySet::of(&set)),
            KeySource::Url(url) => Self::Remote(Remote {
                url,
                state: Mutex::default(),
                turn: tokio::sync::Mutex::default(),
            }),
        }
    }
}

impl Keys {
    /// Returns the number of the key set in use while it is fresh.
    pub(crate) fn generation(&self) -> Option<u64> {
        match self {
            Self::Fixed(_) => Some(0),
            Self::Remote(remote) => remote.state().fresh_generation(Instant::now()),
        }
    }

    /// Returns the key with this id, after fetching the issuer's keys if need be.
    pub(crate) async fn find(&self, id: &str) -> Result<Found, IdentityError> {
        match self {
            Self::Fixed(keys) => {
                let key = keys.get(id).ok_or(Refusal::UnknownKey)?.clone();
                Ok(Found { key, generation: 0 })
            }
            Self::Remote(remote) => remote.find(id).await,
        }
    }
}

pub(crate) struct Remote {
    url: String,
    state: Mutex<State>,
    /// Held by the one who fetches; the others wait for it, or use what there is.
    turn: tokio::sync::Mutex<()>,
}

/// What is known of an issuer's keys.
#[derive(Default)]
struct State {
    held: Option<Held>,
    /// When the issuer was last asked.
    asked: Option<Instant>,
    /// Why the last fetch failed, if it did.
    failure: Option<Arc<FetchError>>,
}

struct Held {
    keys: KeySet,
    generation: u64,
    fetched: Instant,
    lifetime: Duration,
}

/// What to do about a key id.
enum Step {
    Use(Found),
    /// The key is not to be had at present.
    Missing,
    /// Ask the issuer; whoever cannot is served with this key.
    Fetch(Option<Found>),
}

impl State {
    fn fresh_generation(&self, now: Instant) -> Option<u64> {
        let fresh = |held: &&Held| now.duration_since(held.fetched) < held.lifetime;
        self.held.as_ref().filter(fresh).map(|held| held.generation)
    }

    /// Returns a key that may be used, if old then for want of a newer one.
    fn key(&self, id: &str, now: Instant) -> Option<Found> {
        let held = self.held.as_ref()?;
        let key = held.keys.get(id)?.clone();
        let usable = now.duration_since(held.fetched) < STALE_MAX;
        usable.then_some(Found { key, generation: held.generation })
    }

    fn step(&self, id: &str, now: Instant) -> Step {
        let key = self.key(id, now);
        let pause = if self.held.is_some() { REFRESH_PAUSE } else { FAILURE_PAUSE };
        let resting = self.asked.is_some_and(|asked| now.duration_since(asked) < pause);
        match key {
            Some(key) if resting || self.fresh_generation(now).is_some() => Step::Use(key),
            None if resting => Step::Missing,
            key => Step::Fetch(key),
        }
    }

    /// Notes that the issuer is being asked, so that callers who hang up before its
    /// answer cannot have it asked again and again. While there are no keys only
    /// answers count: the next caller must not pay for the one who left.
    fn note_asking(&mut self, now: Instant) {
        if self.held.is_some() {
            self.asked = Some(now);
        }
    }

    fn keep(&mut self, keys: KeySet, lifetime: Duration, now: Instant) {
        let generation = match &self.held {
            Some(held) if held.keys == keys => held.generation,
            Some(held) => held.generation + 1,
            None => 0,
        };
        self.held = Some(Held { keys, generation, fetched: now, lifetime });
        self.failure = None;
    }
}

impl Remote {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn find(&self, id: &str) -> Result<Found, IdentityError> {
        let step = self.state().step(id, Instant::now());
        match step {
            Step::Use(key) => return Ok(key),
            Step::Missing => return Err(self.missing()),
            Step::Fetch(meanwhile) => {
                let _turn = match (self.turn.try_lock(), meanwhile) {
                    (Ok(turn), _) => turn,
                    (Err(_), Some(key)) => return Ok(key),
                    (Err(_), None) => self.turn.lock().await,
                };
                // Whoever had the turn before may have brought what is needed.
                let step = self.state().step(id, Instant::now());
                if matches!(step, Step::Fetch(_)) {
                    // Boxed: it is rare, and its future would make that of every caller larger.
                    Box::pin(self.refresh()).await;
                }
            }
        }
        let key = self.state().key(id, Instant::now());
        key.ok_or_else(|| self.missing())
    }

    /// Asks the issuer. What there was stays when it fails.
    async fn refresh(&self) {
        self.state().note_asking(Instant::now());
        let fetched = fetch(&self.url).await;
        let now = Instant::now();
        let mut state = self.state();
        state.asked = Some(now);
        match fetched {
            Ok((keys, lifetime)) => {
                state.keep(keys, lifetime, now);
                info!(url = %self.url, lifetime_seconds = lifetime.as_secs(), "fetched the keys at `{}`", self.url);
            }
            Err(error) => {
                warn!(
                    event_name = "keys-unavailable",
                    url = %self.url,
                    %error,
                    stale = state.held.is_some(),
                    "cannot fetch the keys at `{}`",
                    self.url
                );
                state.failure = Some(Arc::new(error));
            }
        }
    }

    /// Says why a key is not to be had: nobody knows when the issuer failed.
    fn missing(&self) -> IdentityError {
        match &self.state().failure {
            Some(source) => {
                IdentityError::Keys { url: self.url.clone(), source: Arc::clone(source) }
            }
            None => Refusal::UnknownKey.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KNOWN, key_set};

    const LIFETIME: Duration = Duration::from_secs(600);

    /// A word for each step, at some seconds after the keys were fetched.
    fn steps(state: &State, fetched: Instant, seconds: u64) -> [&'static str; 2] {
        ["known", "invented"].map(|id| {
            match state.step(id, fetched + Duration::from_secs(seconds)) {
                Step::Use(_) => "use",
                Step::Missing => "missing",
                Step::Fetch(Some(_)) => "fetch, or use",
                Step::Fetch(None) => "fetch",
            }
        })
    }

    #[test]
    fn the_times_are_exact_on_both_sides() {
        let fetched = Instant::now();
        let mut state = State::default();
        assert_eq!(steps(&state, fetched, 0), ["fetch", "fetch"]);
        state.asked = Some(fetched);
        assert_eq!(steps(&state, fetched, 0), ["missing", "missing"], "it failed");
        assert_eq!(steps(&state, fetched, 1), ["fetch", "fetch"]);
        state.keep(KeySet::of(&key_set(KNOWN, "known")), LIFETIME, fetched);
        assert_eq!(steps(&state, fetched, 29), ["use", "missing"]);
        assert_eq!(steps(&state, fetched, 30), ["use", "fetch"]);
        assert_eq!(steps(&state, fetched, 599), ["use", "fetch"]);
        assert_eq!(steps(&state, fetched, 600), ["fetch, or use", "fetch"]);
        state.note_asking(fetched + LIFETIME);
        assert_eq!(steps(&state, fetched, 629), ["use", "missing"]);
        assert_eq!(steps(&state, fetched, 630), ["fetch, or use", "fetch"]);
        assert_eq!(steps(&state, fetched, 86_399), ["fetch, or use", "fetch"]);
        assert_eq!(steps(&state, fetched, 86_400), ["fetch", "fetch"]);
    }

    #[test]
    fn only_other_keys_make_another_generation() {
        let mut state = State::default();
        let now = Instant::now();
        for (id, generation) in [("a", 0), ("a", 0), ("b", 1), ("b", 1), ("a", 2)] {
            state.keep(KeySet::of(&key_set(KNOWN, id)), LIFETIME, now);
            assert_eq!(state.fresh_generation(now), Some(generation));
        }
    }
}
