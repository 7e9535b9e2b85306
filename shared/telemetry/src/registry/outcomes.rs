//! What becomes of a delivery or a request: the member `outcome` of the one line that each leaves.

use serde::Serialize;

/// How an outcome counts against what is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The function did what it is for.
    Good,
    /// It did not, and that spends the error budget.
    Bad,
    /// Whoever asked was wrong, which says nothing about the function.
    Neither,
}

/// One value of `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The value.
    pub name: &'static str,
    /// How it counts.
    pub verdict: Verdict,
    /// What it means.
    pub says: &'static str,
}

/// Every value that `outcome` has.
pub const OUTCOMES: &[Outcome] = &[
    Outcome { name: "done", verdict: Verdict::Good, says: "A delivery was handled." },
    Outcome {
        name: "done_before",
        verdict: Verdict::Good,
        says: "A delivery came again, and nothing was left to do.",
    },
    Outcome {
        name: "answered",
        verdict: Verdict::Good,
        says: "A request was answered, a refusal of what was asked included.",
    },
    Outcome {
        name: "failed",
        verdict: Verdict::Bad,
        says: "A delivery comes again, or a request got 500.",
    },
    Outcome {
        name: "unanswered",
        verdict: Verdict::Bad,
        says: "A request got 501 or more: too slow, or something it needs is away.",
    },
    Outcome { name: "panicked", verdict: Verdict::Bad, says: "A handler or a route panicked." },
    Outcome {
        name: "dead_letter",
        verdict: Verdict::Neither,
        says: "Trying again cannot help; the delivery is kept in `dead_letters`.",
    },
    Outcome {
        name: "refused",
        verdict: Verdict::Neither,
        says: "Who delivered may not, or what was delivered is no event.",
    },
];

/// Returns the names of the outcomes that count so.
pub fn names(verdict: Verdict) -> impl Iterator<Item = &'static str> {
    OUTCOMES.iter().filter(move |outcome| outcome.verdict == verdict).map(|outcome| outcome.name)
}
