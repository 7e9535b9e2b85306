//! Time series, as Cloud Logging counts them from lines.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::{
    entry::{at, fold},
    files::{self, Metric},
    query::Query,
};

/// One point of a time series.
#[derive(Clone, Debug)]
pub struct Point {
    pub second: u32,
    /// The metric's type, its labels and the resource's, as filters name them.
    pub labels: BTreeMap<String, String>,
    /// The value, and how many times it is there.
    pub value: f64,
    pub times: u32,
}

/// Everything that Cloud Monitoring knows.
pub struct Series {
    metrics: Vec<(Metric, Query)>,
    /// What lines that came before are counted as.
    known: HashMap<String, Vec<Point>>,
    pub points: Vec<Point>,
}

impl Series {
    pub fn new() -> Self {
        let parsed = |metric: Metric| {
            let query = Query::parse(&metric.filter);
            (metric, query)
        };
        Self {
            metrics: files::metrics().into_iter().map(parsed).collect(),
            known: HashMap::new(),
            points: Vec::new(),
        }
    }

    /// Counts a line that a service wrote some times in this second.
    pub fn write(&mut self, second: u32, service: &str, line: &str, times: u32) {
        let metrics = &self.metrics;
        let known = self.known.entry(format!("{service} {line}")).or_insert_with(|| {
            let entry = fold(line, service);
            let counting = metrics.iter().filter(|(_, query)| query.matches(&entry));
            counting.map(|(metric, _)| point(metric, &entry, 0, 1)).collect()
        });
        self.points.extend(known.iter().map(|point| Point { second, times, ..point.clone() }));
    }

    /// Adds a point of a metric that Google measures.
    pub fn measure(&mut self, second: u32, metric: &str, subscription: &str, value: f64) {
        let labels = [
            ("metric.type", metric),
            ("resource.type", "pubsub_subscription"),
            ("resource.labels.subscription_id", subscription),
        ];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        self.points.push(Point { second, labels, value, times: 1 });
    }
}

/// What a metric makes of an entry that it counts.
pub fn point(metric: &Metric, entry: &Value, second: u32, times: u32) -> Point {
    let of_type = format!("logging.googleapis.com/user/{}", metric.name);
    let mut labels = BTreeMap::from([
        ("metric.type".to_owned(), of_type),
        ("resource.type".to_owned(), "cloud_run_revision".to_owned()),
    ]);
    for (label, extractor) in &metric.labels {
        let text = extracted(extractor, entry).map_or_else(String::new, |value| {
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        });
        labels.insert(format!("metric.labels.{label}"), text);
    }
    let value = metric.value.as_deref().map_or(1.0, |extractor| {
        let value = extracted(extractor, entry).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("{}: no number in {entry}", metric.name))
    });
    Point { second, labels, value, times }
}

fn extracted<'e>(extractor: &str, entry: &'e Value) -> Option<&'e Value> {
    let path = extractor.strip_prefix("EXTRACT(").and_then(|rest| rest.strip_suffix(')'));
    at(entry, path.unwrap_or_else(|| panic!("`{extractor}` extracts nothing")))
}
