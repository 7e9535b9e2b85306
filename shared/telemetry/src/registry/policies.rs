//! Alerts as Cloud Monitoring has them: conditions spelt out, with places for what an alert is for.
//!
//! The places are `{{module}}`, `{{slo}}`, `{{subscription}}` and `{{trigger}}`.

use serde::Serialize;

use super::{
    ALERTS, Alert, Condition, Target, Tier, Urgency, Verdict,
    metrics::{FACTS, INVOCATIONS, Metric, RESOURCE},
    outcomes, runbook,
};

/// The longest that Cloud Monitoring holds an incident open after what caused it was last seen.
const AUTO_CLOSE_SECONDS: u32 = 7 * 24 * 60 * 60;
/// How often Cloud Monitoring looks, and the shortest window.
const MINUTE: u32 = 60;

/// One alert policy, or one for each of what it is for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Policy {
    /// The alert.
    pub id: &'static str,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What there is one policy for.
    pub target: Target,
    /// When an incident is closed although nobody says that it is over.
    pub auto_close_seconds: u32,
    /// What has to hold at once.
    pub conditions: Vec<Clause>,
    /// What to do, as Markdown.
    pub documentation: String,
}

/// One condition of a policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clause {
    /// What it says.
    pub name: String,
    /// The time series, in Cloud Monitoring's filter language.
    pub filter: String,
    /// What the value has to be: above or below the threshold.
    pub comparison: Comparison,
    /// The threshold.
    pub threshold: f64,
    /// How long it has to be so.
    pub duration_seconds: u32,
    /// How points become one value; nothing for a burn rate, which is one.
    pub aggregation: Option<Aggregation>,
    /// Whether the absence of points counts as a value of zero.
    pub absence_counts: bool,
}

/// Above or below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Comparison {
    /// The value is above the threshold.
    #[serde(rename = "COMPARISON_GT")]
    Above,
    /// The value is below the threshold.
    #[serde(rename = "COMPARISON_LT")]
    Below,
}

/// How the points of several time series become one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aggregation {
    /// The window. For a heartbeat it is the silence, which Terraform fills in: 0 here.
    pub window_seconds: u32,
    /// What is made of the points of one series.
    pub aligner: &'static str,
    /// What is made of the series.
    pub reducer: &'static str,
}

impl Aggregation {
    const fn sum(window_seconds: u32) -> Self {
        Self { window_seconds, aligner: "ALIGN_DELTA", reducer: "REDUCE_SUM" }
    }

    const fn max(window_seconds: u32) -> Self {
        Self { window_seconds, aligner: "ALIGN_MAX", reducer: "REDUCE_MAX" }
    }
}

/// Returns every policy, in the order of [`ALERTS`].
#[must_use]
pub fn policies() -> Vec<Policy> {
    ALERTS.iter().map(policy).collect()
}

fn policy(alert: &'static Alert) -> Policy {
    Policy {
        id: alert.id,
        title: alert.title,
        urgency: alert.urgency,
        target: alert.condition.target(),
        auto_close_seconds: AUTO_CLOSE_SECONDS,
        conditions: clauses(&alert.condition),
        documentation: runbook::entry(alert),
    }
}

fn clauses(condition: &Condition) -> Vec<Clause> {
    match condition {
        Condition::Burns(tier) => burns(tier),
        Condition::Happened { fact, more_than, window_seconds } => vec![above(
            format!("`{fact}` was written"),
            &series(&FACTS, &[("fact", &[fact])]),
            Aggregation::sum(*window_seconds),
            *more_than,
        )],
        Condition::Counted { metric, outcome, more_than, window_seconds } => {
            let outcome: Vec<_> = outcome.iter().copied().collect();
            let labels: &[(&str, &[&str])] =
                if outcome.is_empty() { &[] } else { &[("outcome", &outcome)] };
            vec![above(
                format!("`{}` rises", metric.name),
                &series(metric, labels),
                Aggregation::sum(*window_seconds),
                *more_than,
            )]
        }
        Condition::Late { metric, more_than_ms, for_seconds } => {
            let aggregation = Aggregation {
                window_seconds: 5 * MINUTE,
                aligner: "ALIGN_PERCENTILE_99",
                reducer: "REDUCE_MAX",
            };
            let clause = above(
                format!("`{}` is high", metric.name),
                &series(metric, &[]),
                aggregation,
                *more_than_ms,
            );
            vec![Clause { duration_seconds: *for_seconds, ..clause }]
        }
        Condition::Silent => vec![Clause {
            name: "`{{trigger}}` of {{module}} is not done".to_owned(),
            filter: format!(
                "{} AND metric.labels.module=\"{{{{module}}}}\" AND \
                 metric.labels.trigger=\"{{{{trigger}}}}\"",
                series(&INVOCATIONS, &[("outcome", &["done", "done_before"])])
            ),
            comparison: Comparison::Below,
            threshold: 1.0,
            // What has no points counts only after it has had none for a while.
            duration_seconds: MINUTE,
            aggregation: Some(Aggregation::sum(0)),
            absence_counts: true,
        }],
        Condition::Waits { more_than_seconds } => vec![above(
            "the oldest message of {{subscription}} is old".to_owned(),
            &subscription("oldest_unacked_message_age"),
            Aggregation::max(MINUTE),
            *more_than_seconds,
        )],
        Condition::GivenUp { window_seconds } => vec![above(
            "{{subscription}} gave messages up".to_owned(),
            &subscription("dead_letter_message_count"),
            Aggregation::sum(*window_seconds),
            0,
        )],
    }
}

/// The three that have to hold at once: it is bad, it is still bad, and it is not one failure alone.
fn burns(tier: &Tier) -> Vec<Clause> {
    let speed = |seconds: u32| Clause {
        name: format!("burns {} times too fast over {seconds} s", tier.burn),
        filter: format!("select_slo_burn_rate(\"{{{{slo}}}}\", \"{seconds}s\")"),
        comparison: Comparison::Above,
        threshold: tier.burn,
        duration_seconds: 0,
        aggregation: None,
        absence_counts: false,
    };
    let bad: Vec<_> = outcomes::names(Verdict::Bad).collect();
    let failures = Clause {
        threshold: f64::from(tier.failures_min - 1),
        ..above(
            format!("{} failures or more in {} s", tier.failures_min, tier.short_seconds),
            &format!(
                "{} AND metric.labels.module=\"{{{{module}}}}\"",
                series(&INVOCATIONS, &[("outcome", &bad)])
            ),
            Aggregation::sum(tier.short_seconds),
            0,
        )
    };
    vec![speed(tier.long_seconds), speed(tier.short_seconds), failures]
}

fn above(name: String, filter: &str, aggregation: Aggregation, more_than: u32) -> Clause {
    Clause {
        name,
        filter: filter.to_owned(),
        comparison: Comparison::Above,
        threshold: f64::from(more_than),
        duration_seconds: 0,
        aggregation: Some(aggregation),
        absence_counts: false,
    }
}

/// Selects a metric's time series whose labels have one of some values.
#[must_use]
pub fn series(metric: &Metric, labels: &[(&str, &[&str])]) -> String {
    let mut filter =
        format!("resource.type=\"{RESOURCE}\" AND metric.type=\"{}\"", metric.of_type());
    for (label, values) in labels {
        let any = match values {
            [one] => format!("=\"{one}\""),
            many => format!("=one_of(\"{}\")", many.join("\", \"")),
        };
        filter.push_str(&format!(" AND metric.labels.{label}{any}"));
    }
    filter
}

fn subscription(metric: &str) -> String {
    format!(
        "resource.type=\"pubsub_subscription\" AND \
         metric.type=\"pubsub.googleapis.com/subscription/{metric}\" AND \
         resource.labels.subscription_id=\"{{{{subscription}}}}\""
    )
}
