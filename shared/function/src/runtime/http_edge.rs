//! What stands in front of a function's routes.

use std::{
    convert::Infallible, future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::FutureExt;
use problem::Code;
use telemetry::Scope;
use tokio::time::Instant;
use tower::{Layer, ServiceExt};
use tower_http::cors::CorsLayer;
use tracing::{error, info, warn};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    HttpError,
    figures::Figures,
    http::{self, Door, Reason},
    manifest::Manifest,
    runtime::{describe, front::Answer},
    spans::{Answered, Route, Traced},
};

/// The header that carries the request's id, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest request id that is taken over from a caller.
const REQUEST_ID_LENGTH_MAX: usize = 64;
/// The largest request body; commands are small documents.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A function's API and how it is guarded.
pub(super) struct Api<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) door: Door,
    pub(super) deadline: Duration,
    pub(super) cors: CorsLayer,
    pub(super) counted: Counted,
}

/// Where requests are counted and traced.
#[derive(Clone)]
pub(super) struct Counted {
    pub(super) trigger: &'static str,
    pub(super) figures: Figures,
    pub(super) traced: Arc<Traced>,
}

struct Guard {
    door: Door,
    deadline: Duration,
}

impl Api<'_> {
    pub(super) fn answer<C: Clone + Send + Sync + 'static>(
        self,
        routes: OpenApiRouter<C>,
        context: C,
    ) -> Answer {
        let (routes, mut document) = routes.split_for_parts();
        describe::complete(&mut document, self.manifest, &self.door.callers);
        let place = describe::place(&document);
        let document = Arc::new(describe::as_json(&document));
        // Shared, because a route and its layers are cloned for each request.
        let guard = Arc::new(Guard { door: self.door, deadline: self.deadline });
        let not_found = || async { HttpError::new(Code::NotFound, "no such route") };
        let not_allowed = || async { HttpError::method_not_allowed() };
        let router = routes
            .route_layer(middleware::from_fn_with_state(guard, admit))
            .fallback(not_found)
            .method_not_allowed_fallback(not_allowed)
            .with_state(context)
            .route(place, get(move || async move { Json(document.as_ref().clone()) }));
        // Around the router rather than each of its routes, which would be cloned with them.
        let service = DefaultBodyLimit::max(BODY_BYTES_MAX).layer(router);
        // Browsers ask for permission without a token, so this stands before the door.
        let service = self.cors.layer(service);
        let counted = self.counted;
        Box::new(move |request| {
            let (service, counted) = (service.clone(), counted.clone());
            Box::pin(observe(counted, request, |request| service.oneshot(request)))
        })
    }
}

/// Answers with files, before which nothing has to be asked.
pub(super) fn files(router: Router) -> Answer {
    Box::new(move |request| {
        let router = router.clone();
        Box::pin(async { router.oneshot(request).await.into_response() })
    })
}

/// Verifies the caller, bounds how much they ask, and bounds the route's time.
async fn admit(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    if let (Some(traced), Some(route)) = (request.extensions().get::<Route>(), &route) {
        traced.is(route.clone());
    }
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    if let Err(refusal) = guard.door.open(route, &mut request).await {
        return refusal.into_response();
    }
    match tokio::time::timeout(guard.deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let words = format!("the route did not answer within {} s", guard.deadline.as_secs());
            HttpError::new(Code::DeadlineExceeded, words).into_response()
        }
    }
}

/// Names the request, catches panics, and writes the one line that each request leaves.
async fn observe<F>(
    counted: Counted,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Result<Response, Infallible>>,
{
    let started = Instant::now();
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = given
        .filter(|id| is_request_id(id))
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let trace = counted.traced.begin(request.headers());
    let route = counted.traced.route(&trace);
    if let Some(route) = &route {
        request.extensions_mut().insert(route.clone());
    }
    let labels = vec![(http::REQUEST_ID, id.clone()), (http::CORRELATION_ID, id.clone())];
    telemetry::scoped(Scope { trace: Some(trace), labels }, async {
        let result = AssertUnwindSafe(async { next(request).await.into_response() });
        let result = result.catch_unwind().await;
        let panicked = result.is_err();
        let mut response = result.unwrap_or_else(|_| {
            HttpError::new(Code::Internal, "the route panicked").into_response()
        });
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let status = response.status().as_u16();
        if status < 500 {
            counted.figures.handled(counted.trigger, None);
        } else {
            counted.figures.failed(counted.trigger);
        }
        let took = started.elapsed();
        if let Some(route) = &route {
            let (method, id) = (&method, id.as_str());
            let answered = Answered { method, route, status, panicked, id, took };
            counted.traced.answered(trace, answered);
        }
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let reason = response.extensions().get::<Reason>().map(|Reason(text)| text.as_str());
        let because = reason.map(|text| format!(": {text}")).unwrap_or_default();
        let trigger = counted.trigger;
        match status {
            // The panic hook has reported it, with its place; once is enough.
            500 if panicked => warn!(
                outcome = "panicked",
                trigger, status, duration_ms, "{method} {path} panicked"
            ),
            500 => error!(
                outcome = "failed",
                trigger, status, duration_ms, "{method} {path} failed{because}"
            ),
            501.. => warn!(
                outcome = "unanswered",
                trigger, status, duration_ms, "{method} {path} was not answered{because}"
            ),
            _ => info!(
                outcome = "answered",
                trigger, status, duration_ms, "{method} {path} answered {status}{because}"
            ),
        }
        response
    })
    .await
}

fn is_request_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= REQUEST_ID_LENGTH_MAX
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}
