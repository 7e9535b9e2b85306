//! From a request to whoever answers it, or is too busy to.
//!
//! Deliveries are found by their path, without the layers and the router that an API needs:
//! those clone themselves for each request, which cost more than decoding an event.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::future::BoxFuture;
use problem::Code;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::serve::{RETRY_AFTER_SECONDS, Readiness};
use crate::HttpError;

pub(super) const HEALTH: &str = "/health";
const READY: &str = "/ready";

/// Answers requests of one kind.
pub(super) type Answer = Box<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// Who answers which requests.
#[derive(Default)]
pub(super) struct Answers {
    /// What takes the deliveries of each trigger, by its path.
    pub(super) deliveries: HashMap<String, Answer>,
    /// What answers everything else, if the function has an API.
    pub(super) api: Option<Answer>,
}

/// The first that sees a request.
pub(super) struct Front {
    slots: Semaphore,
    probes: Router,
    answers: Answers,
}

impl Front {
    pub(super) fn new(concurrency: u32, readiness: Arc<Readiness>, answers: Answers) -> Self {
        let probes = Router::new()
            .route(HEALTH, get(|| async { "ok" }))
            .route(READY, get(move || async move { readiness.answer().await }));
        Self { slots: Semaphore::new(concurrency as usize), probes, answers }
    }

    /// Answers a request. When every slot is taken it is turned away, unless it only asks how
    /// the function is: the transport tries another instance.
    pub(super) async fn answer(&self, request: Request) -> Response {
        let path = request.uri().path();
        if [HEALTH, READY].contains(&path) {
            return self.probes.clone().oneshot(request).await.into_response();
        }
        let Ok(_slot) = self.slots.try_acquire() else {
            return HttpError::later(Code::Unavailable, "every slot is taken", RETRY_AFTER_SECONDS)
                .into_response();
        };
        match (self.answers.deliveries.get(path), &self.answers.api) {
            (Some(deliver), _) if request.method() == Method::POST => deliver(request).await,
            (Some(_), _) => {
                (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")]).into_response()
            }
            (None, Some(api)) => api(request).await,
            (None, None) => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
