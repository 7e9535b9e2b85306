//! What Terraform reads, as the tests read it: from its files, not from the tables that they
//! are made of.

use std::{fs, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

/// One of the module's files.
fn read<T: DeserializeOwned>(name: &str) -> T {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = tests.join("../terraform/modules/monitoring/registry").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[derive(Clone, Debug, Deserialize)]
pub struct Metric {
    pub name: String,
    pub filter: String,
    pub labels: Vec<(String, String)>,
    pub value: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Policy {
    pub id: String,
    pub target: String,
    pub conditions: Vec<Clause>,
    pub documentation: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Clause {
    pub filter: String,
    pub comparison: String,
    pub threshold: f64,
    pub duration_seconds: u32,
    pub aggregation: Option<Aggregation>,
    pub absence_counts: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Aggregation {
    pub window_seconds: u32,
    pub aligner: String,
    pub reducer: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Outcome {
    pub name: String,
    pub verdict: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Objective {
    pub name: String,
    pub goal: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Heartbeat {
    pub function: String,
    pub trigger: String,
    pub silence_seconds: u32,
}

pub fn metrics() -> Vec<Metric> {
    read("metrics.json")
}

pub fn policies() -> Vec<Policy> {
    read("policies.json")
}

pub fn policy(id: &str) -> Policy {
    let found = policies().into_iter().find(|policy| policy.id == id);
    found.unwrap_or_else(|| panic!("there is no alert `{id}`"))
}

pub fn outcomes() -> Vec<Outcome> {
    read("outcomes.json")
}

/// The part that the objective `availability` leaves for failures.
pub fn budget() -> f64 {
    let objectives: Vec<Objective> = read("objectives.json");
    let found = objectives.iter().find(|objective| objective.name == "availability");
    1.0 - found.expect("the objective that burns").goal
}

pub fn heartbeats() -> Vec<Heartbeat> {
    read("heartbeats.json")
}

pub fn dashboard() -> serde_json::Value {
    read("dashboard.json")
}
