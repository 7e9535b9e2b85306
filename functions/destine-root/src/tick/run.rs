//! Running the checks of a tick at their instants.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use jiff::SignedDuration;
use model::{CheckId, Timestamp, check::Probe};
use store::Cause;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tracing::warn;

use super::{
    book::{self, Watched},
    judge::{differs, judge},
    results::{Results, says_something},
};
use crate::{
    Context,
    check::{Sample, plan},
    probe::{Answer, Known},
};

/// Runs that are on their way at once. With 167 starts a second and answers within a
/// second there are 167; the rest is for those that answer late.
const AT_ONCE: usize = 512;

/// Changes that are written at once before the runs begin.
const REVIEWED_AT_ONCE: usize = 32;

/// What a tick did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    /// How many runs there were.
    pub(super) runs: usize,
    /// How late the latest of them started, but for one in a hundred.
    pub(super) late_p99_ms: u64,
}

impl Ran {
    fn of(mut late: Vec<u64>) -> Self {
        late.sort_unstable();
        let runs = late.len();
        let late_p99_ms = late.get(runs.saturating_sub(1) * 99 / 100).copied().unwrap_or(0);
        Self { runs, late_p99_ms }
    }
}

/// The runs of one tick.
pub(super) struct Runs<'a> {
    pub(super) ctx: &'a Context,
    pub(super) cause: &'a Cause,
    pub(super) tick: Timestamp,
}

impl Runs<'_> {
    /// Looks at every check without running it: time may have changed what it shows, by
    /// maintenance, silence, a switch, or the checks further up.
    pub(super) async fn review(&self) {
        let ids: Vec<CheckId> = {
            let mut book = book::open(&self.ctx.book);
            for watched in book.watched.values_mut() {
                let rules = watched.rules();
                let memory = &mut watched.remembered.memory;
                *memory = memory.without_news(&rules, self.tick);
            }
            let changed = book.watched.iter().filter(|(id, watched)| {
                book.view(id, self.tick).is_some_and(|view| differs(&watched.check, &view))
            });
            changed.map(|(id, _)| id.clone()).collect()
        };
        // Below one that recovers there may be thousands.
        stream::iter(ids)
            .for_each_concurrent(REVIEWED_AT_ONCE, |id| async move {
                Run::of(self.ctx, self.cause, &id, self.tick).show(None).await;
            })
            .await;
    }

    /// Runs every check that is due, at its instant.
    pub(super) async fn run_all(&self) -> Ran {
        let started = Instant::now();
        let mut plan = self.plan();
        plan.sort_unstable();
        let (slots, results) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Results::default()));
        let (mut running, mut late) = (JoinSet::new(), Vec::with_capacity(plan.len()));
        for (start, id) in plan {
            sleep_until(started + start).await;
            let Ok(slot) = slots.clone().acquire_owned().await else { break };
            let behind = started.elapsed().saturating_sub(start).as_millis();
            late.push(u64::try_from(behind).unwrap_or(u64::MAX));
            let at = self.tick.plus(SignedDuration::try_from(start).unwrap_or_default());
            let run = Run::of(self.ctx, self.cause, &id, at);
            let results = results.clone();
            running.spawn(telemetry::in_current_scope(async move {
                run.run(&results).await;
                drop(slot);
            }));
            while running.try_join_next().is_some() {}
        }
        while running.join_next().await.is_some() {}
        results.flush(&self.ctx.store, self.cause).await;
        Ran::of(late)
    }

    fn plan(&self) -> Vec<(Duration, CheckId)> {
        let book = book::open(&self.ctx.book);
        let enabled = || book.watched.iter().filter(|(_, watched)| watched.check.spec.enabled);
        let spread = plan::spread(enabled().count());
        let starts = enabled().flat_map(|(id, watched)| {
            let starts = plan::starts(id, watched.rules().interval, spread, self.tick);
            starts.into_iter().map(|start| (start, id.clone()))
        });
        starts.collect()
    }
}

/// One run of one check.
struct Run {
    ctx: Context,
    cause: Cause,
    id: CheckId,
    at: Timestamp,
}

impl Run {
    fn of(ctx: &Context, cause: &Cause, id: &CheckId, at: Timestamp) -> Self {
        Self { ctx: ctx.clone(), cause: cause.clone(), id: id.clone(), at }
    }

    async fn run(&self, results: &Results) {
        let Some((watched, known)) = self.known() else { return };
        let answer = self.ctx.prober.run(&self.id, &watched.check.spec, &known).await;
        let before = watched.remembered.kept;
        let sample = self.observe(&answer);
        let changed = self.show(Some(&answer)).await;
        if let Some(sample) = sample.filter(|sample| says_something(before, *sample, changed)) {
            if let Some(watched) = book::open(&self.ctx.book).watched.get_mut(&self.id) {
                watched.remembered.kept = Some(sample);
            }
            if results.add(&self.id, sample, &answer) {
                results.flush(&self.ctx.store, &self.cause).await;
            }
        }
    }

    fn known(&self) -> Option<(Watched, Known)> {
        let book = book::open(&self.ctx.book);
        let watched = book.watched.get(&self.id)?.clone();
        let counts = match &watched.check.spec.probe {
            Probe::Slo(slo) => {
                book.watched.get(&slo.of).and_then(|of| of.remembered.counts.clone())
            }
            _ => None,
        };
        let (service_url, changed_at) = (watched.service_url.clone(), watched.check.changed_at);
        Some((watched, Known { service_url, changed_at, counts, at: self.at }))
    }

    /// Takes the result, if the answer is one.
    fn observe(&self, answer: &Answer) -> Option<Sample> {
        let sample = Sample { verdict: answer.verdict?, at: self.at };
        let mut book = book::open(&self.ctx.book);
        let watched = book.watched.get_mut(&self.id)?;
        let rules = watched.rules();
        let remembered = &mut watched.remembered;
        (remembered.memory, _) = remembered.memory.observe(&rules, sample);
        if let Some(counts) = &mut remembered.counts {
            counts.count(sample.verdict, sample.at);
        }
        Some(sample)
    }

    /// Writes what the check shows, if that changed; tells whether it did.
    async fn show(&self, answer: Option<&Answer>) -> bool {
        let found = {
            let book = book::open(&self.ctx.book);
            let check = book.watched.get(&self.id).map(|watched| watched.check.clone());
            check.zip(book.view(&self.id, self.at))
        };
        let Some((check, view)) = found.filter(|(check, view)| differs(check, view)) else {
            return false;
        };
        let detail = answer.map_or(check.detail.as_str(), |answer| answer.detail.as_str());
        let store = &self.ctx.store;
        match judge(store, &self.cause, &self.id, &check, &view, detail, self.at).await {
            Ok(Some(written)) => {
                if let Some(watched) = book::open(&self.ctx.book).watched.get_mut(&self.id) {
                    // What is switched off because its service is gone stays so.
                    let enabled = watched.check.spec.enabled && written.spec.enabled;
                    watched.check = written;
                    watched.check.spec.enabled = enabled;
                }
            }
            Ok(None) => {
                book::open(&self.ctx.book).watched.remove(&self.id);
            }
            // The next result finds the document as it is, and tries again.
            Err(error) => warn!(check = %self.id, "cannot write what `{}` shows: {error}", self.id),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_may_be_late() {
        let of = |late: Vec<u64>| Ran::of(late).late_p99_ms;
        assert_eq!(of(vec![]), 0);
        assert_eq!(of(vec![7]), 7);
        assert_eq!(of((0..=100).rev().collect()), 99);
        assert_eq!(Ran::of(vec![0; 5]), Ran { runs: 5, late_p99_ms: 0 });
    }
}
