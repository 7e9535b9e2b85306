//! The nightly replay: every tile from the entries, every entry against the journal.

use std::collections::{BTreeMap, HashSet};

use model::{
    LogCheckId, LogCheckpointId, RecordId, Timestamp,
    log::{Entry, LogCheck, LogCheckpoint, LogHead},
};
use sha2::{Digest, Sha256};
use store::{
    Cause, Query,
    log::{StoredLog, head_id},
};
use tlog::{Accepted, Checkpoint, Hash, Policy, verify_log};
use tracing::{error, info};

use super::{Gaps, SealError, Sealer, compare};
use crate::archive::{Archive, COPIED_WITHIN, Compared, Comparison};

/// How many earlier checkpoints are compared, and how many records; a night has no more time.
const CHECKPOINTS_MAX: usize = 100_000;
const RECORDS_MAX: usize = 4_000_000;
/// How many things one check lists.
pub(super) const PROBLEMS_MAX: usize = 100;

/// Names a record in 16 bytes, so that millions fit into memory.
pub(super) type Short = [u8; 16];

/// Replays the whole log, compares it with the journal and with its copy if there is one, and
/// keeps what came of it; `None` while there is no log.
///
/// # Errors
/// When documents cannot be read or written. What is wrong with the log is in the result.
pub async fn check(
    sealer: &Sealer,
    archive: Option<&Archive>,
    cause: &Cause,
    now: Timestamp,
) -> Result<Option<LogCheck>, SealError> {
    let store = &sealer.inner.store;
    let mut problems = Vec::new();
    let comparison = match archive {
        Some(archive) => match Comparison::of(archive, now).await {
            Ok(comparison) => Some(comparison),
            Err(failure) => {
                problems.push(format!("copy: {failure}"));
                None
            }
        },
        None => None,
    };
    let head = store.get::<LogHead>(&head_id()).await?;
    // A log that is gone and has a copy was there.
    if head.is_none() && comparison.as_ref().is_none_or(Comparison::is_empty) {
        return Ok(None);
    }
    let size = head.map_or(0, |head| head.document.size);
    let mut check = LogCheck {
        at: now,
        entries: 0,
        tiles: 0,
        records: 0,
        problems,
        gaps: Vec::new(),
        archive: None,
    };
    let id = LogCheckpointId::of_size(size);
    let latest = store.get::<LogCheckpoint>(&id).await?.map(|stored| stored.document);
    let policy = Policy::of(&sealer.inner.log, &[], 0);
    let mut due = 0;
    match latest.map(|latest| policy.and_then(|policy| policy.accept(&latest.note))) {
        None => check.problems.push(format!("there is no checkpoint of {size} entries")),
        Some(Err(refusal)) => check.problems.push(format!("checkpoint {size}: {refusal}")),
        Some(Ok(accepted)) => {
            due = replay(sealer, comparison.as_ref(), &accepted, &mut check).await?;
        }
    }
    if let Some(comparison) = comparison {
        let (compared, problems) = comparison.finish(size, due).await?;
        check.archive = Some(compared);
        check.problems.extend(problems);
    }
    check.problems.truncate(PROBLEMS_MAX);
    let id = &LogCheckId::new(now.to_string());
    let kept = &check;
    store.transact(cause, |tx| async move { tx.keep(id, kept) }).await?;
    if check.problems.is_empty() && check.gaps.is_empty() {
        info!(
            event_name = "log-whole",
            log_entries = check.entries,
            "the log is whole: {} entries",
            check.entries
        );
    } else {
        let first = check.problems.iter().chain(&check.gaps).next();
        error!(
            event_name = "log-broken",
            log_problems = check.problems.len(),
            log_gaps = check.gaps.len(),
            "the log is not what it was: {}",
            first.map_or("", String::as_str)
        );
    }
    Ok(Some(check))
}

/// Replays the log; returns how many entries have been in it for so long that they have to be
/// in its copy.
async fn replay(
    sealer: &Sealer,
    comparison: Option<&Comparison<'_>>,
    accepted: &Accepted,
    check: &mut LogCheck,
) -> Result<u64, SealError> {
    let (mut earlier, due) = earlier(sealer, check).await?;
    // What was added since the head was read is left to the next night.
    earlier.split_off(&(accepted.checkpoint.size + 1));
    let (mut records, mut gaps, mut foreign) = (HashSet::new(), Gaps::default(), Vec::new());
    let log = StoredLog(sealer.inner.store.clone());
    let compared = Compared { log, comparison, due };
    let verified = verify_log(&compared, accepted, &earlier, |index, bytes| {
        match serde_json::from_slice::<Entry>(bytes) {
            Ok(entry) => {
                if records.len() < RECORDS_MAX {
                    records.insert(short(&entry.record));
                }
                if let Some(writer) = &entry.writer {
                    gaps.see(writer);
                }
            }
            Err(_) if foreign.len() < PROBLEMS_MAX => {
                foreign.push(format!("entry {index} is no entry of the journal"));
            }
            Err(_) => {}
        }
    })
    .await;
    let verified = verified.map_err(|tlog::VerifyError::Source { source, .. }| source)?;
    (check.entries, check.tiles) = (verified.entries, verified.tiles);
    check.problems.extend(verified.problems);
    check.problems.extend(foreign);
    check.gaps = gaps.missing(PROBLEMS_MAX);
    compare::journal(sealer, accepted.checkpoint.size, records, check).await?;
    Ok(due)
}

/// Returns the roots that checkpoints have, each with the signature of the log's key, and the
/// last size that the log has had for so long that its copy must have it.
async fn earlier(
    sealer: &Sealer,
    check: &mut LogCheck,
) -> Result<(BTreeMap<u64, Hash>, u64), SealError> {
    let (mut roots, mut due, mut next) = (BTreeMap::new(), 0, None);
    while roots.len() < CHECKPOINTS_MAX {
        let query = Query::<LogCheckpoint>::all().after(next);
        let page = sealer.inner.store.list(&query).await?;
        check.problems.extend(page.unreadable);
        for stored in page.items {
            let size = stored.document.size;
            if stored.document.at.plus(COPIED_WITHIN) < check.at {
                due = size;
            }
            let key = std::slice::from_ref(&sealer.inner.log);
            match Checkpoint::open(&stored.document.note, key) {
                Ok(opened) if opened.checkpoint.size == size => {
                    roots.insert(size, opened.checkpoint.root);
                }
                _ => check.problems.push(format!("checkpoint {size} is not signed by the log")),
            }
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    // Records are sealed while the log is replayed.
    let last = roots.keys().next_back().copied().unwrap_or_default();
    let head = sealer.inner.store.get::<LogHead>(&head_id()).await?;
    if head.is_some_and(|head| head.document.size >= last) {
        return Ok((roots, due));
    }
    check.problems.push(format!("there is a checkpoint of {last} entries, more than the log has"));
    Ok((roots, due))
}

pub(super) fn short(record: &RecordId) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&Sha256::digest(record.as_str())[..16]);
    short
}
