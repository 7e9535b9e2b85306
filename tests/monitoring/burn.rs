//! How soon the three tiers tell, and what they never tell, by simulation: the thresholds are
//! those that Terraform gives Cloud Monitoring.

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    conditions::burn_window,
    files::{self, Policy},
};

/// How often Cloud Monitoring evaluates.
const STEP_SECONDS: u32 = 60;
const MINUTES_A_DAY: usize = 24 * 60;

/// One tier, as its policy has it.
#[derive(Clone, Debug)]
struct Tier {
    id: String,
    threshold: f64,
    long: usize,
    short: usize,
    failures_more_than: f64,
}

impl Tier {
    fn of(policy: &Policy) -> Self {
        let [long, short, guard] = &policy.conditions[..] else { panic!("{policy:?}") };
        let minutes =
            |filter: &str| (burn_window(filter).expect("a window") / STEP_SECONDS) as usize;
        let guarded = guard.aggregation.as_ref().expect("a sum");
        assert_eq!(long.threshold, short.threshold, "{}", policy.id);
        assert_eq!(guarded.window_seconds, burn_window(&short.filter).expect("a window"));
        assert_eq!(minutes(&long.filter), 12 * minutes(&short.filter), "{}", policy.id);
        Self {
            id: policy.id.clone(),
            threshold: long.threshold,
            long: minutes(&long.filter),
            short: minutes(&short.filter),
            failures_more_than: guard.threshold,
        }
    }

    fn all() -> Vec<Self> {
        ["budget-fast", "budget-medium", "budget-slow"]
            .map(|id| Self::of(&files::policy(id)))
            .into()
    }

    fn named(id: &str) -> Self {
        Self::of(&files::policy(id))
    }
}

/// What happened in each minute, summed from the beginning.
struct History {
    good: Vec<f64>,
    bad: Vec<f64>,
}

impl History {
    fn of(minutes: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let (mut good, mut bad) = (vec![0.0], vec![0.0]);
        for (more_good, more_bad) in minutes {
            good.push(good[good.len() - 1] + more_good);
            bad.push(bad[bad.len() - 1] + more_bad);
        }
        Self { good, bad }
    }

    fn minutes(&self) -> usize {
        self.good.len() - 1
    }

    /// Good and bad of the last minutes before an instant.
    fn last(&self, now: usize, minutes: usize) -> (f64, f64) {
        let from = now.saturating_sub(minutes);
        (self.good[now] - self.good[from], self.bad[now] - self.bad[from])
    }

    fn fires(&self, tier: &Tier, now: usize, budget: f64) -> bool {
        let speed = |minutes| {
            let (good, bad) = self.last(now, minutes);
            if good + bad > 0.0 { bad / (good + bad) / budget } else { 0.0 }
        };
        let (_, failures) = self.last(now, tier.short);
        speed(tier.long) > tier.threshold
            && speed(tier.short) > tier.threshold
            && failures > tier.failures_more_than
    }

    /// Returns the minutes at which a tier fires.
    fn firing(&self, tier: &Tier) -> Vec<usize> {
        let budget = files::budget();
        (1..=self.minutes()).filter(|now| self.fires(tier, *now, budget)).collect()
    }
}

/// A function that is well for the longest window, then fails at a burn rate for some minutes,
/// then is well again. Returns the history and when the failing begins and ends.
fn outage(burn: f64, minutes: usize, a_minute: f64) -> (History, usize, usize) {
    let (before, after) = (3 * MINUTES_A_DAY, MINUTES_A_DAY);
    let bad = (burn * files::budget()).min(1.0) * a_minute;
    let well = (a_minute, 0.0);
    let all = std::iter::repeat_n(well, before)
        .chain(std::iter::repeat_n((a_minute - bad, bad), minutes))
        .chain(std::iter::repeat_n(well, after));
    (History::of(all), before, before + minutes)
}

/// After how many minutes a tier fires, and how many after the end it still does.
fn told(tier: &str, burn: f64, minutes: usize) -> (Option<usize>, usize) {
    let (history, begin, end) = outage(burn, minutes, 600.0);
    let firing = history.firing(&Tier::named(tier));
    let first = firing.first().map(|first| first - begin);
    let last = firing.last().map_or(0, |last| (last + 1).saturating_sub(end));
    (first, last)
}

#[test]
fn the_tiers_are_those_of_the_workbook() {
    let tiers: Vec<_> =
        Tier::all().into_iter().map(|tier| (tier.threshold, tier.long, tier.short)).collect();
    assert_eq!(tiers, [(14.4, 60, 5), (6.0, 360, 30), (1.0, 4320, 360)]);
    assert!((files::budget() - 0.001).abs() < 1e-9);
}

#[test]
fn a_total_outage_is_paged_within_a_minute() {
    for a_minute in [3.0, 60.0, 6_000.0] {
        let (history, begin, _) = outage(1_000.0, 30, a_minute);
        let first = history.firing(&Tier::named("budget-fast"))[0];
        assert_eq!(first - begin, 1, "with {a_minute} a minute");
    }
}

#[test]
fn detection_takes_the_window_times_threshold_through_burn() {
    // 0.0144 of an hour; within one evaluation period.
    for (tier, burn, expected) in [
        ("budget-fast", 1_000.0, 0.864),
        ("budget-fast", 20.0, 43.2),
        ("budget-medium", 10.0, 216.0),
        ("budget-slow", 2.0, 2_160.0),
    ] {
        let minutes = 3 * MINUTES_A_DAY;
        let first = told(tier, burn, minutes).0.unwrap_or_else(|| panic!("{tier} at {burn}"));
        let late = first as f64 - expected;
        assert!((0.0..=1.0).contains(&late), "{tier} at {burn}: {first} min, expected {expected}");
    }
}

#[test]
fn a_tier_below_whose_threshold_it_burns_is_silent() {
    for (tier, burn) in [("budget-fast", 14.0), ("budget-medium", 5.9), ("budget-slow", 0.99)] {
        assert_eq!(told(tier, burn, 3 * MINUTES_A_DAY).0, None, "{tier} at {burn}");
    }
}

#[test]
fn an_alert_ends_within_its_short_window() {
    for (tier, burn, short) in [
        ("budget-fast", 1_000.0, 5),
        ("budget-fast", 20.0, 5),
        ("budget-medium", 10.0, 30),
        ("budget-slow", 2.0, 360),
    ] {
        let (first, after) = told(tier, burn, 3 * MINUTES_A_DAY);
        assert!(first.is_some() && after <= short, "{tier} at {burn}: {after} min after its end");
    }
}

/// Thirty days of failures by chance, at a part of what the budget allows.
fn noise(seed: u64, a_minute: u32, part: f64) -> History {
    let mut chance = StdRng::seed_from_u64(seed);
    let (all, failing) = (30 * MINUTES_A_DAY, part * files::budget());
    let mut bad = vec![0.0; all];
    // How many succeed until the next failure is distributed geometrically.
    let mut place = 0.0;
    loop {
        let uniform: f64 = chance.random_range(f64::MIN_POSITIVE..1.0);
        place += (uniform.ln() / (-failing).ln_1p()).floor() + 1.0;
        let minute = (place / f64::from(a_minute)) as usize;
        if minute >= all {
            return History::of(bad.into_iter().map(|bad| (f64::from(a_minute) - bad, bad)));
        }
        bad[minute] += 1.0;
    }
}

#[test]
fn a_tenth_of_the_budget_of_noise_is_never_told_in_thirty_days() {
    for (seed, a_minute) in [(1, 1), (2, 1), (3, 5), (4, 60), (5, 300)] {
        let history = noise(seed, a_minute, 0.1);
        for tier in Tier::all() {
            assert_eq!(history.firing(&tier), [0; 0], "{} with {a_minute} a minute", tier.id);
        }
    }
}

#[test]
fn half_of_the_budget_of_noise_wakes_nobody_in_thirty_days() {
    for (seed, a_minute) in [(6, 5), (7, 60), (8, 300)] {
        let history = noise(seed, a_minute, 0.5);
        for tier in ["budget-fast", "budget-medium"] {
            assert_eq!(history.firing(&Tier::named(tier)), [0; 0], "{tier}, {a_minute} a minute");
        }
    }
}

#[test]
fn one_failure_where_little_happens_wakes_nobody_because_of_the_guard() {
    // One invocation a minute, and one failure: 17 times too fast in the hour, 200 in five minutes.
    let minute = |minute| if minute == 100 { (0.0, 1.0) } else { (1.0, 0.0) };
    let history = History::of((0..600).map(minute));
    for tier in Tier::all() {
        assert_eq!(history.firing(&tier), [0; 0], "{}", tier.id);
    }
    let unguarded = Tier { failures_more_than: 0.0, ..Tier::named("budget-fast") };
    assert!(!history.firing(&unguarded).is_empty(), "without the guard it would");
}
