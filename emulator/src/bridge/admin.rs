//! The bridge's own interface, for `mesh` and for tests. Only this machine may use it.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Chaos, Core,
    delivery::LaneStatus,
    eventarc, problem,
    queue::{Event, Transport},
    scheduler::{self, ScheduleError},
    trace,
};

/// The longest that a caller may wait for the queue to become empty.
const DRAIN_TIMEOUT_MAX: Duration = Duration::from_secs(600);
const DRAIN_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
/// Events have at most 11 MiB, and Base64 makes a third more of them.
const SEND_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What the bridge is doing.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The project.
    pub project: String,
    /// Each lane, in the order of functions and triggers.
    pub lanes: Vec<LaneStatus>,
    /// Deliveries that are not done.
    pub queue: usize,
    /// Deliveries accepted since the bridge's start.
    pub accepted: u64,
    /// The time by which schedules fire.
    pub clock: String,
    /// How far that is from real time.
    pub clock_offset_ms: i64,
    /// When each schedule fires next.
    pub schedules: BTreeMap<String, Option<String>>,
    /// Whether the Firestore emulator sends its events here.
    pub firestore_registered: bool,
    /// Whether the topics and subscriptions are there.
    pub pubsub_created: bool,
    /// The faults that are injected.
    pub chaos: String,
}

pub(super) fn status(core: &Core) -> Status {
    Status {
        project: core.project.clone(),
        lanes: core.lanes.status(core),
        queue: core.queue.len(),
        accepted: core.queue.accepted(),
        clock: core.clock.now().to_string(),
        clock_offset_ms: core.clock.offset_ms(),
        schedules: scheduler::upcoming(core),
        firestore_registered: *core.firestore_registered.borrow(),
        pubsub_created: *core.pubsub_created.borrow(),
        chaos: core.chaos().to_string(),
    }
}

pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/admin/status", get(async |State(core): State<Arc<Core>>| Json(status(&core))))
        .route("/admin/tick", post(tick))
        .route("/admin/clock", post(set_clock))
        .route("/admin/send", post(send).layer(DefaultBodyLimit::max(SEND_BYTES_MAX)))
        .route("/admin/drain", post(drain))
        .route("/admin/chaos", post(set_chaos))
        .route("/admin/register", post(register))
        .layer(middleware::from_fn(demand_loopback))
        .with_state(core)
}

async fn demand_loopback(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !peer.ip().to_canonical().is_loopback() {
        return problem(StatusCode::FORBIDDEN, "only this machine may do that");
    }
    next.run(request).await
}

#[derive(Deserialize)]
struct Tick {
    schedule: String,
    #[serde(default)]
    at: Option<Timestamp>,
}

async fn tick(State(core): State<Arc<Core>>, Json(tick): Json<Tick>) -> Response {
    match scheduler::tick(&core, &tick.schedule, tick.at) {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => {
            let status = match error {
                ScheduleError::Unknown(_) => StatusCode::NOT_FOUND,
                ScheduleError::Ambiguous(_) | ScheduleError::Invalid { .. } => {
                    StatusCode::BAD_REQUEST
                }
                ScheduleError::Queue(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            problem(status, &error.to_string())
        }
    }
}

#[derive(Deserialize)]
struct SetClock {
    /// `null` puts the clock back to real time.
    now: Option<Timestamp>,
}

async fn set_clock(State(core): State<Arc<Core>>, Json(set): Json<SetClock>) -> Response {
    core.clock.set(set.now.unwrap_or_else(Timestamp::now));
    Json(json!({ "now": core.clock.now().to_string() })).into_response()
}

#[derive(Deserialize)]
struct Send {
    function: String,
    trigger: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
}

/// Headers that an event may not set: the bridge gives credentials, and the
/// rest belongs to the connection.
const HEADERS_REFUSED: [&str; 5] =
    ["authorization", "connection", "content-length", "host", "transfer-encoding"];

async fn send(State(core): State<Arc<Core>>, Json(send): Json<Send>) -> Response {
    if !core.lanes.has(&send.function, &send.trigger) {
        let detail = format!("`{}` has no trigger `{}` for events", send.function, send.trigger);
        return problem(StatusCode::NOT_FOUND, &detail);
    }
    let Ok(body) = STANDARD.decode(&send.body) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be Base64");
    };
    let mut headers = BTreeMap::new();
    for (name, value) in send.headers {
        let name = name.to_ascii_lowercase();
        let valid = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
            && http::HeaderValue::from_str(&value).is_ok()
            && !HEADERS_REFUSED.contains(&name.as_str());
        if !valid {
            return problem(
                StatusCode::BAD_REQUEST,
                &format!("the header `{name}` cannot be sent"),
            );
        }
        headers.insert(name, value);
    }
    headers.entry("traceparent".into()).or_insert_with(trace::traceparent);
    let event = Event {
        function: send.function,
        trigger: send.trigger,
        transport: Transport::Manual,
        key: None,
        accepted_at: Timestamp::now().into(),
        headers,
        body: body.into(),
    };
    match core.accept(vec![event]) {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

#[derive(Deserialize)]
struct Drain {
    /// Milliseconds.
    timeout_ms: Option<u64>,
}

async fn drain(State(core): State<Arc<Core>>, Query(drain): Query<Drain>) -> Response {
    let timeout = drain.timeout_ms.map_or(DRAIN_TIMEOUT_DEFAULT, Duration::from_millis);
    match core.drain(timeout.min(DRAIN_TIMEOUT_MAX)).await {
        true => Json(json!({ "pending": 0 })).into_response(),
        false => {
            let detail = format!("{} deliveries are not done yet", core.queue.len());
            problem(StatusCode::GATEWAY_TIMEOUT, &detail)
        }
    }
}

#[derive(Deserialize)]
struct SetChaos {
    chaos: String,
}

async fn set_chaos(State(core): State<Arc<Core>>, Json(set): Json<SetChaos>) -> Response {
    match set.chaos.parse::<Chaos>() {
        Ok(chaos) => {
            core.set_chaos(chaos);
            Json(json!({ "chaos": chaos.to_string() })).into_response()
        }
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

async fn register(State(core): State<Arc<Core>>) -> Response {
    match eventarc::register(&core).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => problem(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}
