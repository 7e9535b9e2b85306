//! One simulated incident for each alert: it fires, and it does not while all is well.

use std::collections::BTreeMap;

use telemetry::registry::{FACTS, OUTCOMES};

use crate::{
    conditions::{Places, fires},
    files, golden,
    series::Series,
};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const FUNCTION: &str = "destine-root";
const TRIGGER: &str = "check-due";
const SUBSCRIPTION: &str = "audit-engine.audit-requested";
const AGE: &str = "pubsub.googleapis.com/subscription/oldest_unacked_message_age";
const GIVEN_UP: &str = "pubsub.googleapis.com/subscription/dead_letter_message_count";

/// What happens, and until when it is looked at.
struct Story {
    series: Series,
    now: u32,
}

impl Story {
    /// Hours in which all is well: schedules are done, requests answered, messages taken.
    fn calm(hours: u32) -> Self {
        let mut story = Self { series: Series::new(), now: 0 };
        story.well(hours * 60, 50);
        story
    }

    fn well(&mut self, minutes: u32, a_minute: u32) {
        for _ in 0..minutes {
            self.minute();
            self.outcome("done", TRIGGER, 1);
            self.outcome("answered", "api", a_minute);
            self.outcome("done_before", "finding-written", 1);
            self.line(&golden::checks_ran(3), 1);
            self.series.measure(self.now, AGE, SUBSCRIPTION, 2.0);
            self.series.measure(self.now, GIVEN_UP, SUBSCRIPTION, 0.0);
        }
        for harmless in ["started", "log-whole", "owner-appointed"] {
            self.fact(harmless, 1);
        }
    }

    fn minute(&mut self) {
        self.now += MINUTE;
    }

    fn line(&mut self, line: &str, times: u32) {
        self.series.write(self.now, FUNCTION, line, times);
    }

    fn outcome(&mut self, name: &str, trigger: &str, times: u32) {
        let outcome = OUTCOMES.iter().find(|outcome| outcome.name == name).expect("an outcome");
        self.line(&golden::outcome(outcome, trigger), times);
    }

    fn fact(&mut self, name: &str, times: u32) {
        let fact = FACTS.iter().find(|fact| fact.name == name).expect("a fact");
        self.line(&golden::fact(fact), times);
    }

    /// Some minutes in each of which some of a hundred requests fail.
    fn failing(mut self, minutes: u32, failures: u32) -> Self {
        for _ in 0..minutes {
            self.minute();
            self.outcome("answered", "api", 100 - failures);
            self.outcome("unanswered", "api", failures);
        }
        self
    }

    fn happens(mut self, fact: &str, times: u32) -> Self {
        self.minute();
        self.fact(fact, times);
        self
    }

    fn ends(mut self, outcome: &str, times: u32) -> Self {
        self.minute();
        self.outcome(outcome, "finding-written", times);
        self
    }

    fn silence(mut self, minutes: u32) -> Self {
        for _ in 0..minutes {
            self.minute();
            self.outcome("answered", "api", 50);
            // It is tried, and fails: that is silence all the same.
            self.outcome("failed", TRIGGER, 1);
        }
        self
    }

    fn measured(mut self, metric: &str, value: f64) -> Self {
        self.minute();
        self.series.measure(self.now, metric, SUBSCRIPTION, value);
        self
    }

    fn writes(mut self, line: &str, times: u32) -> Self {
        self.minute();
        self.line(line, times);
        self
    }

    fn late(mut self, minutes: u32) -> Self {
        for _ in 0..minutes {
            self.minute();
            self.line(&golden::checks_ran(9_000), 1);
        }
        self
    }
}

/// The incident that each alert is for.
fn incidents() -> BTreeMap<&'static str, Story> {
    let calm = || Story::calm(2);
    let happens = |fact: &'static str, times| calm().happens(fact, times);
    BTreeMap::from([
        ("budget-fast", calm().failing(1, 100)),
        ("budget-medium", calm().failing(6 * 60, 1)),
        // One in three hundred, for long.
        ("budget-slow", (0..24 * 12).fold(calm(), |story, _| story.failing(1, 1).failing(2, 0))),
        ("schedule-silent", calm().silence(12)),
        ("backlog", calm().measured(AGE, 700.0)),
        ("transport-gave-up", calm().measured(GIVEN_UP, 1.0)),
        ("dead-letters", calm().ends("dead_letter", 1)),
        ("deliveries-lost-to-attempts", happens("delivery-given-up", 21)),
        ("errors", calm().ends("failed", 6)),
        ("panics", calm().ends("panicked", 1)),
        ("denials", calm().writes(&golden::forbidden(), 60).writes(&golden::unauthenticated(), 60)),
        ("keys-away", happens("keys-unavailable", 6)),
        ("log-broken", happens("log-broken", 1)),
        ("log-archive-late", happens("log-archive-late", 1)),
        ("history-split", happens("history-split", 1)),
        ("checkpoint-refused", happens("checkpoint-refused", 1)),
        ("witness-away", happens("checkpoint-unwitnessed", 11)),
        ("glass-broken", happens("glass-broken", 1)),
        ("control-unproven", happens("control-unproven", 1)),
        ("controls-incomplete", happens("controls-incomplete", 1)),
        ("estate-suspicious", happens("estate-suspicious", 1)),
        ("results-lost", happens("results-lost", 1)),
        ("checks-late", calm().late(16)),
        ("incident-escalated", happens("incident-escalated", 1)),
        ("sweep-incomplete", happens("sweep-incomplete", 4)),
        ("start-refused", happens("start-refused", 1)),
        ("left-in-flight", happens("stopped-early", 4)),
    ])
}

fn places(target: &str) -> Places {
    let heartbeat = files::heartbeats()
        .into_iter()
        .find(|heartbeat| heartbeat.function == FUNCTION && heartbeat.trigger == TRIGGER);
    let silence = heartbeat.expect("a schedule of every minute").silence_seconds;
    Places {
        module: FUNCTION.to_owned(),
        trigger: TRIGGER.to_owned(),
        subscription: SUBSCRIPTION.to_owned(),
        window_seconds: (target == "heartbeat").then_some(silence),
    }
}

#[test]
fn every_alert_fires_in_its_incident_and_in_no_calm() {
    let (mut incidents, calm) = (incidents(), Story::calm(2));
    for policy in files::policies() {
        let story = incidents.remove(policy.id.as_str());
        let story = story.unwrap_or_else(|| panic!("`{}` has no incident", policy.id));
        let places = places(&policy.target);
        assert!(!fires(&policy, &places, &calm.series, calm.now), "`{}` in the calm", policy.id);
        assert!(fires(&policy, &places, &story.series, story.now), "`{}` is silent", policy.id);
    }
    assert!(incidents.is_empty(), "no alert is for {:?}", incidents.keys());
}

#[test]
fn an_incident_of_one_kind_does_not_fire_the_others_of_its_kind() {
    let facts = ["log-broken", "glass-broken", "incident-escalated", "estate-suspicious"];
    for happened in facts {
        let story = Story::calm(1).happens(happened, 1);
        for watched in facts {
            let fired = fires(&files::policy(watched), &places("mesh"), &story.series, story.now);
            assert_eq!(fired, watched == happened, "`{watched}` when `{happened}` happened");
        }
    }
}

#[test]
fn another_functions_failures_do_not_burn_this_ones_budget() {
    let story = Story::calm(2).failing(5, 100);
    let others = Places { module: "audit-engine".to_owned(), ..places("function") };
    assert!(!fires(&files::policy("budget-fast"), &others, &story.series, story.now));
}

#[test]
fn an_alert_is_over_once_its_window_is() {
    let mut story = Story::calm(1).happens("log-broken", 1);
    let policy = files::policy("log-broken");
    let is_on = |story: &Story| fires(&policy, &places("mesh"), &story.series, story.now);
    assert!(is_on(&story));
    story.now += 4 * MINUTE;
    assert!(is_on(&story));
    story.now += HOUR;
    assert!(!is_on(&story));
}
