//! Whose signatures count: the log's, and those of enough witnesses.
//!
//! Source: <https://c2sp.org/tlog-policy>.

use std::{collections::BTreeMap, str::FromStr};

use crate::{Algorithm, Checkpoint, NoteError, VerifierKey};

/// More lines are a mistake: the specification asks for 32 logs, witnesses and groups.
const LINES_MAX: usize = 256;
/// The quorum that nobody has to be in.
const NONE: &str = "none";

/// Which checkpoints are believed.
#[derive(Clone, Debug)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<(String, VerifierKey)>,
    groups: BTreeMap<String, Group>,
    quorum: String,
}

#[derive(Clone, Debug)]
struct Group {
    needed: usize,
    members: Vec<String>,
}

/// A checkpoint that a policy believes.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The witnesses that cosigned it, as the policy names them.
    pub witnesses: Vec<String>,
}

/// Why a policy is none, or a checkpoint is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A line of a policy cannot be read.
    #[error("line {line} of the policy: {mistake}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        mistake: String,
    },
    /// A policy does not say which witnesses are enough.
    #[error("the policy has no line `quorum`")]
    NoQuorum,
    /// The note is not to be believed.
    #[error("the checkpoint: {0}")]
    Note(#[from] NoteError),
    /// No log of the policy signed it, or another one than it is of.
    #[error("the checkpoint is not signed by the log that it names")]
    NotTheLog,
    /// Too few witnesses cosigned it.
    #[error("the checkpoint lacks cosignatures: the quorum is `{0}`")]
    NoQuorumReached(String),
}

impl Policy {
    /// Believes one log whose checkpoints so many of these witnesses have cosigned.
    ///
    /// # Errors
    /// When two keys are the same, or there are fewer witnesses than needed.
    pub fn of(
        log: &VerifierKey,
        witnesses: &[VerifierKey],
        needed: usize,
    ) -> Result<Self, PolicyError> {
        let mut text = format!("log {log}\n");
        for (place, key) in witnesses.iter().enumerate() {
            text += &format!("witness w{place} {key}\n");
        }
        if needed == 0 {
            text += "quorum none\n";
        } else {
            let names: Vec<_> = (0..witnesses.len()).map(|place| format!("w{place}")).collect();
            text += &format!("group witnesses {needed} {}\nquorum witnesses\n", names.join(" "));
        }
        text.parse()
    }

    /// Returns every key that counts.
    fn keys(&self) -> Vec<VerifierKey> {
        let witnesses = self.witnesses.iter().map(|(_, key)| key);
        self.logs.iter().chain(witnesses).cloned().collect()
    }

    /// Opens a note and tells who cosigned it, when it is to be believed.
    ///
    /// # Errors
    /// Why it is not.
    pub fn accept(&self, note: &str) -> Result<Accepted, PolicyError> {
        let accepted = self.accept_log(note)?;
        if !self.reached(&self.quorum, &accepted.witnesses) {
            return Err(PolicyError::NoQuorumReached(self.quorum.clone()));
        }
        Ok(accepted)
    }

    /// Opens a note that the log signed, whoever cosigned it: what the log can be held to,
    /// though it might say something else to others.
    ///
    /// # Errors
    /// Why it is not the log's.
    pub fn accept_log(&self, note: &str) -> Result<Accepted, PolicyError> {
        let opened = Checkpoint::open(note, &self.keys())?;
        let of_log = |key: &VerifierKey| {
            opened.signed_by.contains(key) && key.name() == opened.checkpoint.origin
        };
        if !self.logs.iter().any(of_log) {
            return Err(PolicyError::NotTheLog);
        }
        let cosigned = |(_, key): &&(String, VerifierKey)| opened.signed_by.contains(key);
        let witnesses: Vec<_> =
            self.witnesses.iter().filter(cosigned).map(|(name, _)| name.clone()).collect();
        Ok(Accepted { checkpoint: opened.checkpoint, witnesses })
    }

    /// Groups name only what stands above them, so that this ends.
    fn reached(&self, name: &str, witnesses: &[String]) -> bool {
        match self.groups.get(name) {
            Some(group) => {
                let present = group.members.iter().filter(|name| self.reached(name, witnesses));
                present.count() >= group.needed
            }
            None => name == NONE || witnesses.iter().any(|witness| witness == name),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.groups.contains_key(name) || self.witnesses.iter().any(|(known, _)| known == name)
    }

    /// Takes one line that says something.
    fn take(&mut self, words: &[&str]) -> Result<(), String> {
        let key = |text: &str, algorithm| {
            let key: VerifierKey = text.parse().map_err(|error| format!("{error}"))?;
            let fits = key.algorithm() == algorithm;
            if fits { Ok(key) } else { Err(format!("`{text}` is a key of another kind")) }
        };
        match *words {
            ["log", text] | ["log", text, _] => {
                let key = key(text, Algorithm::Ed25519)?;
                if self.logs.iter().any(|known| known.public() == key.public()) {
                    return Err("the log stands here twice".into());
                }
                self.logs.push(key);
            }
            ["witness", name, text] | ["witness", name, text, _] => {
                let key = key(text, Algorithm::CosignatureV1)?;
                let same = |(_, known): &(String, VerifierKey)| known.public() == key.public();
                if self.witnesses.iter().any(same) {
                    return Err("the witness stands here twice".into());
                }
                self.name(name)?;
                self.witnesses.push((name.to_owned(), key));
            }
            ["group", name, needed, ref members @ ..] if !members.is_empty() => {
                self.name(name)?;
                if let Some(unknown) = members.iter().find(|name| !self.knows(name)) {
                    return Err(format!("`{unknown}` stands nowhere above"));
                }
                let used = |member: &&str| {
                    self.groups.values().any(|g| g.members.iter().any(|m| m == member))
                };
                let twice = |(place, member): (usize, &&str)| members[..place].contains(member);
                if members.iter().any(used) || members.iter().enumerate().any(twice) {
                    return Err("a member may stand in one group, once".into());
                }
                let needed = match needed {
                    "any" => 1,
                    "all" => members.len(),
                    number => number.parse().map_err(|_| format!("`{number}` is no number"))?,
                };
                if !(1..=members.len()).contains(&needed) {
                    return Err(format!("{needed} of {} cannot be", members.len()));
                }
                let members = members.iter().map(|&name| name.to_owned()).collect();
                self.groups.insert(name.to_owned(), Group { needed, members });
            }
            ["quorum", name] => {
                if !self.quorum.is_empty() {
                    return Err("there is a quorum already".into());
                }
                if name != NONE && !self.knows(name) {
                    return Err(format!("`{name}` stands nowhere above"));
                }
                self.quorum = name.to_owned();
            }
            _ => return Err("it is none of `log`, `witness`, `group`, `quorum`".into()),
        }
        Ok(())
    }

    fn name(&self, name: &str) -> Result<(), String> {
        let taken = name == NONE || self.knows(name);
        if taken { Err(format!("the name `{name}` is taken")) } else { Ok(()) }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let mut policy = Self {
            logs: Vec::new(),
            witnesses: Vec::new(),
            groups: BTreeMap::new(),
            quorum: String::new(),
        };
        for (place, line) in text.lines().enumerate() {
            let failed = |mistake| PolicyError::Line { line: place + 1, mistake };
            if place == LINES_MAX {
                return Err(failed(format!("a policy has at most {LINES_MAX} lines")));
            }
            let words: Vec<_> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            if words.first().is_some_and(|word| !word.starts_with('#')) {
                policy.take(&words).map_err(failed)?;
            }
        }
        if policy.quorum.is_empty() { Err(PolicyError::NoQuorum) } else { Ok(policy) }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::{Hash, SigningKey, with_signature};

    fn witness(seed: u8) -> (SigningKey, VerifierKey) {
        let key = SigningKey::from_seed([seed; 32]);
        let name = format!("w{seed}.example");
        let verifier = VerifierKey::new(&name, Algorithm::CosignatureV1, key.public());
        (key, verifier.expect("a name"))
    }

    #[test]
    fn so_many_of_the_witnesses_are_enough_and_fewer_are_not() {
        let signer = SigningKey::from_seed([1; 32]);
        let log = VerifierKey::new("l.example", Algorithm::Ed25519, signer.public()).expect("ok");
        let witnesses: Vec<_> = (10..13).map(witness).collect();
        let keys: Vec<_> = witnesses.iter().map(|(_, key)| key.clone()).collect();
        let checkpoint = Checkpoint { origin: "l.example".into(), size: 1, root: Hash([0; 32]) };
        let text = checkpoint.to_text();
        let mut note = log.sign_with(&signer, &text);
        for cosigned in 0..=3 {
            for needed in 0..=3 {
                let policy = Policy::of(&log, &keys, needed).expect("a policy");
                let accepted = policy.accept(&note);
                assert_eq!(accepted.is_ok(), cosigned >= needed, "{cosigned} of {needed}");
            }
            if let Some((key, verifier)) = witnesses.get(cosigned) {
                let line = block_on(verifier.cosign(key, &text, 5)).expect("signed");
                note = with_signature(&note, &line);
            }
        }
        assert!(Policy::of(&log, &keys, 4).is_err());
    }

    #[test]
    fn groups_of_groups_count() {
        let lines = |quorum: &str| {
            let keys: String =
                (1..=4).map(|n| format!("witness w{n} {}\n", witness(n).1)).collect();
            format!("{keys}group a 2 w1 w2 w3\n# more\ngroup b all a w4\nquorum {quorum}\n")
        };
        let policy: Policy = lines("b").parse().expect("a policy");
        let reached = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
            policy.reached("b", &names)
        };
        assert!(reached(&["w1", "w3", "w4"]));
        assert!(!reached(&["w1", "w4"]));
        assert!(!reached(&["w1", "w2", "w3"]));
        for bad in [
            lines("c"),
            lines("b").replace("quorum b\n", ""),
            lines("b").replace("2 w1", "4 w1"),
            lines("b").replace("2 w1", "0 w1"),
            lines("b").replace("w3\n", "w5\n"),
            lines("b").replace("all a", "all w1"),
            lines("b").replace("group b", "group a"),
            lines("b") + "quorum a\n",
            lines("b") + "wizard\n",
        ] {
            assert!(bad.parse::<Policy>().is_err(), "{bad}");
        }
    }
}
