//! Conditions of alert policies over time series, as Cloud Monitoring evaluates them.

use std::collections::BTreeMap;

use crate::{
    files::{self, Clause, Policy},
    series::{Point, Series},
};

/// How often Cloud Monitoring looks.
const EVALUATION_SECONDS: u32 = 60;

/// What takes the places in a policy's filters, as the module's `alerts.tf` does.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub module: String,
    pub trigger: String,
    pub subscription: String,
    /// The silence of a heartbeat.
    pub window_seconds: Option<u32>,
}

/// Whether a policy has an incident at an instant: all of its conditions hold.
pub fn fires(policy: &Policy, places: &Places, series: &Series, now: u32) -> bool {
    policy.conditions.iter().all(|clause| {
        let looks = clause.duration_seconds / EVALUATION_SECONDS;
        (0..=looks).all(|ago| {
            let then = now.saturating_sub(ago * EVALUATION_SECONDS);
            holds(clause, places, series, then)
        })
    })
}

fn holds(clause: &Clause, places: &Places, series: &Series, now: u32) -> bool {
    let value = match burn_window(&clause.filter) {
        Some(window) => burn(&places.module, series, now, window),
        None => aggregated(clause, places, series, now),
    };
    let value = value.or(clause.absence_counts.then_some(0.0));
    value.is_some_and(|value| match clause.comparison.as_str() {
        "COMPARISON_GT" => value > clause.threshold,
        "COMPARISON_LT" => value < clause.threshold,
        other => panic!("`{other}` is no comparison that is known here"),
    })
}

/// Returns the window of a condition on a burn rate.
pub fn burn_window(filter: &str) -> Option<u32> {
    let arguments = filter.strip_prefix("select_slo_burn_rate(\"{{slo}}\", \"")?;
    arguments.strip_suffix("s\")")?.parse().ok()
}

/// How many times faster than promised a function fails; nothing where nothing happens.
fn burn(module: &str, series: &Series, now: u32, window: u32) -> Option<f64> {
    let verdicts: BTreeMap<_, _> =
        files::outcomes().into_iter().map(|outcome| (outcome.name, outcome.verdict)).collect();
    let (mut good, mut bad) = (0, 0);
    for point in within(series, now, window) {
        let label = |name: &str| point.labels.get(name).map(String::as_str);
        let is_ours = label("metric.type") == Some("logging.googleapis.com/user/mesh/invocations")
            && label("metric.labels.module") == Some(module);
        let verdict = label("metric.labels.outcome").and_then(|outcome| verdicts.get(outcome));
        match verdict.map(String::as_str).filter(|_| is_ours) {
            Some("good") => good += point.times,
            Some("bad") => bad += point.times,
            _ => {}
        }
    }
    let all = f64::from(good + bad);
    (all > 0.0).then(|| f64::from(bad) / all / files::budget())
}

fn within(series: &Series, now: u32, window: u32) -> impl Iterator<Item = &Point> {
    let from = now.saturating_sub(window);
    series.points.iter().filter(move |point| point.second > from && point.second <= now)
}

/// What a condition's window comes to.
fn aggregated(clause: &Clause, places: &Places, series: &Series, now: u32) -> Option<f64> {
    let aggregation = clause.aggregation.as_ref().expect("only a burn rate has none");
    let window = places.window_seconds.unwrap_or(aggregation.window_seconds);
    assert!((60..=90_000).contains(&window), "{window} s is no window of an alert");
    let wanted = selector(&clause.filter, places);
    let mut of_series = BTreeMap::<_, Vec<&Point>>::new();
    for point in within(series, now, window) {
        let selected = wanted.iter().all(|(label, values)| {
            point.labels.get(label).is_some_and(|value| values.contains(value))
        });
        if selected {
            of_series.entry(&point.labels).or_default().push(point);
        }
    }
    let aligned = of_series.values().map(|points| align(&aggregation.aligner, points));
    match aggregation.reducer.as_str() {
        "REDUCE_SUM" => aligned.reduce(|one, other| one + other),
        "REDUCE_MAX" => aligned.reduce(f64::max),
        other => panic!("`{other}` is no reducer that is known here"),
    }
}

fn align(aligner: &str, points: &[&Point]) -> f64 {
    let mut values: Vec<_> = points.iter().map(|point| point.value).collect();
    values.sort_by(f64::total_cmp);
    match aligner {
        "ALIGN_DELTA" => points.iter().map(|point| point.value * f64::from(point.times)).sum(),
        "ALIGN_MAX" => values[values.len() - 1],
        "ALIGN_PERCENTILE_99" => values[(values.len() - 1) * 99 / 100],
        other => panic!("`{other}` is no aligner that is known here"),
    }
}

/// Reads a filter of time series: labels, and the values that each may have.
fn selector(filter: &str, places: &Places) -> Vec<(String, Vec<String>)> {
    let filter = filter
        .replace("{{module}}", &places.module)
        .replace("{{trigger}}", &places.trigger)
        .replace("{{subscription}}", &places.subscription);
    assert!(!filter.contains("{{"), "`{filter}` has a place that nothing takes");
    let part = |part: &str| {
        let (label, values) = part.split_once('=').unwrap_or_else(|| panic!("`{part}`"));
        let values =
            values.strip_prefix("one_of(").map_or(values, |rest| rest.trim_end_matches(')'));
        let values = values.split(", ").map(|value| value.trim_matches('"').to_owned());
        (label.to_owned(), values.collect())
    };
    filter.split(" AND ").map(part).collect()
}
