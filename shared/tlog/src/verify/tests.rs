//! Whatever is done to a stored log is found.

use std::{collections::BTreeMap, convert::Infallible};

use futures::executor::block_on;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use super::*;
use crate::{
    Algorithm, Checkpoint, Policy, PolicyError, SigningKey, VerifierKey, encode_bundle,
    with_signature,
};

/// How many entries the log has that is mutated: a full tile, and a partial one on each level.
const MUTATED: u64 = 270;

/// A log as files, by path.
#[derive(Clone, PartialEq)]
struct Stored(BTreeMap<String, Vec<u8>>);

impl Source for Stored {
    type Error = Infallible;

    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.0.get(&resource.to_string()).cloned())
    }
}

struct Keys {
    log: SigningKey,
    witness: SigningKey,
}

impl Keys {
    fn new() -> Self {
        Self { log: SigningKey::from_seed([1; 32]), witness: SigningKey::from_seed([2; 32]) }
    }

    fn log(&self) -> VerifierKey {
        VerifierKey::new("l.example", Algorithm::Ed25519, self.log.public()).expect("a name")
    }

    fn witness(&self) -> VerifierKey {
        VerifierKey::new("w.example", Algorithm::CosignatureV1, self.witness.public())
            .expect("a name")
    }

    fn policy(&self, needed: usize) -> Policy {
        Policy::of(&self.log(), &[self.witness()], needed).expect("a policy")
    }

    fn note(&self, size: u64, root: Hash, witnessed: bool) -> String {
        let text = Checkpoint { origin: "l.example".into(), size, root }.to_text();
        let note = self.log().sign_with(&self.log, &text);
        if !witnessed {
            return note;
        }
        let line = block_on(self.witness().cosign(&self.witness, &text, 1_790_000_000));
        with_signature(&note, &line.expect("signed"))
    }
}

fn entries(size: u64) -> Vec<Vec<u8>> {
    (0..size).map(|index| format!("{{\"number\":{index}}}").into_bytes()).collect()
}

/// Stores entries as a log does, with everything that a reader needs.
fn store(entries: &[Vec<u8>], keys: &Keys, witnessed: bool) -> (Stored, Hash) {
    let size = entries.len() as u64;
    let mut tiles = Tiles::default();
    for (index, entry) in entries.iter().enumerate() {
        tiles.append(index as u64, leaf_hash(entry)).expect("in order");
    }
    let mut files = BTreeMap::new();
    for (id, hashes) in tiles.iter() {
        let path = Resource::Tile { id, width: hashes.len() as u16 }.to_string();
        files.insert(path, hashes.iter().flat_map(|hash| hash.0).collect());
    }
    for (number, bundle) in entries.chunks(TILE_WIDTH as usize).enumerate() {
        let width = bundle.len() as u16;
        let path = Resource::Entries { number: number as u64, width }.to_string();
        files.insert(path, encode_bundle(bundle).expect("fits"));
    }
    let root = tiles.root(size).expect("all tiles are there");
    files.insert("checkpoint".into(), keys.note(size, root, witnessed).into_bytes());
    (Stored(files), root)
}

/// Returns what a reader finds wrong.
fn problems(stored: &Stored, policy: &Policy, earlier: &BTreeMap<u64, Hash>) -> Vec<String> {
    let Some(note) = stored.0.get("checkpoint") else { return vec!["no checkpoint".into()] };
    let accepted = match policy.accept(&String::from_utf8_lossy(note)) {
        Ok(accepted) => accepted,
        Err(error) => return vec![error.to_string()],
    };
    let verified = block_on(verify_log(stored, &accepted, earlier, |_, _| ()));
    verified.expect("files can be read").problems
}

#[test]
fn a_whole_log_is_whole_at_every_size() {
    let keys = Keys::new();
    for size in [0, 1, 2, 255, 256, 257, 512, 600] {
        let (stored, _) = store(&entries(size), &keys, true);
        assert_eq!(problems(&stored, &keys.policy(1), &BTreeMap::new()), [""; 0], "{size}");
    }
}

#[test]
fn a_flipped_byte_is_found_and_its_tile_is_named() {
    let keys = Keys::new();
    let (whole, _) = store(&entries(600), &keys, true);
    // More checkpoints than problems are told: what they say may not hide the place.
    let root = |size| (size, store(&entries(size), &keys, false).1);
    let earlier: BTreeMap<_, _> = (1..600).step_by(4).map(root).collect();
    for path in whole.0.keys().filter(|path| path.starts_with("tile/")) {
        let mut stored = whole.clone();
        let bytes = stored.0.get_mut(path).expect("it is there");
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        let found = problems(&stored, &keys.policy(1), &earlier);
        let named = found.iter().any(|problem| problem.contains(path.as_str()));
        assert!(named && found.len() <= 6, "{path}: {found:#?}");
    }
}

/// One of the things that somebody who can write everything might do to a log.
fn mutate(whole: &Stored, keys: &Keys, random: &mut StdRng) -> (String, Stored) {
    let mut stored = whole.clone();
    let paths: Vec<_> = whole.0.keys().cloned().collect();
    let path = paths.choose(random).expect("there are files").clone();
    let what = match random.random_range(0..6) {
        0 | 1 => {
            let bytes = stored.0.get_mut(&path).expect("it is there");
            let (place, bit) = (random.random_range(0..bytes.len()), random.random_range(0..8));
            bytes[place] ^= 1 << bit;
            format!("bit {bit} of byte {place} of {path}")
        }
        2 => {
            stored.0.remove(&path);
            format!("{path} deleted")
        }
        3 => {
            let bytes = stored.0.get_mut(&path).expect("it is there");
            let length = random.random_range(0..bytes.len());
            bytes.truncate(length);
            format!("{path} cut to {length}")
        }
        4 => {
            let other = paths.choose(random).expect("there are files").clone();
            let (a, b) = (whole.0[&path].clone(), whole.0[&other].clone());
            stored.0.insert(path.clone(), b);
            stored.0.insert(other.clone(), a);
            format!("{path} swapped with {other}")
        }
        _ => {
            // A fork: other entries, everything made anew, signed by the log's own key.
            let mut forked = entries(MUTATED);
            let place = random.random_range(0..forked.len());
            match random.random_range(0..4) {
                0 => forked[place].push(b' '),
                1 => drop(forked.remove(place)),
                2 => forked.truncate(place),
                _ => {
                    let other = random.random_range(0..forked.len());
                    forked.swap(place, other);
                    if place == other {
                        forked[place].push(b' ');
                    }
                }
            }
            stored = store(&forked, keys, false).0;
            format!("a fork at {place}")
        }
    };
    (what, stored)
}

#[test]
fn ten_thousand_mutations_are_all_found() {
    let keys = Keys::new();
    let (whole, root) = store(&entries(MUTATED), &keys, true);
    let earlier = BTreeMap::from([(MUTATED, root)]);
    let mut random = StdRng::seed_from_u64(0x7106);
    let mut tried = 0;
    while tried < 10_000 {
        let (what, stored) = mutate(&whole, &keys, &mut random);
        if stored == whole {
            continue;
        }
        tried += 1;
        // Whoever asks for the witness needs to remember nothing; whoever remembers a
        // checkpoint needs no witness.
        let witnessed = problems(&stored, &keys.policy(1), &BTreeMap::new());
        assert!(!witnessed.is_empty(), "{what} is not found");
        // A cosignature that is gone matters only to who asks for it.
        let changed = stored.0.get("checkpoint") != whole.0.get("checkpoint");
        if tried % 4 == 0 && (!changed || what.starts_with("a fork")) {
            let remembered = problems(&stored, &keys.policy(0), &earlier);
            assert!(!remembered.is_empty(), "{what} is not found by who remembers");
        }
    }
}

#[test]
fn a_fork_that_the_log_signed_lacks_its_witness() {
    let keys = Keys::new();
    let (fork, root) = store(&entries(10), &keys, false);
    assert!(problems(&fork, &keys.policy(0), &BTreeMap::new()).is_empty());
    let note = String::from_utf8(fork.0["checkpoint"].clone()).expect("text");
    let refused = keys.policy(1).accept(&note).expect_err("nobody cosigned it");
    assert!(matches!(refused, PolicyError::NoQuorumReached(_)));
    let other = BTreeMap::from([(10, leaf_hash(b"another root")), (11, root)]);
    assert_eq!(problems(&fork, &keys.policy(0), &other).len(), 2);
}
