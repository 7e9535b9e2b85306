//! The dashboard of Cloud Monitoring, made of the same metrics as the alerts.
//!
//! It names no function: rows are grouped by the label that says which one.

use serde_json::{Value, json};

use super::{
    METRICS, Metric, Verdict,
    metrics::{CHECKS_LATE, DENIALS, ERRORS, FACTS, INVOCATIONS, LATENCY},
    outcomes,
    policies::series,
};

/// How wide the page is, in columns.
const COLUMNS: u32 = 48;
/// How high a chart is, in rows.
const HEIGHT: u32 = 16;
/// The window of each point.
const WINDOW: &str = "60s";

/// One chart: what it shows, and how it is put together.
struct Chart {
    title: &'static str,
    unit: &'static str,
    filter: String,
    aligner: &'static str,
    reducer: &'static str,
    by: &'static [&'static str],
}

/// Returns the dashboard as Cloud Monitoring reads it.
#[must_use]
pub fn dashboard() -> Value {
    let width = COLUMNS / 2;
    let tiles: Vec<_> = (0..)
        .zip(charts())
        .map(|(place, chart)| {
            json!({
                "xPos": place % 2 * width,
                "yPos": place / 2 * HEIGHT,
                "width": width,
                "height": HEIGHT,
                "widget": widget(&chart),
            })
        })
        .collect();
    json!({ "displayName": "Mesh", "mosaicLayout": { "columns": COLUMNS, "tiles": tiles } })
}

/// Returns the types of the metrics that the dashboard shows.
#[must_use]
pub fn shown() -> Vec<&'static Metric> {
    let all: Vec<_> = charts().into_iter().map(|chart| chart.filter).collect();
    let is_shown = |metric: &&Metric| {
        let named = format!("metric.type=\"{}\"", metric.of_type());
        all.iter().any(|filter| filter.contains(&named))
    };
    METRICS.iter().filter(is_shown).collect()
}

fn charts() -> Vec<Chart> {
    const MODULE: &[&str] = &["metric.label.module"];
    let rate = |title, filter, by| Chart {
        title,
        unit: "per minute",
        filter,
        aligner: "ALIGN_DELTA",
        reducer: "REDUCE_SUM",
        by,
    };
    let quantile = |title, filter, aligner| Chart {
        title,
        unit: "ms",
        filter,
        aligner,
        reducer: "REDUCE_MAX",
        by: MODULE,
    };
    let bad: Vec<_> = outcomes::names(Verdict::Bad).collect();
    let pubsub = |title, metric: &str, aligner, unit| Chart {
        title,
        unit,
        filter: format!(
            "resource.type=\"pubsub_subscription\" AND \
             metric.type=\"pubsub.googleapis.com/subscription/{metric}\""
        ),
        aligner,
        reducer: "REDUCE_MAX",
        by: &["resource.label.subscription_id"],
    };
    vec![
        rate("Deliveries and requests", series(&INVOCATIONS, &[]), MODULE),
        rate("Outcomes", series(&INVOCATIONS, &[]), &["metric.label.outcome"]),
        rate(
            "Failures, by trigger",
            series(&INVOCATIONS, &[("outcome", &bad)]),
            &["metric.label.module", "metric.label.trigger"],
        ),
        quantile("Half took at most", series(&LATENCY, &[]), "ALIGN_PERCENTILE_50"),
        quantile("99 of 100 took at most", series(&LATENCY, &[]), "ALIGN_PERCENTILE_99"),
        rate("Errors", series(&ERRORS, &[]), MODULE),
        rate("Turned away", series(&DENIALS, &[]), MODULE),
        rate("Named lines", series(&FACTS, &[]), &["metric.label.fact"]),
        quantile("Checks run late by", series(&CHECKS_LATE, &[]), "ALIGN_PERCENTILE_99"),
        pubsub("Oldest message", "oldest_unacked_message_age", "ALIGN_MAX", "s"),
        pubsub("Messages that wait", "num_undelivered_messages", "ALIGN_MAX", "messages"),
        pubsub("Given up", "dead_letter_message_count", "ALIGN_DELTA", "per minute"),
    ]
}

fn widget(chart: &Chart) -> Value {
    json!({
        "title": chart.title,
        "xyChart": {
            "dataSets": [{
                "plotType": "LINE",
                "targetAxis": "Y1",
                "timeSeriesQuery": {
                    "timeSeriesFilter": {
                        "filter": chart.filter,
                        "aggregation": {
                            "alignmentPeriod": WINDOW,
                            "perSeriesAligner": chart.aligner,
                            "crossSeriesReducer": chart.reducer,
                            "groupByFields": chart.by,
                        },
                    },
                },
            }],
            "yAxis": { "label": chart.unit, "scale": "LINEAR" },
        },
    })
}
