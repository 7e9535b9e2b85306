//! The metadata server of each function, from which it has its identity.
//!
//! The part of Compute Engine's server that Google's client libraries and Mesh
//! ask for. Written by hand.
//! Source: <https://cloud.google.com/run/docs/container-contract#metadata-server>.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, Request, State},
    http::{HeaderValue, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use tracing::error;

use super::{Core, eventarc::LOCATION};

const FLAVOR: &str = "metadata-flavor";
/// Any number will do; Google's projects have twelve digits.
const PROJECT_NUMBER: &str = "100000000001";

/// Whose metadata a server tells.
#[derive(Clone)]
struct Instance {
    core: Arc<Core>,
    account: Arc<str>,
}

#[derive(Deserialize)]
struct IdentityQuery {
    audience: Option<String>,
}

/// Returns the metadata server of one service account.
pub(super) fn router(core: Arc<Core>, account: &str) -> Router {
    let numbered = |what: &str| format!("projects/{PROJECT_NUMBER}/{what}/{LOCATION}");
    let (region, zone) = (numbered("regions"), format!("{}-1", numbered("zones")));
    let metadata = Router::new()
        .route("/project/project-id", get(async |State(i): State<Instance>| i.core.project.clone()))
        .route("/project/numeric-project-id", get(async || PROJECT_NUMBER))
        .route("/universe/universe-domain", get(async || "googleapis.com"))
        .route("/instance/id", get(async || "1"))
        .route("/instance/region", get(async move || region.clone()))
        .route("/instance/zone", get(async move || zone.clone()))
        .route("/instance/service-accounts/", get(accounts))
        .route("/instance/service-accounts/{account}/", get(account_parts))
        .route("/instance/service-accounts/{account}/email", get(email))
        .route("/instance/service-accounts/{account}/token", get(access_token))
        .route("/instance/service-accounts/{account}/identity", get(identity))
        .layer(middleware::from_fn(demand_flavor));
    Router::new()
        .route("/", get(async || "computeMetadata/\n"))
        .nest("/computeMetadata/v1", metadata)
        .layer(middleware::from_fn(add_flavor))
        .with_state(Instance { core, account: account.into() })
}

/// Refuses requests without the header, which a browser cannot be tricked into sending.
async fn demand_flavor(request: Request, next: Next) -> Response {
    let flavor = request.headers().get(FLAVOR);
    if flavor.is_none_or(|flavor| !flavor.as_bytes().eq_ignore_ascii_case(b"google")) {
        return (StatusCode::FORBIDDEN, "Missing Metadata-Flavor:Google header.\n").into_response();
    }
    next.run(request).await
}

async fn add_flavor(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    answer.headers_mut().insert(FLAVOR, HeaderValue::from_static("Google"));
    answer
}

async fn accounts(State(instance): State<Instance>) -> String {
    format!("default/\n{}/\n", instance.account)
}

async fn account_parts() -> &'static str {
    "email\nidentity\nscopes\ntoken\n"
}

async fn email(State(instance): State<Instance>) -> String {
    instance.account.to_string()
}

async fn access_token(State(Instance { core, account }): State<Instance>) -> Response {
    let (token, expires_in) = core.issuer.access_token(&account, Timestamp::now());
    let token_type = "Bearer";
    Json(json!({ "access_token": token, "expires_in": expires_in, "token_type": token_type }))
        .into_response()
}

async fn identity(
    State(Instance { core, account }): State<Instance>,
    Query(query): Query<IdentityQuery>,
) -> Response {
    let Some(audience) = query.audience.filter(|audience| !audience.is_empty()) else {
        return (StatusCode::BAD_REQUEST, "non-empty audience parameter required\n")
            .into_response();
    };
    match core.issuer.identity_token(&account, &audience, Timestamp::now()) {
        Ok(token) => token.into_response(),
        Err(error) => {
            error!(%error, "cannot issue an identity token");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
