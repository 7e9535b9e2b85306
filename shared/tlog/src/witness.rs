//! What a witness decides: whether a checkpoint only adds to the last one it saw.
//!
//! Source: <https://c2sp.org/tlog-witness>.

use tlog_tiles::Hash;

use crate::{
    Checkpoint, NoteError, Opened, VerifierKey, check_consistency, hash_of, origin_of,
    tiles::PROOF_HASHES_MAX,
};

/// The body of `add-checkpoint`.
#[derive(Clone, Debug, PartialEq)]
pub struct AddCheckpoint {
    /// How large the log was when the witness last saw it, as the sender believes.
    pub old: u64,
    /// The proof that the log only grew since.
    pub proof: Vec<Hash>,
    /// The checkpoint, as a signed note.
    pub note: String,
}

/// The last checkpoint that a witness cosigned.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// How large the log was.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// Why a checkpoint is not cosigned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body cannot be read, or its old size is larger than the checkpoint's.
    #[error("{0}")]
    Malformed(&'static str),
    /// No such log is known.
    #[error("the log `{0}` is not known here")]
    UnknownLog(String),
    /// The log's key did not sign it.
    #[error("the log's key has not signed the checkpoint")]
    Unsigned,
    /// The last one that was cosigned has another size, or the same size and another root.
    #[error("the last checkpoint that was cosigned has {size} entries")]
    Conflict {
        /// The size of the last one.
        size: u64,
    },
    /// The log did not only grow.
    #[error("the consistency proof does not hold")]
    Inconsistent,
}

impl AddCheckpoint {
    /// Returns the body's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let hashes: String = self.proof.iter().map(|hash| format!("{hash}\n")).collect();
        format!("old {}\n{hashes}\n{}", self.old, self.note)
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it is not written as one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (head, note) =
            text.split_once("\n\n").ok_or(Refusal::Malformed("there is no empty line"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| {
            let digits = line.strip_prefix("old ")?;
            let old: u64 = digits.parse().ok()?;
            (old.to_string() == digits).then_some(old)
        });
        let old = old.ok_or(Refusal::Malformed("the first line is no old size"))?;
        let hashes: Option<Vec<_>> = lines.map(hash_of).collect();
        let proof = hashes.ok_or(Refusal::Malformed("a line of the proof is no hash"))?;
        if proof.len() > PROOF_HASHES_MAX {
            return Err(Refusal::Malformed("the proof has more than 63 hashes"));
        }
        Ok(Self { old, proof, note: note.to_owned() })
    }

    /// Opens the checkpoint with the key of the log that it names.
    ///
    /// # Errors
    /// When the log is not known, or did not sign it.
    pub fn open(&self, logs: &[VerifierKey]) -> Result<Opened, Refusal> {
        let origin = origin_of(&self.note);
        let keys: Vec<_> = logs.iter().filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog(origin.to_owned()));
        }
        Checkpoint::open(&self.note, &keys).map_err(|error| match error {
            NoteError::Malformed | NoteError::NoCheckpoint => {
                Refusal::Malformed("it holds no checkpoint")
            }
            NoteError::BadSignature | NoteError::Unsigned => Refusal::Unsigned,
        })
    }

    /// Decides whether the checkpoint follows on the last one that was cosigned. What it
    /// returns has to be kept, in one step with reading `known`, before anybody is told.
    ///
    /// # Errors
    /// Why it does not.
    pub fn judge(&self, next: &Checkpoint, known: Option<&Known>) -> Result<Known, Refusal> {
        if self.old > next.size {
            return Err(Refusal::Malformed("the old size is larger than the checkpoint's"));
        }
        let size = known.map_or(0, |known| known.size);
        if self.old != size {
            return Err(Refusal::Conflict { size });
        }
        if let Some(known) = known {
            if known.size == next.size && known.root != next.root {
                return Err(Refusal::Conflict { size });
            }
            let (old, new) = ((known.size, known.root), (next.size, next.root));
            check_consistency(&self.proof, old, new).map_err(|_| Refusal::Inconsistent)?;
        } else if !self.proof.is_empty() {
            return Err(Refusal::Inconsistent);
        }
        Ok(Known { size: next.size, root: next.root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, SigningKey, Tiles, leaf_hash};

    struct Log {
        tiles: Tiles,
        key: SigningKey,
        verifier: VerifierKey,
    }

    impl Log {
        fn of(entries: u64, word: &str) -> Self {
            let mut tiles = Tiles::default();
            for index in 0..entries {
                let leaf = leaf_hash(format!("{word} {index}").as_bytes());
                tiles.append(index, leaf).expect("in order");
            }
            let key = SigningKey::from_seed([1; 32]);
            let verifier = VerifierKey::new("l.example", Algorithm::Ed25519, key.public());
            Self { tiles, key, verifier: verifier.expect("a name") }
        }

        fn at(&self, size: u64) -> Checkpoint {
            let root = self.tiles.root(size).expect("all tiles are there");
            Checkpoint { origin: "l.example".into(), size, root }
        }

        fn add(&self, old: u64, new: u64) -> AddCheckpoint {
            let proof = self.tiles.consistency(old, new).expect("all tiles are there");
            let note = self.verifier.sign_with(&self.key, &self.at(new).to_text());
            AddCheckpoint { old, proof, note }
        }
    }

    fn judge(add: &AddCheckpoint, known: Option<&Known>) -> Result<Known, Refusal> {
        let log = Log::of(0, "");
        let add = AddCheckpoint::parse(&add.to_text())?;
        let opened = add.open(std::slice::from_ref(&log.verifier))?;
        add.judge(&opened.checkpoint, known)
    }

    #[test]
    fn a_log_that_only_grows_is_cosigned_and_a_fork_never_is() {
        let (log, fork) = (Log::of(600, "entry"), Log::of(600, "other"));
        let mut known = None;
        for (old, new) in [(0, 0), (0, 1), (1, 1), (1, 256), (256, 257), (257, 600)] {
            let next = judge(&log.add(old, new), known.as_ref());
            known = Some(next.unwrap_or_else(|refusal| panic!("{old}-{new}: {refusal}")));
        }
        let known = known.as_ref();
        assert_eq!(judge(&fork.add(600, 600), known), Err(Refusal::Conflict { size: 600 }));
        assert_eq!(judge(&fork.add(0, 600), known), Err(Refusal::Conflict { size: 600 }));
        assert_eq!(judge(&log.add(300, 400), known), Err(Refusal::Conflict { size: 600 }));
        let at_300 = Known { size: 300, root: log.at(300).root };
        assert_eq!(judge(&fork.add(300, 600), Some(&at_300)), Err(Refusal::Inconsistent));
        let truncated = AddCheckpoint { old: 600, ..log.add(300, 400) };
        assert!(matches!(judge(&truncated, known), Err(Refusal::Malformed(_))));
        let mut padded = log.add(0, 300);
        padded.proof.push(Hash([0; 32]));
        assert_eq!(judge(&padded, None), Err(Refusal::Inconsistent));
    }

    #[test]
    fn strangers_and_forgers_are_told_apart() {
        let log = Log::of(3, "entry");
        let mut add = log.add(0, 3);
        add.note = add.note.replace("l.example", "m.example");
        assert_eq!(judge(&add, None), Err(Refusal::UnknownLog("m.example".into())));
        let mut add = log.add(0, 3);
        add.note = add.note.replace("\n3\n", "\n4\n");
        assert_eq!(judge(&add, None), Err(Refusal::Unsigned));
        for bad in ["", "old 1", "old 01\n\nx", "old 0\nx\n\ny", "new 0\n\ny"] {
            assert!(AddCheckpoint::parse(bad).is_err(), "{bad}");
        }
    }
}
