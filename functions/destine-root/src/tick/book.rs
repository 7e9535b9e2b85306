//! What an instance knows of all checks between ticks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use garde::Validate;
use jiff::SignedDuration;
use model::{
    CheckId, CheckShardId, Document, ServiceId, Timestamp,
    check::{Check, CheckShard, CheckSpec, CheckState, Probe},
    service::Service,
};
use serde::{Deserialize, Serialize};
use store::{Query, Store, StoreError};
use tracing::warn;

use crate::{
    Context, RootError,
    check::{
        Memory, Rules, Sample,
        burn::Counts,
        machine::Condition,
        plan,
        view::{Above, Parent, View, above, view},
    },
};

/// The most checks that one installation has; a tick of a minute has time for so many.
const CHECKS_MAX: usize = 20_000;
/// Up to so many documents are read again at each tick, so that a change works at once;
const READ_ALWAYS_MAX: usize = 500;
/// more only so often, because each reading costs.
const READ_AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How long what is remembered is kept: a week without ticks makes it worthless.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is remembered of one check between ticks.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) memory: Memory,
    /// The newest result that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kept: Option<Sample>,
    /// The runs of a check that an objective is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) counts: Option<Counts>,
}

/// One check, as far as an instance knows.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// Its document, as it was read or written last.
    pub(super) check: Check,
    pub(super) service_url: Option<String>,
    pub(super) remembered: Remembered,
}

impl Watched {
    pub(super) fn rules(&self) -> Rules {
        let CheckSpec { fire_after, clear_after, interval_seconds, .. } = self.check.spec;
        let interval = SignedDuration::from_secs(interval_seconds.into());
        Rules { fire_after, clear_after, interval }
    }
}

/// All checks, as far as an instance knows.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(super) watched: BTreeMap<CheckId, Watched>,
    /// As whom the shards were written last.
    holder: Option<String>,
    /// The tick at which the documents were read last.
    read_at: Option<Timestamp>,
}

pub(super) fn open(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    // What a panic leaves half done is judged anew by the next result.
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Book {
    /// Reads what may have changed since the last tick.
    pub(super) async fn refresh(
        book: &Mutex<Self>,
        ctx: &Context,
        before: Option<&str>,
        tick: Timestamp,
    ) -> Result<(), RootError> {
        let (ours, read) = {
            let book = open(book);
            let ours = before.is_some() && book.holder.as_deref() == before;
            let few = book.watched.len() <= READ_ALWAYS_MAX;
            let old = book.read_at.is_none_or(|at| tick.duration_since(*at) >= READ_AGAIN);
            (ours, few || old || !ours)
        };
        if !read {
            return Ok(());
        }
        let services = all::<Service>(&ctx.store).await?;
        let checks = all::<Check>(&ctx.store).await?;
        let mut remembered = if ours {
            let mut book = open(book);
            let watched = std::mem::take(&mut book.watched).into_iter();
            watched.map(|(id, watched)| (id, watched.remembered)).collect()
        } else {
            shards(&ctx.store).await?
        };
        let timeout_seconds = u32::try_from(ctx.check_timeout.as_secs()).unwrap_or(u32::MAX);
        let checks = with_defaults(checks, &services, timeout_seconds);
        let objectives = objectives(&checks);
        let watched = checks.into_iter().map(|(id, check)| {
            let known = remembered.remove(&id);
            let mut remembered = reconciled(known, &check);
            if objectives.contains(&id) {
                remembered.counts.get_or_insert_default();
            } else {
                remembered.counts = None;
            }
            let service = check.spec.service.as_ref().and_then(|id| services.get(id));
            let service_url = service.map(|service| service.url.clone());
            (id, Watched { check, service_url, remembered })
        });
        let watched = watched.collect();
        let mut book = open(book);
        book.watched = watched;
        book.read_at = Some(tick);
        Ok(())
    }

    /// Writes what has to be remembered.
    pub(super) async fn keep(
        book: &Mutex<Self>,
        store: &Store,
        holder: &str,
        tick: Timestamp,
    ) -> Result<(), RootError> {
        let mut shards: BTreeMap<i64, BTreeMap<CheckId, Remembered>> = BTreeMap::new();
        for (id, watched) in &open(book).watched {
            let shard = shards.entry(plan::shard(id)).or_default();
            shard.insert(id.clone(), watched.remembered.clone());
        }
        for (number, memories) in shards {
            let memories = serde_json::to_string(&memories).unwrap_or_default();
            let shard = CheckShard { memories, tick, expires_at: tick.plus(KEPT) };
            store.measure(&shard_id(number), &shard).await?;
        }
        open(book).holder = Some(holder.to_owned());
        Ok(())
    }

    /// Says what a check shows at an instant.
    pub(super) fn view(&self, id: &CheckId, at: Timestamp) -> Option<View> {
        let watched = self.watched.get(id)?;
        let spec = &watched.check.spec;
        let above = if watched.remembered.memory.firing {
            above(spec.parent.as_ref(), |id| {
                let found = self.watched.get(id).filter(|found| found.check.spec.enabled)?;
                let parent = found.check.spec.parent.clone();
                Some(Parent { parent, memory: found.remembered.memory })
            })
        } else {
            Above::default()
        };
        Some(view(spec, &watched.remembered.memory, &above, at))
    }
}

fn shard_id(number: i64) -> CheckShardId {
    CheckShardId::new(format!("{number:02}"))
}

/// Reads a whole collection, up to a bound; what cannot be read stops nothing else.
async fn all<D: Document>(store: &Store) -> Result<BTreeMap<D::Id, D>, StoreError>
where
    D::Id: Ord,
{
    let (mut all, mut next) = (BTreeMap::new(), None);
    loop {
        let page = store.list(&Query::<D>::all().after(next)).await?;
        for unreadable in &page.unreadable {
            warn!("left out of the checks: {unreadable}");
        }
        all.extend(page.items.into_iter().map(|stored| (stored.id, stored.document)));
        next = page.next;
        if next.is_none() {
            return Ok(all);
        }
        if all.len() >= CHECKS_MAX {
            warn!("there are more than {CHECKS_MAX} documents in `{}`", D::COLLECTION);
            return Ok(all);
        }
    }
}

async fn shards(store: &Store) -> Result<BTreeMap<CheckId, Remembered>, StoreError> {
    let mut remembered = BTreeMap::new();
    for number in 0..plan::SHARDS {
        let Some(shard) = store.get::<CheckShard>(&shard_id(number)).await? else { continue };
        match serde_json::from_str::<BTreeMap<_, _>>(&shard.document.memories) {
            Ok(memories) => remembered.extend(memories),
            // The states are in the checks' own documents.
            Err(error) => warn!("forgot what was remembered of some checks: {error}"),
        }
    }
    Ok(remembered)
}

/// Leaves out checks that were written around the API and are not valid, and adds those
/// that services have by themselves. One whose service is gone does not run.
fn with_defaults(
    checks: BTreeMap<CheckId, Check>,
    services: &BTreeMap<ServiceId, Service>,
    timeout_seconds: u32,
) -> BTreeMap<CheckId, Check> {
    let mut valid = BTreeMap::new();
    for (id, mut check) in checks {
        if let Err(report) = check.spec.validate() {
            let report = report.to_string().replace('\n', "; ");
            warn!(check = %id, "`{id}` is not valid, and does not run: {report}");
            continue;
        }
        let needs_service = matches!(&check.spec.probe, Probe::Http(http) if http.url.is_none());
        let has_service =
            check.spec.service.as_ref().is_some_and(|service| services.contains_key(service));
        check.spec.enabled &= has_service || !needs_service;
        valid.insert(id, check);
    }
    let watched: BTreeSet<_> =
        valid.values().filter_map(|check| check.spec.service.clone()).collect();
    for (service_id, service) in services {
        if !watched.contains(service_id) {
            let timeout_seconds = timeout_seconds.clamp(1, 30);
            let spec = CheckSpec::of_service(service_id.clone(), &service.name, timeout_seconds);
            // As if it had been there always; the first writing says when.
            let always = jiff::Timestamp::UNIX_EPOCH.into();
            valid.entry(Check::default_of(service_id)).or_insert(Check::new(spec, always));
        }
    }
    valid
}

/// Returns the checks that objectives are about.
fn objectives(checks: &BTreeMap<CheckId, Check>) -> BTreeSet<CheckId> {
    let of = checks.values().filter_map(|check| match &check.spec.probe {
        Probe::Slo(slo) => Some(slo.of.clone()),
        _ => None,
    });
    of.collect()
}

/// Brings what is remembered in line with the document, which is written first.
fn reconciled(known: Option<Remembered>, check: &Check) -> Remembered {
    let firing = check.incident.is_some();
    let condition = match check.state {
        CheckState::Up => Condition::Up,
        CheckState::Degraded => Condition::Degraded,
        CheckState::Down => Condition::Down,
        CheckState::Flapping => Condition::Flapping,
        CheckState::Unknown | CheckState::Maintenance => Condition::Unknown,
    };
    let agrees = |memory: &Memory| {
        let newer = memory.last.is_some_and(|last| last.at >= check.since);
        (newer || memory.condition == condition) && (!firing || memory.firing)
    };
    match known {
        Some(known) if agrees(&known.memory) => known,
        known => {
            let firing = firing || matches!(condition, Condition::Down | Condition::Flapping);
            let memory = Memory::of(condition, firing);
            Remembered { memory, ..known.unwrap_or_default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{IncidentId, check::Verdict};

    use super::*;

    fn at(second: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + second).expect("in range").into()
    }

    fn service(name: &str) -> (ServiceId, Service) {
        (ServiceId::new(name), Service { name: name.into(), url: "http://x".into() })
    }

    fn check(service: &str) -> Check {
        Check::new(CheckSpec::of_service(ServiceId::new(service), service, 10), at(0))
    }

    #[test]
    fn a_service_that_no_check_names_has_one_and_a_check_without_its_service_does_not_run() {
        let services = [service("shop"), service("bank")].into();
        let mut slow = check("shop");
        slow.spec.interval_seconds = 300;
        let mut odd = check("bank");
        odd.spec.fire_after = 0;
        let written = [("slow-shop", slow), ("gone-http", check("gone")), ("odd", odd)];
        let written = written.map(|(id, check)| (CheckId::new(id), check)).into();
        let all = with_defaults(written, &services, 10);
        let ids: Vec<_> = all.keys().map(CheckId::as_str).collect();
        assert_eq!(ids, ["bank-http", "gone-http", "slow-shop"], "the odd one does not count");
        let runs = |id: &str| all[&CheckId::new(id)].spec.enabled;
        assert!(runs("bank-http") && runs("slow-shop") && !runs("gone-http"));
    }

    #[test]
    fn the_document_wins_over_an_older_memory() {
        let rules =
            Rules { fire_after: 2, clear_after: 2, interval: SignedDuration::from_secs(60) };
        let (memory, _) =
            Memory::default().observe(&rules, Sample { verdict: Verdict::Good, at: at(60) });
        let known = || Some(Remembered { memory, ..Remembered::default() });
        let mut shown = check("shop");
        assert_eq!(reconciled(known(), &shown).memory, memory, "it is newer");
        (shown.state, shown.since) = (CheckState::Down, at(120));
        shown.incident = Some(IncidentId::new("i"));
        let down = reconciled(known(), &shown).memory;
        assert_eq!((down.condition, down.firing), (Condition::Down, true));
        // What is open stays open, whatever is remembered.
        (shown.state, shown.since) = (CheckState::Unknown, at(0));
        assert!(reconciled(known(), &shown).memory.firing);
        assert_eq!(reconciled(None, &check("shop")).memory, Memory::default());
    }
}
