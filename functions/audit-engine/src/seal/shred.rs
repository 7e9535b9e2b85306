//! Forgetting a person: their key is destroyed, and the journal's copies are emptied.

use model::{
    Actor, RecordId, ShredRequestId, Timestamp,
    journal::JournalRecord,
    log::{ShredRequest, ShredState, SubjectKey},
};
use store::{Cause, Query};
use tracing::info;

use super::{SealError, Sealer};

/// Stands where a reason stood.
const FORGOTTEN: &str = "forgotten";
/// How many records one transaction empties.
const PAGE: u32 = 200;

/// Carries out a request: once, however often it is told of.
///
/// The journal's copies go first, so that whatever is interrupted begins again.
///
/// # Errors
/// When documents cannot be read or written.
pub async fn shred(
    sealer: &Sealer,
    cause: &Cause,
    id: &ShredRequestId,
    now: Timestamp,
) -> Result<(), SealError> {
    let store = &sealer.inner.store;
    let Some(request) = store.get::<ShredRequest>(id).await? else { return Ok(()) };
    let Some(person) = request.document.person else { return Ok(()) };
    let by = Query::<JournalRecord>::all().equals("actor.uid", &person);
    let about = Query::<JournalRecord>::all().equals("target", format!("users/{person}"));
    let emptied = empty(sealer, cause, by).await? + empty(sealer, cause, about).await?;
    let subject = &sealer.inner.secret.subject(&person);
    store
        .transact(cause, |tx| async move {
            let Some(request) = tx.get::<ShredRequest>(id).await? else { return Ok(()) };
            let request = request.document;
            if request.state == ShredState::Done {
                return Ok(());
            }
            if let Some(key) = tx.get::<SubjectKey>(subject).await? {
                let gone = SubjectKey { key: None, destroyed_at: Some(now), ..key.document };
                tx.keep(subject, &gone)?;
            }
            let done = ShredRequest {
                person: None,
                state: ShredState::Done,
                done_at: Some(now),
                ..request
            };
            tx.put(id, &done, "subject.shredded", "somebody asked for it").await?;
            Ok::<_, SealError>(())
        })
        .await?;
    info!(records = emptied, "a person's part of the log is unreadable now");
    Ok(())
}

/// Empties what identifies people in records of the journal; returns how many changed.
async fn empty(
    sealer: &Sealer,
    cause: &Cause,
    query: Query<JournalRecord>,
) -> Result<usize, SealError> {
    let store = &sealer.inner.store;
    let (mut next, mut emptied) = (None, 0);
    loop {
        let page = store.list(&query.clone().page_size(PAGE).after(next)).await?;
        let changed: Vec<(RecordId, JournalRecord)> = page
            .items
            .into_iter()
            .map(|stored| (stored.id, without(stored.document.clone()), stored.document))
            .filter(|(_, after, before)| after != before)
            .map(|(id, after, _)| (id, after))
            .collect();
        if !changed.is_empty() {
            let changed = &changed;
            let written = store.transact(cause, |tx| async move {
                for (id, record) in changed {
                    tx.empty_record(id, record)?;
                }
                Ok::<_, SealError>(())
            });
            written.await?;
            emptied += changed.len();
        }
        next = page.next;
        if next.is_none() {
            return Ok(emptied);
        }
    }
}

/// Returns a record without what identifies people, except by ids.
fn without(record: JournalRecord) -> JournalRecord {
    let actor = match record.actor {
        Actor::Person { uid, .. } => Actor::Person { uid, email: None },
        service @ Actor::Service { .. } => service,
    };
    JournalRecord { actor, reason: FORGOTTEN.into(), ..record }
}
