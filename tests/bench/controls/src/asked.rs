//! How long it takes to ask what a control allows.

use std::{
    collections::BTreeMap,
    hint::black_box,
    sync::RwLock,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use model::{
    ControlName, OverrideId, Timestamp,
    control::{Control, RESTRICTIONS_MAX, Restriction, Target},
    operator_override::{Effect, Policy, Scope},
};
use stats_alloc::Region;

use crate::{ALLOCATOR, percentile};

const ASKED: usize = 1_000_000;

/// Asks a table of all controls, of which one is restricted as often as it may be: behind a
/// lock, as a function does.
pub fn measure() {
    let now = Timestamp::from(jiff::Timestamp::now());
    let restriction = |number: usize| Restriction {
        cause: OverrideId::new(format!("o{number}")),
        hash: "0".repeat(64),
        effect: Effect::Throttle { per_second: 100 },
        scope: Scope::Tenant { id: format!("tenant-{number}") },
        since: now,
        until: now.plus(SignedDuration::from_hours(1)),
    };
    let busy = Control::default().next((0..RESTRICTIONS_MAX).map(restriction).collect(), "x", now);
    let names: Vec<_> = Policy::of_mesh().controls.keys().cloned().collect();
    let table: BTreeMap<_, _> = names.iter().map(|name| (name.clone(), busy.clone())).collect();
    let table = RwLock::new(table);
    let target =
        Target { module: "shop", function: "shop", tenant: Some("tenant-19"), asset: None };
    let mut times: Vec<Duration> = Vec::with_capacity(ASKED);
    let region = Region::new(ALLOCATOR);
    for number in 0..ASKED {
        let started = Instant::now();
        black_box(ask(&table, &names[number % names.len()], target));
        times.push(started.elapsed());
    }
    let allocated = region.change().allocations;
    let [p50, p99] = [0.5, 0.99].map(|share| percentile(&mut times, share));
    println!(
        "ask a control with {RESTRICTIONS_MAX} restrictions: p50 {p50:?}, p99 {p99:?}, {allocated} allocations in {ASKED}"
    );
}

fn ask(
    table: &RwLock<BTreeMap<ControlName, Control>>,
    name: &ControlName,
    target: Target<'_>,
) -> Option<u32> {
    let table = table.read().ok()?;
    table.get(name)?.decide(target, jiff::Timestamp::now().into()).per_second
}
