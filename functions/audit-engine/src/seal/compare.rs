//! The journal against the log: each record has its entry, and says what the entry says.

use std::collections::{BTreeMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use model::{
    LogEntryId, RecordId, SubjectId,
    journal::JournalRecord,
    log::{Entry, LogCheck, LogEntry, SubjectKey},
};
use store::{Query, Stored};
use tlog::TILE_WIDTH;

use super::{
    PersonKey, SealError, Sealer,
    check::{PROBLEMS_MAX, Short, short},
    sweep::first_id_at,
};

/// How old a record is before it is missed in the log: the sweep comes every minute.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How many documents are looked for at a time.
const ABREAST: usize = 64;
/// How many bundles are remembered: records and entries have nearly the same order.
const BUNDLES_MAX: usize = 8;

/// Compares every record of the journal with its entry. `entries` are the records that the
/// first `size` entries name; what is left of them at the end is gone from the journal.
pub(super) async fn journal(
    sealer: &Sealer,
    size: u64,
    mut entries: HashSet<Short>,
    check: &mut LogCheck,
) -> Result<(), SealError> {
    let mut reading = Reading { sealer, bundles: BTreeMap::new(), keys: BTreeMap::new() };
    let due = first_id_at(check.at, SEALED_WITHIN);
    let mut next = None;
    loop {
        let query = Query::<JournalRecord>::all().after(next);
        let page = sealer.inner.store.list(&query).await?;
        check.problems.extend(page.unreadable);
        let place = |stored: Stored<JournalRecord>| async move {
            let id = LogEntryId::of(&stored.id);
            let entry = sealer.inner.store.get::<LogEntry>(&id).await?;
            Ok::<_, SealError>((stored, entry.map(|entry| entry.document.index)))
        };
        let places: Vec<_> =
            stream::iter(page.items).map(place).buffered(ABREAST).try_collect().await?;
        for (stored, index) in places {
            let Stored { id, document: record, .. } = stored;
            match index {
                // Sealed since the replay began.
                Some(index) if index >= size => {}
                Some(index) => {
                    check.records += 1;
                    entries.remove(&short(&id));
                    let wrong = reading.compare(index, &id, &record).await?;
                    check.problems.extend(wrong.map(|wrong| format!("record `{id}`: {wrong}")));
                }
                None if id < due => {
                    check.problems.push(format!("record `{id}` is not in the log"));
                }
                None => {}
            }
        }
        next = page.next;
        if next.is_none() || check.problems.len() >= PROBLEMS_MAX {
            break;
        }
    }
    if next.is_none() && !entries.is_empty() {
        check.problems.push(format!("{} records are gone from the journal", entries.len()));
    }
    Ok(())
}

/// Reads entries, remembering some bundles and every key.
struct Reading<'a> {
    sealer: &'a Sealer,
    bundles: BTreeMap<u64, Vec<String>>,
    keys: BTreeMap<SubjectId, Option<PersonKey>>,
}

impl Reading<'_> {
    /// Says what is wrong between a record and its entry.
    async fn compare(
        &mut self,
        index: u64,
        id: &RecordId,
        record: &JournalRecord,
    ) -> Result<Option<String>, SealError> {
        let Some(text) = self.entry(index).await? else {
            return Ok(Some(format!("entry {index} is not there")));
        };
        let Ok(entry) = serde_json::from_str::<Entry>(&text) else {
            return Ok(Some(format!("entry {index} cannot be read")));
        };
        let contradictions = entry.contradictions(id, record);
        if !contradictions.is_empty() {
            let members = contradictions.join("`, `");
            return Ok(Some(format!("entry {index} says otherwise about `{members}`")));
        }
        self.sealed(&entry, id, record).await
    }

    /// Says what is wrong with the encrypted parts. A part whose key is gone says nothing.
    async fn sealed(
        &mut self,
        entry: &Entry,
        id: &RecordId,
        record: &JournalRecord,
    ) -> Result<Option<String>, SealError> {
        if entry.digest.is_some() {
            return Ok(None);
        }
        let (_, personal) = Entry::of(id, record);
        if personal.len() != entry.sealed.len() {
            return Ok(Some("the entry is about other people".into()));
        }
        for (expected, part) in personal.into_iter().zip(&entry.sealed) {
            let subject = self.sealer.inner.secret.subject(&expected.person);
            if subject.as_str() != part.subject {
                return Ok(Some("the entry is about other people".into()));
            }
            let Some(key) = self.key(&subject).await? else { continue };
            if key.generation() != part.generation {
                continue;
            }
            match key.read(id, part) {
                Some(members) if members == expected.members => {}
                Some(_) => return Ok(Some("the entry's encrypted part says otherwise".into())),
                None => return Ok(Some("the entry's encrypted part cannot be read".into())),
            }
        }
        Ok(None)
    }

    async fn entry(&mut self, index: u64) -> Result<Option<String>, SealError> {
        let number = index / TILE_WIDTH;
        if !self.bundles.contains_key(&number) {
            let parts = store::log::bundle(&self.sealer.inner.store, number).await?;
            let entries = parts.into_iter().flat_map(|(_, part)| part.entries).collect();
            if self.bundles.len() >= BUNDLES_MAX {
                self.bundles.pop_first();
            }
            self.bundles.insert(number, entries);
        }
        let bundle = self.bundles.get(&number);
        Ok(bundle.and_then(|entries| entries.get((index % TILE_WIDTH) as usize)).cloned())
    }

    async fn key(&mut self, subject: &SubjectId) -> Result<Option<PersonKey>, SealError> {
        if let Some(known) = self.keys.get(subject) {
            return Ok(known.clone());
        }
        let kept = self.sealer.inner.store.get::<SubjectKey>(subject).await?;
        let open =
            |kept: Stored<SubjectKey>| self.sealer.inner.secret.open(subject, &kept.document);
        let key = kept.map(open).transpose()?.flatten();
        self.keys.insert(subject.clone(), key.clone());
        Ok(key)
    }
}
