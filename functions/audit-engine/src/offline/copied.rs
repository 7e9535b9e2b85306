//! A folder that was downloaded from the log's copy, which has no `checkpoint`: one that grows
//! cannot be kept where nothing is ever replaced.

use std::path::Path;

use tlog::{Accepted, Policy, Resource};

use super::{OfflineError, text};
use crate::archive::{checkpoint_at, partial_at};

/// Returns the last checkpoint that a policy accepts and whose last entries are there. What is
/// missing before them is found when it is verified.
pub(super) fn last_whole(
    folder: &Path,
    policy: &Policy,
    sizes: impl DoubleEndedIterator<Item = u64>,
) -> Result<Accepted, OfflineError> {
    let there = |resource: &Resource| folder.join(resource.to_string()).is_file();
    for size in sizes.rev().filter(|size| partial_at(*size).iter().all(there)) {
        let file = folder.join(checkpoint_at(size));
        if !file.is_file() {
            continue;
        }
        let accepted = policy.accept(&text(&file)?);
        if let Some(accepted) = accepted.ok().filter(|a| a.checkpoint.size == size) {
            return Ok(accepted);
        }
    }
    Err(OfflineError::NotWhole { path: folder.to_owned() })
}
