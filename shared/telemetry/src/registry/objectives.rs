//! What is promised for each function, and how fast a promise may be broken before somebody is told.

use serde::Serialize;

/// A promise for each function over [`PERIOD_DAYS`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Objective {
    /// The name, the last part of the objective's id.
    pub name: &'static str,
    /// What is promised.
    pub says: &'static str,
    /// Which part is kept.
    pub goal: f64,
    /// How long an invocation may take to count as good. Without it, any outcome that is good is.
    pub within_ms: Option<u32>,
}

/// The period of every objective, rolling. The budget that [`Tier`] counts in is this long's.
pub const PERIOD_DAYS: u32 = 30;

/// Nothing is lost for our mistakes.
pub const AVAILABILITY: Objective = Objective {
    name: "availability",
    says: "Of 1,000 deliveries and requests that are right, 999 are done.",
    goal: 0.999,
    within_ms: None,
};

/// Nobody waits long.
pub const LATENCY: Objective = Objective {
    name: "latency",
    says: "Of 100 deliveries and requests, 99 take at most 10 s.",
    goal: 0.99,
    within_ms: Some(10_000),
};

/// Every objective.
pub const OBJECTIVES: &[Objective] = &[AVAILABILITY, LATENCY];

/// How fast the budget of [`AVAILABILITY`] is spent when somebody is told. The speed is
/// measured over a long window, so that it matters, and over a short one, so that it still is so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tier {
    /// The name.
    pub name: &'static str,
    /// How many times faster than what is promised.
    pub burn: f64,
    /// The long window.
    pub long_seconds: u32,
    /// The short window, a twelfth of it.
    pub short_seconds: u32,
    /// How many failures the short window has at least. Where little happens, one failure is a
    /// large part of all; nobody gets up for one.
    pub failures_min: u32,
}

/// The tiers, after the SRE workbook's table 5-8.
pub const TIERS: &[Tier] = &[
    // 2 % of the budget.
    Tier { name: "fast", burn: 14.4, long_seconds: 3_600, short_seconds: 300, failures_min: 3 },
    // 5 %.
    Tier { name: "medium", burn: 6.0, long_seconds: 21_600, short_seconds: 1_800, failures_min: 5 },
    // 10 %.
    Tier {
        name: "slow",
        burn: 1.0,
        long_seconds: 259_200,
        short_seconds: 21_600,
        failures_min: 10,
    },
];
