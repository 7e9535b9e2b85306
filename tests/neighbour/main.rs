//! A function that only other functions may call, to show whom the runtime lets in.

use std::process::ExitCode;

use axum::Json;
use function::{Caller, Environment, Function, HttpError, Mesh, Push};
use model::{Permission, ServiceId, service::Service, topic::Message};
use problem::Failure;
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone)]
struct Context {
    store: Store,
}

impl Context {
    fn connect(mesh: &Mesh, _: &Environment) -> Result<Self, Vec<String>> {
        Ok(Self { store: mesh.store.clone() })
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct Known {
    /// The caller as the journal names them.
    actor: String,
}

/// Says who calls.
#[utoipa::path(get, path = "/who", responses((status = 200, body = Known)))]
async fn who(caller: Caller) -> Json<Known> {
    Json(Known { actor: caller.actor().to_string() })
}

/// Says which person calls, if they may run audits.
#[utoipa::path(get, path = "/person", responses((status = 200, body = Known)))]
async fn person(caller: Caller) -> Result<Json<Known>, HttpError> {
    let person = caller.require(Permission::AuditsRun)?;
    Ok(Json(Known { actor: format!("person:{}", person.uid()) }))
}

/// A name that was heard, and is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Heard(String);

impl Message for Heard {
    const TOPIC: &'static str = "neighbour-heard";
}

async fn heard(ctx: Context, push: Push<Heard>) -> Result<(), Failure> {
    let (name, cause) = (&push.message.0, push.event.cause());
    let (id, service) =
        (&ServiceId::new(name), &Service { name: name.clone(), url: String::new() });
    ctx.store
        .once(&cause, |tx| async move {
            tx.put(id, service, "service.heard", "the test asked for it").await
        })
        .await?;
    Ok(())
}

fn api() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(who)).routes(routes!(person))
}

fn main() -> ExitCode {
    Function::new(include_str!("function.yaml"))
        .context(Context::connect)
        .http("api", api)
        .message("heard", heard)
        .run()
}
