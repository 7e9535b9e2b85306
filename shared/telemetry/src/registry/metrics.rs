//! Metrics that Cloud Logging counts from lines.

use serde::Serialize;

/// What Cloud Monitoring calls a metric that is made of lines.
pub const PREFIX: &str = "logging.googleapis.com/user/";
/// What runs the functions, as a monitored resource.
pub const RESOURCE: &str = "cloud_run_revision";

/// A metric that is counted from lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// The name, after [`PREFIX`].
    pub name: &'static str,
    /// What it tells.
    pub says: &'static str,
    /// Which lines count, in the Logging query language. Terraform adds the resource.
    pub filter: &'static str,
    /// How the metric's labels are taken from a line.
    pub labels: &'static [(&'static str, &'static str)],
    /// What is measured: lines are counted without it, and with it its distribution is kept.
    pub value: Option<&'static str>,
    /// The unit, as UCUM writes it.
    pub unit: &'static str,
}

// Also what is written outside every scope, such as a start, has it.
const MODULE: (&str, &str) = ("module", "EXTRACT(resource.labels.service_name)");
const TRIGGER: (&str, &str) = ("trigger", "EXTRACT(jsonPayload.trigger)");

/// What became of deliveries and requests.
pub const INVOCATIONS: Metric = Metric {
    name: "mesh/invocations",
    says: "Deliveries and requests, by what became of them.",
    filter: "jsonPayload.outcome:*",
    labels: &[MODULE, TRIGGER, ("outcome", "EXTRACT(jsonPayload.outcome)")],
    value: None,
    unit: "1",
};

/// How long they took.
pub const LATENCY: Metric = Metric {
    name: "mesh/latency",
    says: "How long deliveries and requests took.",
    filter: "jsonPayload.outcome:* AND jsonPayload.durationMs>=0",
    labels: &[MODULE, TRIGGER],
    value: Some("EXTRACT(jsonPayload.durationMs)"),
    unit: "ms",
};

/// Who was turned away.
pub const DENIALS: Metric = Metric {
    name: "mesh/denials",
    says: "Callers who are nobody, or may not.",
    filter: "jsonPayload.status=(401 OR 403) OR \
             jsonPayload.code=(\"UNAUTHENTICATED\" OR \"PERMISSION_DENIED\")",
    labels: &[MODULE],
    value: None,
    unit: "1",
};

/// What somebody must act on.
pub const ERRORS: Metric = Metric {
    name: "mesh/errors",
    says: "Lines of severity ERROR: mistakes of ours, panics included.",
    filter: "severity>=ERROR",
    labels: &[MODULE],
    value: None,
    unit: "1",
};

/// Lines with a name.
pub const FACTS: Metric = Metric {
    name: "mesh/facts",
    says: "Lines that have a name, by name.",
    filter: "jsonPayload.eventName:*",
    labels: &[MODULE, ("fact", "EXTRACT(jsonPayload.eventName)")],
    value: None,
    unit: "1",
};

/// How late checks of services ran.
pub const CHECKS_LATE: Metric = Metric {
    name: "mesh/checks_late",
    says: "How late 99 of 100 checks of a tick ran at most.",
    filter: "jsonPayload.eventName=\"checks-ran\" AND jsonPayload.lateP99Ms>=0",
    labels: &[MODULE],
    value: Some("EXTRACT(jsonPayload.lateP99Ms)"),
    unit: "ms",
};

/// Every metric.
pub const METRICS: &[Metric] = &[INVOCATIONS, LATENCY, DENIALS, ERRORS, FACTS, CHECKS_LATE];

impl Metric {
    /// The metric's type in Cloud Monitoring.
    #[must_use]
    pub fn of_type(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }
}
