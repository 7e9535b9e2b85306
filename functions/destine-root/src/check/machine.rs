//! The state machine of a check: results in, states and signals out.
//!
//! | from | to | when |
//! |---|---|---|
//! | any | `Down` | `fire_after` bad results in a row |
//! | `Unknown` | `Up`, `Degraded` | the first result that is not bad, unless it fired |
//! | `Down` | `Up`, `Degraded` | `clear_after` results in a row that are not bad, and at most two changes among the last 20 |
//! | `Up` | `Degraded` | `fire_after` slow results in a row |
//! | `Degraded` | `Up` | `clear_after` good results in a row |
//! | any | `Flapping` | six changes between bad and not bad among the last 20 results |
//! | `Flapping` | `Up`, `Degraded`, `Down` | the last 20 results were all bad, or all not; after it flapped for long, up to the last 40 |
//! | any | `Unknown` | no result for three intervals |
//!
//! It *fires* when it becomes `Down` or `Flapping` and had not fired, and *recovers* when
//! it had fired and becomes `Up` or `Degraded`. `Unknown` does neither: an incident stays
//! open while nobody knows.

use jiff::SignedDuration;
use model::{Timestamp, check::Verdict};
use serde::{Deserialize, Serialize};

use super::recent::Recent;

/// From so many changes among the last 20 results on, a check flaps. Six is what three
/// failures and recoveries make.
const FLAPPING: u32 = 6;
/// With more changes than one failure and its recovery make, a success means little yet.
const SETTLED: u32 = 2;
/// How many results in a row are calm after a check flapped for a moment,
const CALM_MIN: u32 = 20;
/// and how many more after it flapped for hundreds: noise is calm for 20 results by chance
/// once in some thousand, and for 40 never.
const CALM_MORE_MAX: u32 = 20;
/// One calm result more is needed for so many that it flapped.
const FLAPPED_PER_CALM: u32 = 20;
/// Without results for so many intervals nobody knows how it is.
const MISSED_INTERVALS: i32 = 3;

/// What results add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// Nobody knows.
    #[default]
    Unknown,
    /// Well.
    Up,
    /// Well enough.
    Degraded,
    /// Not well.
    Down,
    /// Well and not well in turns.
    Flapping,
}

/// When results matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Bad results in a row that take it down.
    pub fire_after: u32,
    /// Other results in a row that bring it up.
    pub clear_after: u32,
    /// From one result to the next.
    pub interval: SignedDuration,
}

/// One result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// What it came to.
    pub verdict: Verdict,
    /// The instant that the run was planned for.
    pub at: Timestamp,
}

/// What everybody should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Something is wrong.
    Fired,
    /// It is well again.
    Recovered,
}

/// What is remembered of a check's results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// What the results add up to.
    pub condition: Condition,
    /// Whether it fired and has not recovered.
    pub firing: bool,
    /// The newest result.
    pub last: Option<Sample>,
    recent: Recent,
    /// How many results in a row were bad,
    bad: u32,
    /// not bad,
    fair: u32,
    /// slow,
    slow: u32,
    /// good.
    good: u32,
    /// For how many results it has flapped.
    flapped: u32,
}

impl Memory {
    /// Returns what is remembered when only the condition is known.
    #[must_use]
    pub fn of(condition: Condition, firing: bool) -> Self {
        Self { condition, firing, ..Self::default() }
    }

    /// Tells whether the newest result was bad.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.bad > 0
    }

    /// Takes a result. One that is not newer than the newest changes nothing.
    #[must_use]
    pub fn observe(self, rules: &Rules, sample: Sample) -> (Self, Option<Signal>) {
        if self.last.is_some_and(|last| last.at >= sample.at) {
            return (self, None);
        }
        let before = self.without_news(rules, sample.at);
        let next = before.counted(sample);
        let condition = next.judged(rules);
        let firing = match condition {
            Condition::Down | Condition::Flapping => true,
            Condition::Up | Condition::Degraded => false,
            Condition::Unknown => next.firing,
        };
        let signal = match (before.firing, firing) {
            (false, true) => Some(Signal::Fired),
            (true, false) => Some(Signal::Recovered),
            _ => None,
        };
        (Self { condition, firing, ..next }, signal)
    }

    /// Forgets how it is, when there was no result for too long. What fired stays fired.
    #[must_use]
    pub fn without_news(self, rules: &Rules, now: Timestamp) -> Self {
        let silent = self.last.is_some_and(|last| {
            now.duration_since(*last.at) > rules.interval.saturating_mul(MISSED_INTERVALS)
        });
        if !silent {
            return self;
        }
        // Results before and after a silence are not in a row.
        Self { last: self.last, ..Self::of(Condition::Unknown, self.firing) }
    }

    fn counted(self, sample: Sample) -> Self {
        let row = |count: u32, goes_on: bool| if goes_on { count.saturating_add(1) } else { 0 };
        let Sample { verdict, .. } = sample;
        Self {
            last: Some(sample),
            recent: self.recent.with(verdict == Verdict::Bad),
            bad: row(self.bad, verdict == Verdict::Bad),
            fair: row(self.fair, verdict != Verdict::Bad),
            slow: row(self.slow, verdict == Verdict::Slow),
            good: row(self.good, verdict == Verdict::Good),
            flapped: row(self.flapped, self.condition == Condition::Flapping),
            ..self
        }
    }

    /// Returns how many results in a row mean that it flaps no longer.
    fn calm(&self) -> u32 {
        CALM_MIN + (self.flapped / FLAPPED_PER_CALM).min(CALM_MORE_MAX)
    }

    fn judged(&self, rules: &Rules) -> Condition {
        let changes = self.recent.transitions();
        let fair = if self.slow > 0 { Condition::Degraded } else { Condition::Up };
        match self.condition {
            Condition::Flapping if self.bad.max(self.fair) < self.calm() => Condition::Flapping,
            Condition::Flapping if self.bad > 0 => Condition::Down,
            Condition::Flapping => fair,
            _ if changes >= FLAPPING => Condition::Flapping,
            _ if self.bad >= rules.fire_after => Condition::Down,
            Condition::Unknown if self.fair > 0 && !self.firing => fair,
            Condition::Unknown | Condition::Down
                if self.fair >= rules.clear_after && changes <= SETTLED =>
            {
                fair
            }
            Condition::Up if self.slow >= rules.fire_after => Condition::Degraded,
            Condition::Degraded if self.good >= rules.clear_after => Condition::Up,
            same => same,
        }
    }
}

#[cfg(test)]
mod tests;
