//! Verifying a log in a folder, or one proof, with nothing but the keys.

mod copied;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use futures::executor::block_on;
use model::log::Entry;
use tlog::{
    Accepted, Checkpoint, Hash, Policy, PolicyError, Proof, ProofError, Resource, Source,
    TILE_WIDTH, leaf_hash, verify_log,
};

/// The largest file that is read: a bundle of the largest entries.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Where a folder keeps its checkpoints of earlier sizes.
const EARLIER: &str = "checkpoints";

/// What came of verifying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was verified, for people.
    pub said: Vec<String>,
    /// What is wrong; empty when nothing is.
    pub problems: Vec<String>,
}

/// Why nothing can be verified.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody said whose signatures count.
    #[error("name a policy with `--policy`: a proof brings no keys that could be trusted")]
    NoPolicy,
    /// The policy cannot be read, or the checkpoint is not believed.
    #[error("{what}: {source}")]
    Refused {
        /// What was read.
        what: String,
        /// Why.
        source: PolicyError,
    },
    /// There is a copy of which no checkpoint can be verified.
    #[error(
        "`{}` has no `checkpoint`, and of no checkpoint in `{EARLIER}` that the policy accepts \
         all entries are there",
        path.display()
    )]
    NotWhole {
        /// The folder.
        path: PathBuf,
    },
    /// The proof proves nothing.
    #[error("the proof: {0}")]
    Proof(#[from] ProofError),
    /// The proof brings no entry.
    #[error("the proof has no entry in it: download it with `entry=true`")]
    NoEntry,
}

/// A log in a folder.
struct Folder<'a>(&'a Path);

impl Source for Folder<'_> {
    type Error = OfflineError;

    async fn read(&self, resource: Resource) -> Result<Option<Vec<u8>>, OfflineError> {
        let path = self.0.join(resource.to_string());
        if path.is_file() {
            return bytes(&path).map(Some);
        }
        // A log may have taken a partial tile away once the full one was there.
        let full = match resource {
            Resource::Tile { id, .. } => Resource::Tile { id, width: TILE_WIDTH as u16 },
            Resource::Entries { number, .. } => {
                Resource::Entries { number, width: TILE_WIDTH as u16 }
            }
            Resource::Checkpoint => return Ok(None),
        };
        let path = self.0.join(full.to_string());
        if path.is_file() { bytes(&path).map(Some) } else { Ok(None) }
    }
}

/// Verifies a whole log, and that a record is in it if one is named.
///
/// # Errors
/// When a file cannot be read, or the checkpoint is not believed.
pub fn log(
    folder: &Path,
    policy: Option<&Path>,
    known: &[PathBuf],
    record: Option<&str>,
) -> Result<Report, OfflineError> {
    let mut report = Report::default();
    let own = folder.join("policy");
    if policy.is_none() {
        let hint = "the keys came with the log: compare `policy` with the keys that you know";
        report.said.push(hint.to_owned());
    }
    let policy = read_policy(policy.unwrap_or(&own))?;
    let kept = roots(&policy, known, &mut report)?;
    let mut earlier = roots(&policy, &earlier_files(folder)?, &mut report)?;
    let latest = folder.join("checkpoint");
    let accepted = if latest.is_file() {
        let refused = |source| OfflineError::Refused { what: "checkpoint".into(), source };
        policy.accept(&text(&latest)?).map_err(refused)?
    } else {
        let accepted = copied::last_whole(folder, &policy, earlier.keys().copied())?;
        // Checkpoints are copied within minutes, entries that fill no tile within an hour.
        let later = earlier.split_off(&(accepted.checkpoint.size + 1));
        if let Some(last) = later.keys().next_back() {
            report.said.push(format!(
                "{} later checkpoints, up to {last} entries, are not verified: their last \
                 entries are not there",
                later.len()
            ));
        }
        accepted
    };
    earlier.extend(kept);
    let mut found = None;
    let source = Folder(folder);
    let verified = verify_log(&source, &accepted, &earlier, |index, bytes| {
        let entry = serde_json::from_slice::<Entry>(bytes).ok();
        if record.is_some() && entry.is_some_and(|entry| Some(entry.record.as_str()) == record) {
            found = Some(index);
        }
    });
    let verified = block_on(verified).map_err(|tlog::VerifyError::Source { source, .. }| source)?;
    report.problems.extend(verified.problems);
    let checkpoint = &accepted.checkpoint;
    report.said.push(format!("log         {}", checkpoint.origin));
    report.said.push(format!("entries     {}", verified.entries));
    report.said.push(format!("root        {}", checkpoint.root));
    report.said.push(format!("tiles       {}", verified.tiles));
    report.said.push(format!("earlier     {} checkpoints", earlier.len()));
    report.said.push(format!("cosigned by {}", names(&accepted)));
    match (record, found) {
        (Some(record), Some(index)) => {
            report.said.push(format!("record      {record} is entry {index}"))
        }
        (Some(record), None) => report.problems.push(format!("the log has no record `{record}`")),
        (None, _) => {}
    }
    Ok(report)
}

/// Verifies the proof of one record.
///
/// # Errors
/// When a file cannot be read, or the proof does not hold.
pub fn proof(
    file: &Path,
    policy: Option<&Path>,
    record: Option<&str>,
) -> Result<Report, OfflineError> {
    let policy = read_policy(policy.ok_or(OfflineError::NoPolicy)?)?;
    let proof = Proof::parse(&text(file)?)?;
    let entry = proof.extra.clone().ok_or(OfflineError::NoEntry)?;
    let accepted = proof.verify(leaf_hash(&entry), &policy)?;
    let mut report = Report::default();
    report.said.push(format!("log         {}", accepted.checkpoint.origin));
    report.said.push(format!("entry       {} of {}", proof.index, accepted.checkpoint.size));
    report.said.push(format!("cosigned by {}", names(&accepted)));
    report.said.push(format!("says        {}", String::from_utf8_lossy(&entry)));
    if let Some(record) = record {
        match serde_json::from_slice::<Entry>(&entry) {
            Ok(entry) if entry.record.as_str() == record => {}
            _ => report.problems.push(format!("the proof is not of the record `{record}`")),
        }
    }
    Ok(report)
}

/// Returns the roots that the log signed, by size.
fn roots(
    policy: &Policy,
    files: &[PathBuf],
    report: &mut Report,
) -> Result<BTreeMap<u64, Hash>, OfflineError> {
    let mut roots = BTreeMap::new();
    for path in files {
        match trusted(policy, &text(path)?) {
            Some(checkpoint) => {
                roots.insert(checkpoint.size, checkpoint.root);
            }
            None => report.problems.push(format!("{}: the log did not sign it", path.display())),
        }
    }
    Ok(roots)
}

/// Opens a checkpoint of the past: the log's own signature is enough to be held to it.
fn trusted(policy: &Policy, note: &str) -> Option<Checkpoint> {
    policy.accept_log(note).ok().map(|accepted| accepted.checkpoint)
}

fn names(accepted: &Accepted) -> String {
    if accepted.witnesses.is_empty() { "nobody".into() } else { accepted.witnesses.join(", ") }
}

fn read_policy(path: &Path) -> Result<Policy, OfflineError> {
    let what = path.display().to_string();
    text(path)?.parse().map_err(|source| OfflineError::Refused { what, source })
}

/// Returns the checkpoints of earlier sizes that a folder has.
fn earlier_files(folder: &Path) -> Result<Vec<PathBuf>, OfflineError> {
    let path = folder.join(EARLIER);
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&path).map_err(|source| OfflineError::File { path, source })?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
}

fn text(path: &Path) -> Result<String, OfflineError> {
    Ok(String::from_utf8_lossy(&bytes(path)?).into_owned())
}

fn bytes(path: &Path) -> Result<Vec<u8>, OfflineError> {
    let failed = |source| OfflineError::File { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        return Err(failed(io::Error::other("it is larger than any file of a log")));
    }
    fs::read(path).map_err(failed)
}
