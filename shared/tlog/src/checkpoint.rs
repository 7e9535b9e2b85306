//! Checkpoints: how large the tree is and what its root is, as signed notes.
//!
//! Source: <https://c2sp.org/tlog-checkpoint>.

use std::str::FromStr;

use signed_note::{Note, Verifier, VerifierList};
use tlog_tiles::Hash;

use crate::{VerifierKey, hash_of};

/// A tree at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// A note that is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is no signed note.
    #[error("it is no signed note")]
    Malformed,
    /// Its text is no checkpoint.
    #[error("its text is no checkpoint")]
    NoCheckpoint,
    /// A signature that names a known key is not of that key.
    #[error("a signature is not of the key that it names")]
    BadSignature,
    /// No key that is known has signed it.
    #[error("nobody who is known has signed it")]
    Unsigned,
}

/// A note with a checkpoint, and who signed it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What the note says.
    pub checkpoint: Checkpoint,
    /// The text that was signed.
    pub text: String,
    /// The known keys that signed it.
    pub signed_by: Vec<VerifierKey>,
}

impl Checkpoint {
    /// Returns the text that is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Opens a note: every signature that names one of the keys must be good, and there must
    /// be one.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<Opened, NoteError> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| NoteError::Malformed)?;
        let text = String::from_utf8_lossy(parsed.text()).into_owned();
        let checkpoint: Self = text.parse()?;
        let list = keys.iter().map(|key| Box::new(Known(key.clone())) as Box<dyn Verifier>);
        let (verified, _) =
            parsed.verify(&VerifierList::new(list.collect())).map_err(|error| match error {
                signed_note::NoteError::UnverifiedNote => NoteError::Unsigned,
                _ => NoteError::BadSignature,
            })?;
        let signed = |key: &&VerifierKey| {
            verified.iter().any(|s| s.name() == key.name() && s.id() == key.id())
        };
        let signed_by = keys.iter().filter(signed).cloned().collect();
        Ok(Opened { checkpoint, text, signed_by })
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    /// Reads the text: three lines, and lines of extensions that nothing is made of.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let mut lines = text.strip_suffix('\n')?.split('\n');
            let origin = lines.next().filter(|origin| !origin.is_empty())?;
            let digits = lines.next()?;
            let size: u64 = digits.parse().ok()?;
            let base64 = lines.next()?;
            let root = hash_of(base64)?;
            let exact = size.to_string() == digits && root.to_string() == base64;
            (exact && lines.all(|line| !line.is_empty())).then(|| Self {
                origin: origin.to_owned(),
                size,
                root,
            })
        };
        read().ok_or(NoteError::NoCheckpoint)
    }
}

/// Returns the first line of a note, which says which log it is of.
#[must_use]
pub fn origin_of(note: &str) -> &str {
    note.split('\n').next().unwrap_or_default()
}

/// Adds a signature's line to a note, unless it is there.
#[must_use]
pub fn with_signature(note: &str, line: &str) -> String {
    if note.contains(line) { note.to_owned() } else { format!("{note}{line}") }
}

/// A key as notes are verified with it.
struct Known(VerifierKey);

impl Verifier for Known {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn key_id(&self) -> u32 {
        self.0.id()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verifies(message, signature)
    }
}

#[cfg(test)]
mod tests {
    use signed_note::StandardVerifier;

    use super::*;
    use crate::{Algorithm, SigningKey};

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.com/log".into(), size: 7, root: Hash([3; 32]) }
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_alone() {
        let signer = SigningKey::from_seed([1; 32]);
        let key = |name, seed| {
            let public = SigningKey::from_seed([seed; 32]).public();
            VerifierKey::new(name, Algorithm::Ed25519, public).expect("a name")
        };
        let ours = key("example.com/log", 1);
        let note = ours.sign_with(&signer, &checkpoint().to_text());
        let opened = Checkpoint::open(&note, std::slice::from_ref(&ours)).expect("signed");
        assert_eq!((opened.checkpoint, opened.signed_by), (checkpoint(), vec![ours.clone()]));
        // The other implementation agrees.
        let standard = StandardVerifier::new(&ours.to_string()).expect("a key");
        let list = VerifierList::new(vec![Box::new(standard)]);
        let parsed = Note::from_bytes(note.as_bytes()).expect("a note");
        assert_eq!(parsed.verify(&list).expect("signed").0.len(), 1);

        let stranger = key("example.com/log", 2);
        assert_eq!(
            Checkpoint::open(&note, &[stranger]).expect_err("nobody we know"),
            NoteError::Unsigned
        );
        let forged = note.replace("\n7\n", "\n8\n");
        assert_eq!(
            Checkpoint::open(&forged, &[ours]).expect_err("nobody we know"),
            NoteError::BadSignature
        );
    }

    #[test]
    fn a_text_that_could_be_written_otherwise_is_no_checkpoint() {
        let good = checkpoint().to_text();
        assert!(good.parse::<Checkpoint>().is_ok());
        assert!(format!("{good}more\n").parse::<Checkpoint>().is_ok());
        for bad in [
            "",
            "a\n",
            &good[..good.len() - 1],
            &good.replace("\n7\n", "\n07\n"),
            &good.replace("\n7\n", "\n-7\n"),
            &good.replace("\n7\n", "\n\n"),
            &good.replace("example.com/log", ""),
            &format!("{good}\n"),
            &good.replace('=', ""),
        ] {
            assert!(bad.parse::<Checkpoint>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_cosignature_says_when() {
        let signer = SigningKey::from_seed([9; 32]);
        let key = VerifierKey::new("w.example", Algorithm::CosignatureV1, signer.public());
        let key = key.expect("a name");
        let text = checkpoint().to_text();
        let line = futures::executor::block_on(key.cosign(&signer, &text, 1_679_315_147));
        let note = format!("{text}\n{}", line.expect("signed"));
        assert!(Checkpoint::open(&note, std::slice::from_ref(&key)).is_ok());
        let other = VerifierKey::new("w.example", Algorithm::Ed25519, signer.public());
        assert!(Checkpoint::open(&note, &[other.expect("a name")]).is_err());
    }
}
