//! Talks to the bridge's own interface.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    failure::{Failure, chain},
    stack::Stack,
};

/// Everything but waiting is answered at once.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The bridge of a stack that runs.
pub struct Admin {
    http: reqwest::Client,
    address: String,
}

/// What a lane of the bridge says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Lane {
    /// The function.
    pub function: String,
    /// The trigger.
    pub trigger: String,
    /// Deliveries that are not done.
    pub pending: u64,
    /// Deliveries that were done.
    pub delivered: u64,
    /// Attempts beyond the first.
    pub retried: u64,
    /// Deliveries that were given up.
    pub dead_lettered: u64,
}

/// What the bridge says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct BridgeStatus {
    /// Each lane.
    pub lanes: Vec<Lane>,
    /// Deliveries that are not done.
    pub queue: u64,
    /// The time by which schedules fire.
    pub clock: String,
    /// How far that is from real time.
    pub clock_offset_ms: i64,
    /// The faults that are injected.
    pub chaos: String,
}

impl Admin {
    /// Names the bridge of a stack.
    pub fn of(stack: &Stack) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().build().map_err(Failure::internal)?;
        Ok(Self { http, address: format!("http://127.0.0.1:{}/admin", stack.bridge_port()) })
    }

    /// Returns what the bridge is doing, as it says it.
    pub async fn status(&self) -> Result<Value, Failure> {
        self.ask(self.http.get(format!("{}/status", self.address)), TIMEOUT).await
    }

    /// Fires a schedule.
    pub async fn tick(&self, schedule: &str, at: Option<jiff::Timestamp>) -> Result<(), Failure> {
        self.post("tick", json!({ "schedule": schedule, "at": at }), TIMEOUT).await.map(|_| ())
    }

    /// Moves the clock of the schedules; `None` puts it back to real time.
    pub async fn set_clock(&self, now: Option<jiff::Timestamp>) -> Result<Value, Failure> {
        self.post("clock", json!({ "now": now }), TIMEOUT).await
    }

    /// Queues an event for a function; the body is Base64.
    pub async fn send(&self, event: Value) -> Result<(), Failure> {
        self.post("send", event, TIMEOUT).await.map(|_| ())
    }

    /// Waits until every delivery is done.
    pub async fn drain(&self, limit: Duration) -> Result<(), Failure> {
        let path = format!("drain?timeout_ms={}", limit.as_millis());
        self.post(&path, json!({}), limit + TIMEOUT).await.map(|_| ())
    }

    async fn post(&self, path: &str, body: Value, timeout: Duration) -> Result<Value, Failure> {
        self.ask(self.http.post(format!("{}/{path}", self.address)).json(&body), timeout).await
    }

    async fn ask(
        &self,
        request: reqwest::RequestBuilder,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        let answer = request.timeout(timeout).send().await.map_err(|error| {
            Failure::unavailable(format!("the bridge does not answer: {}", chain(&error)))
                .next("See `mesh status` and `mesh logs bridge`.")
        })?;
        let status = answer.status();
        let text = answer.text().await.map_err(Failure::internal)?;
        let body = serde_json::from_str::<Value>(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        let detail = body.get("detail").and_then(Value::as_str).unwrap_or(text.trim());
        let reason = if detail.is_empty() { status.as_str() } else { detail };
        Err(match status.as_u16() {
            400..=499 => Failure::data(reason),
            503 | 504 => Failure::unavailable(reason),
            _ => Failure::internal(reason),
        })
    }
}
