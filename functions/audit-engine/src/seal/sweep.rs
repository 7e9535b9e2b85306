//! What nobody told us of: looking through the journal for records that are not sealed.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use model::{
    LogEntryId, LogSweepId, RecordId, Timestamp,
    journal::JournalRecord,
    log::{LogEntry, LogSweep},
};
use store::{Cause, Query, Stored};
use tokio::time::Instant;

use super::{SealError, Sealer, sealer::lock};

/// How long one sweep takes; the next one goes on.
const TIME_MAX: Duration = Duration::from_secs(40);
/// A record gets its id before its transaction commits, which may take so long: until then,
/// one with an earlier id may still appear.
const GRACE: SignedDuration = SignedDuration::from_secs(120);
/// An event is given so long to arrive before its record is sealed without it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);
/// How many documents are looked for at a time.
const ABREAST: usize = 64;
/// A checkpoint that is older says little about the present.
const FRESH: SignedDuration = SignedDuration::from_secs(50);

/// Seals what is not sealed, and has the last checkpoint cosigned anew when it is old.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn sweep(sealer: &Sealer, cause: &Cause, now: Timestamp) -> Result<(), SealError> {
    let store = &sealer.inner.store;
    let started = Instant::now();
    let id = LogSweepId::new("main");
    let mut swept = store.get::<LogSweep>(&id).await?.map(|stored| stored.document.swept);
    let settled = first_id_at(now, GRACE);
    let known = first_id_at(now, PATIENCE);
    let before = swept.clone();
    let mut cursor = swept.clone();
    while started.elapsed() < TIME_MAX {
        let mut query = Query::<JournalRecord>::all();
        if let Some(after) = &cursor {
            query = query.after_id(after);
        }
        let page = store.list(&query).await?;
        let last = page.next.is_none();
        let Some(newest) = page.items.last().map(|stored| stored.id.clone()) else { break };
        let due = page.items.into_iter().filter(|stored| stored.id < known);
        sealer.seal(unsealed(sealer, due.collect()).await?).await?;
        if newest < settled {
            swept = Some(newest.clone());
        }
        cursor = Some(newest);
        if last {
            break;
        }
    }
    if let Some(swept) = swept.filter(|swept| Some(swept) != before.as_ref()) {
        store.measure(&id, &LogSweep { swept }).await?;
    }
    sealer.cosign(cause).await;
    freshen(sealer, cause, now).await
}

/// Returns the records of a page that are not in the log.
async fn unsealed(
    sealer: &Sealer,
    page: Vec<Stored<JournalRecord>>,
) -> Result<Vec<(RecordId, JournalRecord)>, SealError> {
    let look = |stored: Stored<JournalRecord>| async move {
        let id = LogEntryId::of(&stored.id);
        let sealed = sealer.inner.store.get::<LogEntry>(&id).await?.is_some();
        Ok::<_, SealError>((!sealed).then_some((stored.id, stored.document)))
    };
    let found: Vec<_> = stream::iter(page).map(look).buffered(ABREAST).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// Has the last checkpoint cosigned again, unless it is fresh.
async fn freshen(sealer: &Sealer, cause: &Cause, now: Timestamp) -> Result<(), SealError> {
    let store = &sealer.inner.store;
    let Some(latest) = store::log::latest_checkpoint(store).await? else { return Ok(()) };
    if latest.witnessed_size.is_none() || latest.at.plus(FRESH) < now {
        sealer.refresh(cause, &latest).await;
        *lock(&sealer.inner.latest) = Some(latest);
    }
    Ok(())
}

/// Returns where ids of records begin that were made after an instant before now.
///
/// Source: RFC 9562, version 7: the first 48 bits are milliseconds since 1970.
pub(super) fn first_id_at(now: Timestamp, before: SignedDuration) -> RecordId {
    let millis = now.plus(-before).as_millisecond().max(0);
    let digits = format!("{millis:012x}");
    RecordId::new(format!("{}-{}", &digits[..8], &digits[8..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_that_they_were_made_at() {
        let id = RecordId::new(uuid::Uuid::now_v7().to_string());
        let now = Timestamp::from(jiff::Timestamp::now());
        assert!(first_id_at(now, SignedDuration::from_secs(5)) < id);
        assert!(first_id_at(now, SignedDuration::from_secs(-5)) > id);
    }
}
