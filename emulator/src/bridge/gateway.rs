//! The one address for people: the page, and `/api` behind it.

use std::{fmt::Write, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{self, HOST},
    },
    response::{Html, IntoResponse, Response},
};
use futures::stream;
use http_body_util::{BodyExt, Limited, StreamBody};
use tokio::sync::mpsc;
use tracing::debug;

use super::{Core, Target, problem};
use crate::{
    stack::Network,
    supervisor::parts::{AUTH, FIRESTORE},
};

/// The function behind `/api`.
const API: &str = "firebase-proxy";
/// The function behind everything else.
const PAGE: &str = "dashboard";
/// What browsers ask the Auth emulator, and the Firestore emulator, where nothing but the gateway
/// can be reached from outside.
const AUTH_PATHS: [&str; 4] = [
    "/identitytoolkit.googleapis.com/",
    "/securetoken.googleapis.com/",
    "/www.googleapis.com/identitytoolkit/",
    "/emulator/action",
];
const FIRESTORE_PATHS: [&str; 2] = ["/google.firestore.v1.Firestore/", "/v1/projects/"];
/// A listener of the page's lives as long as the page; it connects anew by itself.
const EMULATOR_LIMIT: Duration = Duration::from_secs(3600);
/// Cloud Run's largest request over HTTP/1.
const REQUEST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Frames of a request that may wait for the function to read them.
const FRAMES_WAITING: usize = 4;

/// Headers that are about one connection and not about the message.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

pub(super) fn router(core: Arc<Core>) -> Router {
    Router::new().fallback(serve).with_state(core)
}

async fn serve(
    State(core): State<Arc<Core>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path();
    if let Some(emulator) = emulator(&core, path) {
        return forward(&core, emulator, peer, request).await;
    }
    let api = path == "/api" || path.starts_with("/api/");
    let name = if api { API } else { PAGE };
    match core.targets.iter().find(|target| target.name == name) {
        Some(target) => forward(&core, Behind::target(&core, target), peer, request).await,
        None if api => {
            problem(StatusCode::NOT_FOUND, "the stack has no `firebase-proxy`, which serves `/api`")
        }
        None if path == "/" => Html(overview(&core)).into_response(),
        None => problem(StatusCode::NOT_FOUND, "the stack has no `dashboard`, which serves pages"),
    }
}

/// What a request is passed on to.
struct Behind<'a> {
    name: &'a str,
    address: String,
    limit: Duration,
}

impl<'a> Behind<'a> {
    fn target(core: &Core, target: &'a Target) -> Self {
        Self {
            name: &target.name,
            address: format!("{}:{}", core.network.host(&target.name), target.port),
            limit: Duration::from_secs(target.manifest.service.timeout_seconds.into()),
        }
    }
}

/// Returns the emulator that answers a path: none on the loopback interface, where browsers reach
/// both directly.
fn emulator<'a>(core: &Core, path: &str) -> Option<Behind<'a>> {
    if core.network == Network::Loopback {
        return None;
    }
    let begins = |paths: &[&str]| paths.iter().any(|start| path.starts_with(start));
    let (name, address) = if begins(&AUTH_PATHS) {
        (AUTH, core.auth.clone()?)
    } else if begins(&FIRESTORE_PATHS) {
        (FIRESTORE, core.firestore.clone()?)
    } else {
        return None;
    };
    Some(Behind { name, address, limit: EMULATOR_LIMIT })
}

/// Passes a request on and its answer back, both as they flow.
///
/// Ends after the function's own time limit, as Cloud Run does.
async fn forward(core: &Core, behind: Behind<'_>, peer: SocketAddr, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = format!("http://{}{path}", behind.address);
    let mut headers = parts.headers;
    let host = headers.remove(HOST);
    remove_hop_by_hop(&mut headers);
    headers.append("x-forwarded-for", text(&peer.ip().to_string()));
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    if let Some(host) = host {
        headers.insert("x-forwarded-host", host);
    }
    let mut onward = core.http.request(parts.method, url).headers(headers).timeout(behind.limit);
    if !body.is_end_stream() {
        onward = onward.body(streamed(body));
    }
    match onward.send().await {
        Ok(answer) => {
            let mut answer = http::Response::<reqwest::Body>::from(answer);
            remove_hop_by_hop(answer.headers_mut());
            answer.map(Body::new)
        }
        Err(error) => {
            debug!(%error, part = behind.name, "cannot pass a request on");
            let (status, detail) = if error.is_timeout() {
                (StatusCode::GATEWAY_TIMEOUT, "did not answer in time")
            } else if error.is_body() {
                (StatusCode::PAYLOAD_TOO_LARGE, "was not sent the request, which is too large")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "cannot be reached; it may be starting")
            };
            problem(status, &format!("`{}` {detail}", behind.name))
        }
    }
}

/// Returns a body that is read while it is sent, up to the limit.
fn streamed(body: Body) -> reqwest::Body {
    let mut body = Limited::new(body, REQUEST_BYTES_MAX);
    let (frames, mut waiting) = mpsc::channel(FRAMES_WAITING);
    tokio::spawn(async move {
        // Ends with the request: the sender fails once nobody reads any more.
        while let Some(frame) = body.frame().await {
            if frames.send(frame).await.is_err() {
                return;
            }
        }
    });
    reqwest::Body::wrap(StreamBody::new(stream::poll_fn(move |cx| waiting.poll_recv(cx))))
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .collect::<Vec<_>>();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers.remove("keep-alive");
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// Returns a page that says what runs where.
fn overview(core: &Core) -> String {
    let mut rows = String::new();
    for Target { name, manifest, port, .. } in &core.targets {
        let address = format!("http://{}:{port}", core.network.host(name));
        let triggers = manifest.triggers.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        // Names are checked to be plain; the summary is free text.
        let summary = manifest.summary.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(
            rows,
            "<tr><td>{name}<td><a href=\"{address}/health\">{address}</a><td>{triggers}<td>{summary}"
        );
    }
    let admin = format!("{}/admin/status", core.issuer.url());
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mesh: {project}</title>\
         <h1>{project}</h1><p>This stack has no dashboard. \
         <a href=\"{admin}\">Deliveries</a></p><table><tr><th>Function<th>Address<th>Triggers\
         <th>What it does{rows}</table></html>\n",
        project = core.project,
    )
}
