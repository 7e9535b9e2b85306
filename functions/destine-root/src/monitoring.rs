//! What Cloud Monitoring has measured lately.
//!
//! Source: <https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list>.

use function::Environment;
use identity::{OwnTokenError, OwnTokens};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Where the service is, unless `MONITORING_EMULATOR_HOST` says otherwise.
const SERVICE: &str = "https://monitoring.googleapis.com";
/// How far back a measurement is still one of now: they come once a minute, and are shown
/// up to two minutes later.
const RECENT: SignedDuration = SignedDuration::from_mins(5);
/// One series of a few points; more than this is not what was asked for.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why nothing is known.
#[derive(Debug, thiserror::Error)]
pub enum MonitoringError {
    /// The service cannot be reached.
    #[error("Cloud Monitoring cannot be reached")]
    Connect(#[from] reqwest::Error),
    /// There is no token to call it with.
    #[error("there is no access token for Cloud Monitoring")]
    Token(#[from] OwnTokenError),
    /// The service refuses.
    #[error("Cloud Monitoring answers {0}")]
    Refused(reqwest::StatusCode),
    /// The answer is none.
    #[error("the answer of Cloud Monitoring cannot be read")]
    Answer,
}

/// Asks Cloud Monitoring about one project. Cheap to clone.
#[derive(Clone)]
pub struct Monitoring {
    url: String,
    tokens: OwnTokens,
    http: reqwest::Client,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    time_series: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    /// Newest first.
    #[serde(default)]
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    value: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Value {
    /// Decimal text, as the published definition has all 64-bit numbers.
    int64_value: String,
}

impl Monitoring {
    /// Prepares to ask; nothing is connected yet.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(project: &str, environment: &Environment) -> Result<Self, String> {
        let emulator = environment.get("MONITORING_EMULATOR_HOST");
        let service = emulator.map_or_else(|| SERVICE.to_owned(), |host| format!("http://{host}"));
        let http = reqwest::Client::builder();
        let http = if emulator.is_some() { http.no_proxy() } else { http };
        Ok(Self {
            url: format!("{service}/v3/projects/{project}/timeSeries"),
            tokens: OwnTokens::new(environment.get("GCE_METADATA_HOST")),
            http: http.build().map_err(|error| error.to_string())?,
        })
    }

    /// Returns the newest whole number that a metric has for a subscription of Pub/Sub;
    /// `None` when nothing was measured lately.
    ///
    /// # Errors
    /// When the service cannot be asked.
    pub async fn of_subscription(
        &self,
        metric: &str,
        subscription: &str,
        now: Timestamp,
    ) -> Result<Option<i64>, MonitoringError> {
        let token = self.tokens.access(now.into()).await?;
        // The name holds no quote: its type sees to that.
        let filter = format!(
            "metric.type = \"pubsub.googleapis.com/subscription/{metric}\" AND \
             resource.labels.subscription_id = \"{subscription}\""
        );
        let query = [
            ("filter", filter),
            ("interval.startTime", (now - RECENT).to_string()),
            ("interval.endTime", now.to_string()),
        ];
        let answer = self.http.get(&self.url).bearer_auth(token).query(&query).send().await?;
        if !answer.status().is_success() {
            return Err(MonitoringError::Refused(answer.status()));
        }
        if answer.content_length().is_some_and(|length| length > ANSWER_BYTES_MAX as u64) {
            return Err(MonitoringError::Answer);
        }
        newest(&answer.bytes().await?)
    }
}

fn newest(answer: &[u8]) -> Result<Option<i64>, MonitoringError> {
    let listed: Listed = serde_json::from_slice(answer).map_err(|_| MonitoringError::Answer)?;
    let point = listed.time_series.into_iter().flat_map(|series| series.points).next();
    let value = point.map(|point| point.value.int64_value.parse());
    value.transpose().map_err(|_| MonitoringError::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the published definition has it.
    const ANSWER: &str = r#"{"timeSeries": [{
        "metric": {"type": "pubsub.googleapis.com/subscription/num_undelivered_messages"},
        "resource": {"type": "pubsub_subscription", "labels": {"subscription_id": "s"}},
        "metricKind": "GAUGE", "valueType": "INT64",
        "points": [
            {"interval": {"startTime": "2026-11-23T00:02:00Z", "endTime": "2026-11-23T00:02:00Z"},
             "value": {"int64Value": "7"}},
            {"interval": {"startTime": "2026-11-23T00:01:00Z", "endTime": "2026-11-23T00:01:00Z"},
             "value": {"int64Value": "9"}}]}], "unit": "1"}"#;

    #[test]
    fn the_newest_point_counts_and_no_point_is_no_number() {
        assert_eq!(newest(ANSWER.as_bytes()).expect("an answer"), Some(7));
        assert_eq!(newest(b"{}").expect("an answer"), None);
        let double = ANSWER.replace("int64Value", "doubleValue");
        assert!(matches!(newest(double.as_bytes()), Err(MonitoringError::Answer)));
    }
}
