//! Lines that are searched for: each has the member `eventName` with a name of this table.

use serde::Serialize;

/// How grave a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Something worth knowing happened.
    Info,
    /// We coped.
    Warning,
    /// Somebody must act.
    Error,
}

/// One name of `eventName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// The name: what happened.
    pub name: &'static str,
    /// The crate that writes it.
    pub writer: &'static str,
    /// How grave it is.
    pub level: Level,
    /// What it means.
    pub says: &'static str,
}

const fn fact(name: &'static str, writer: &'static str, level: Level, says: &'static str) -> Fact {
    Fact { name, writer, level, says }
}

/// Every name that `eventName` has.
pub const FACTS: &[Fact] = &[
    fact("started", "function", Level::Info, "An instance listens."),
    fact("stopped-early", "function", Level::Warning, "An instance left with work in flight."),
    fact(
        "start-refused",
        "function",
        Level::Error,
        "An instance cannot start: its configuration is wrong.",
    ),
    fact(
        "control-unproven",
        "function",
        Level::Warning,
        "A control counts as halted, because no override says what it says.",
    ),
    fact(
        "keys-unavailable",
        "identity",
        Level::Warning,
        "The keys that tokens are verified with cannot be fetched.",
    ),
    fact(
        "controls-incomplete",
        "audit-engine",
        Level::Error,
        "A control of the estate cannot be read and is left out of audits.",
    ),
    fact(
        "estate-suspicious",
        "audit-engine",
        Level::Error,
        "A listing of the estate is so much smaller that nothing is removed.",
    ),
    fact(
        "log-whole",
        "audit-engine",
        Level::Info,
        "The nightly replay found the audit log as it should be.",
    ),
    fact(
        "log-broken",
        "audit-engine",
        Level::Error,
        "The nightly replay, or whoever copies it, found the audit log altered.",
    ),
    fact(
        "log-archive-late",
        "audit-engine",
        Level::Error,
        "Nothing of the audit log has been copied to its bucket for an hour.",
    ),
    fact(
        "checkpoint-unwitnessed",
        "audit-engine",
        Level::Warning,
        "A checkpoint of the audit log has no witness, who is away or behind.",
    ),
    fact(
        "checkpoint-refused",
        "audit-engine",
        Level::Error,
        "The witness does not cosign a checkpoint of the audit log.",
    ),
    fact(
        "history-split",
        "audit-witness",
        Level::Error,
        "The witness was shown a checkpoint that does not follow on the last.",
    ),
    fact("checks-ran", "destine-root", Level::Info, "The checks of a tick ran."),
    fact("results-lost", "destine-root", Level::Warning, "Results of checks could not be written."),
    fact(
        "incident-escalated",
        "destine-root",
        Level::Warning,
        "An incident is escalated: nobody acknowledged it in time.",
    ),
    fact(
        "delivery-given-up",
        "destine-root",
        Level::Warning,
        "A transport gave a delivery up after its attempts.",
    ),
    fact(
        "glass-broken",
        "iam-control",
        Level::Warning,
        "Somebody broke glass and is owner for an hour.",
    ),
    fact("owner-appointed", "iam-control", Level::Info, "The first owner was appointed."),
    fact(
        "sweep-incomplete",
        "iam-control",
        Level::Error,
        "The sweep of elevations and accounts left something out.",
    ),
];

/// Finds a fact by its name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.name == name)
}
