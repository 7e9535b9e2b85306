//! Proofs in a file, verified offline.
//!
//! Source: <https://c2sp.org/tlog-proof>.

use base64::{Engine, prelude::BASE64_STANDARD};
use tlog_tiles::Hash;

use crate::{
    Accepted, Policy, PolicyError, TreeError, check_inclusion, hash_of, tiles::PROOF_HASHES_MAX,
};

/// The first line of the file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof that the log contains an entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// What the hash of the entry is made from; here the entry itself. Nothing vouches for
    /// it but the proof.
    pub extra: Option<Vec<u8>>,
    /// The entry's place in the log, from 0.
    pub index: u64,
    /// The hashes from the entry's sibling up to below the root.
    pub hashes: Vec<Hash>,
    /// The checkpoint, as a signed note.
    pub note: String,
}

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It is not written as one.
    #[error("line {0} is none of a proof")]
    Line(usize),
    /// The checkpoint is not believed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The tree of the checkpoint does not contain the entry.
    #[error("entry {index}: {source}")]
    Tree {
        /// Which entry.
        index: u64,
        /// What is wrong.
        source: TreeError,
    },
}

impl Proof {
    /// Returns the file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            text += &format!("extra {}\n", BASE64_STANDARD.encode(extra));
        }
        text += &format!("index {}\n", self.index);
        for hash in &self.hashes {
            text += &format!("{hash}\n");
        }
        text + "\n" + &self.note
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// When it is not written as a proof.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let (head, note) = text.split_once("\n\n").ok_or(ProofError::Line(1))?;
        let mut lines = head.split('\n').enumerate().peekable();
        if lines.next().is_none_or(|(_, line)| line != HEADER) {
            return Err(ProofError::Line(1));
        }
        let extra = match lines.peek() {
            Some((place, line)) if line.starts_with("extra ") => {
                let bytes = BASE64_STANDARD.decode(&line["extra ".len()..]);
                let bytes = bytes.map_err(|_| ProofError::Line(place + 1))?;
                lines.next();
                Some(bytes)
            }
            _ => None,
        };
        let index = lines.next().and_then(|(_, line)| {
            let digits = line.strip_prefix("index ")?;
            let index: u64 = digits.parse().ok()?;
            (index.to_string() == digits).then_some(index)
        });
        let index = index.ok_or(ProofError::Line(if extra.is_some() { 3 } else { 2 }))?;
        let mut hashes = Vec::new();
        for (place, line) in lines {
            let hash = hash_of(line).filter(|_| hashes.len() < PROOF_HASHES_MAX);
            hashes.push(hash.ok_or(ProofError::Line(place + 1))?);
        }
        Ok(Self { extra, index, hashes, note: note.to_owned() })
    }

    /// Verifies that a log which the policy believes contains a leaf.
    ///
    /// # Errors
    /// Why it is not proven.
    pub fn verify(&self, leaf: Hash, policy: &Policy) -> Result<Accepted, ProofError> {
        let accepted = policy.accept(&self.note)?;
        let tree = (accepted.checkpoint.size, accepted.checkpoint.root);
        check_inclusion(&self.hashes, tree, (self.index, leaf))
            .map_err(|source| ProofError::Tree { index: self.index, source })?;
        Ok(accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_leads_back_and_another_text_is_refused() {
        let note = "example.com/log\n9\nAAAA\n\n— example.com/log AAAAAAAA\n".to_owned();
        for extra in [None, Some(b"entry".to_vec())] {
            let hashes = vec![Hash([1; 32]), Hash([2; 32])];
            let proof = Proof { extra, index: 4, hashes, note: note.clone() };
            let text = proof.to_text();
            assert_eq!(Proof::parse(&text).expect("a proof"), proof);
            for (from, to) in [
                ("proof@v1", "proof@v2"),
                ("index 4", "index 04"),
                ("index", "place"),
                ("AQEB", "AQE"),
            ] {
                assert!(Proof::parse(&text.replacen(from, to, 1)).is_err(), "{from}");
            }
        }
        assert!(Proof::parse("").is_err());
    }
}
