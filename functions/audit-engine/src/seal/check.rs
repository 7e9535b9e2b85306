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

/// How many earlier checkpoints are compared, and how many records; a night has no more time.
const CHECKPOINTS_MAX: usize = 100_000;
const RECORDS_MAX: usize = 4_000_000;
/// How many things one check lists.
pub(super) const PROBLEMS_MAX: usize = 100;

/// Names a record in 16 bytes, so that millions fit into memory.
pub(super) type Short = [u8; 16];

/// Replays the whole log, compares it with the journal, and keeps what came of it; `None`
/// while there is no log.
///
/// # Errors
/// When documents cannot be read or written. What is wrong with the log is in the result.
pub async fn check(
    sealer: &Sealer,
    cause: &Cause,
    now: Timestamp,
) -> Result<Option<LogCheck>, SealError> {
    let store = &sealer.inner.store;
    let Some(head) = store.get::<LogHead>(&head_id()).await? else { return Ok(None) };
    let size = head.document.size;
    let mut check = LogCheck {
        at: now,
        entries: 0,
        tiles: 0,
        records: 0,
        problems: Vec::new(),
        gaps: Vec::new(),
    };
    let id = LogCheckpointId::of_size(size);
    let latest = store.get::<LogCheckpoint>(&id).await?.map(|stored| stored.document);
    let policy = Policy::of(&sealer.inner.log, &[], 0);
    match latest.map(|latest| policy.and_then(|policy| policy.accept(&latest.note))) {
        None => check.problems.push(format!("there is no checkpoint of {size} entries")),
        Some(Err(refusal)) => check.problems.push(format!("checkpoint {size}: {refusal}")),
        Some(Ok(accepted)) => replay(sealer, &accepted, &mut check).await?,
    }
    check.problems.truncate(PROBLEMS_MAX);
    let id = &LogCheckId::new(now.to_string());
    let kept = &check;
    store.transact(cause, |tx| async move { tx.keep(id, kept) }).await?;
    if check.problems.is_empty() && check.gaps.is_empty() {
        info!(log.entries = check.entries, "the log is whole: {} entries", check.entries);
    } else {
        let first = check.problems.iter().chain(&check.gaps).next();
        error!(
            log.problems = check.problems.len(),
            log.gaps = check.gaps.len(),
            "the log is not what it was: {}",
            first.map_or("", String::as_str)
        );
    }
    Ok(Some(check))
}

async fn replay(
    sealer: &Sealer,
    accepted: &Accepted,
    check: &mut LogCheck,
) -> Result<(), SealError> {
    let mut earlier = earlier(sealer, check).await?;
    // What was added since the head was read is left to the next night.
    earlier.split_off(&(accepted.checkpoint.size + 1));
    let (mut records, mut gaps, mut foreign) = (HashSet::new(), Gaps::default(), Vec::new());
    let verified =
        verify_log(&StoredLog(sealer.inner.store.clone()), accepted, &earlier, |index, bytes| {
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
    compare::journal(sealer, accepted.checkpoint.size, records, check).await
}

/// Returns the roots that checkpoints have, each with the signature of the log's key.
async fn earlier(sealer: &Sealer, check: &mut LogCheck) -> Result<BTreeMap<u64, Hash>, SealError> {
    let (mut roots, mut next) = (BTreeMap::new(), None);
    while roots.len() < CHECKPOINTS_MAX {
        let query = Query::<LogCheckpoint>::all().after(next);
        let page = sealer.inner.store.list(&query).await?;
        check.problems.extend(page.unreadable);
        for stored in page.items {
            let size = stored.document.size;
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
        return Ok(roots);
    }
    check.problems.push(format!("there is a checkpoint of {last} entries, more than the log has"));
    Ok(roots)
}

pub(super) fn short(record: &RecordId) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&Sha256::digest(record.as_str())[..16]);
    short
}
