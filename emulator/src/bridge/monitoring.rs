//! The part of Cloud Monitoring that functions ask for: what waits in a subscription.
//!
//! Written by hand, not Google's: `projects.timeSeries.list` with the one filter that Mesh
//! sends, in the shape of the published REST definition. The figures are the bridge's own,
//! and of this instant, where production measures once a minute.
//! Source: <https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list>.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Core, delivery::LaneStatus};

/// The roles that let an account read, as far as manifests name them.
const ROLES: [&str; 2] = ["roles/monitoring.viewer", "roles/monitoring.admin"];

#[derive(Deserialize)]
struct List {
    filter: String,
    #[serde(rename = "interval.endTime")]
    end_time: Timestamp,
}

pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new().route("/v3/projects/{project}/timeSeries", get(list)).with_state(core)
}

async fn list(
    State(core): State<Arc<Core>>,
    Path(project): Path<String>,
    headers: HeaderMap,
    Query(list): Query<List>,
) -> Response {
    if !permitted(&core, &project, &headers) {
        let message = "no account with a role that reads the metrics of this project";
        return refuse(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message);
    }
    let Some((metric, subscription)) = parse(&list.filter) else {
        let message = "only one metric of one subscription is served locally";
        return refuse(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message);
    };
    let lanes = core.lanes.status(&core);
    let lane =
        lanes.iter().find(|lane| format!("{}.{}", lane.function, lane.trigger) == subscription);
    let value = lane.and_then(|lane| value(metric, lane));
    let series = value.map(|value| {
        json!({
            "metric": { "type": format!("pubsub.googleapis.com/subscription/{metric}") },
            "resource": {
                "type": "pubsub_subscription",
                "labels": { "project_id": project, "subscription_id": subscription },
            },
            "metricKind": "GAUGE",
            "valueType": "INT64",
            "points": [{
                "interval": { "startTime": list.end_time, "endTime": list.end_time },
                "value": { "int64Value": value.to_string() },
            }],
        })
    });
    match series {
        Some(series) => Json(json!({ "timeSeries": [series] })).into_response(),
        None => Json(json!({})).into_response(),
    }
}

fn value(metric: &str, lane: &LaneStatus) -> Option<i64> {
    match metric {
        "num_undelivered_messages" => i64::try_from(lane.pending).ok(),
        "oldest_unacked_message_age" => Some(lane.oldest_seconds.unwrap_or(0)),
        _ => None,
    }
}

/// Returns the metric and the subscription of a filter that names exactly these.
fn parse(filter: &str) -> Option<(&str, &str)> {
    const METRIC: &str = "metric.type = \"pubsub.googleapis.com/subscription/";
    const SUBSCRIPTION: &str = "resource.labels.subscription_id = \"";
    let (metric, subscription) = filter.split_once(" AND ")?;
    let metric = metric.strip_prefix(METRIC)?.strip_suffix('"')?;
    Some((metric, subscription.strip_prefix(SUBSCRIPTION)?.strip_suffix('"')?))
}

fn permitted(core: &Core, project: &str, headers: &HeaderMap) -> bool {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let account = token
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| core.issuer.verify_access_token(token, Timestamp::now()));
    let reads = |account: &str| {
        core.targets.iter().map(|target| &target.manifest).any(|manifest| {
            manifest.service_account(project) == account
                && manifest.roles.iter().any(|role| ROLES.contains(&role.as_str()))
        })
    };
    project == core.project && account.is_some_and(|account| reads(&account))
}

/// Refuses in the form of Google's REST errors.
fn refuse(status: StatusCode, name: &str, message: &str) -> Response {
    let error = json!({ "code": status.as_u16(), "message": message, "status": name });
    (status, Json(json!({ "error": error }))).into_response()
}
