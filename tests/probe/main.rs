//! A function that does what a test tells it, to show how the runtime behaves.

use std::{process::ExitCode, time::Duration};

use axum::{Json, extract::State};
use function::{
    Caller, ControlError, Controls, Environment, Function, HttpError, Mesh, Push, Valid,
};
use garde::Validate;
use model::{ControlName, Permission, ServiceId, service::Service, topic::Message};
use problem::{Code, Coded, Failure};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(Clone)]
struct Context {
    store: Store,
    controls: Controls,
}

impl Context {
    fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let reader = environment.reader();
        let size = reader.parse::<u32>("PROBE_SIZE");
        let secret = reader.secret("PROBE_SECRET");
        // A secret that is printed shows nothing; a test looks for its value in the log.
        tracing::info!("the secret is {secret:?}");
        let (store, controls) = (mesh.store.clone(), mesh.controls.clone());
        reader.finish(size.zip(secret).map(|_| Self { store, controls }))
    }
}

/// What the probe shall do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    /// Write a service document once for the event.
    Write(String),
    Panic,
    Sleep(u64),
    /// Fail with a canonical code.
    Fail(String),
    /// Write it once for the event, unless the control `trading` forbids it.
    Obey(String),
    /// Fail for good until a service document is there; then write it once for the event.
    Need(String),
}

impl Message for Asked {
    const TOPIC: &'static str = "probe-asked";
}

async fn asked(ctx: Context, push: Push<Asked>) -> Result<(), Failure> {
    match push.message {
        Asked::Write(name) => write(&ctx, &push.event.cause(), &name, Duration::ZERO).await?,
        Asked::Panic => panic!("the test asked for it"),
        Asked::Sleep(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        Asked::Obey(name) => obey(&ctx, &push.event.cause(), &name).await?,
        Asked::Need(name) => {
            if ctx.store.get::<Service>(&ServiceId::new(&name)).await?.is_none() {
                return Err(Failure::new(Code::FailedPrecondition, format!("`{name}` is missing")));
            }
            write(&ctx, &push.event.cause(), &name, Duration::ZERO).await?;
        }
        Asked::Fail(name) => {
            let code = Code::ALL.into_iter().find(|code| code.name() == name);
            return Err(Failure::new(code.unwrap_or(Code::Internal), "the test asked for it"));
        }
    }
    Ok(())
}

/// Asks for a document to be written slowly, and however often it takes.
#[derive(Debug, Serialize, Deserialize)]
struct Patient {
    name: String,
    pause_ms: u64,
}

impl Message for Patient {
    const TOPIC: &'static str = "probe-patient";
}

async fn patient(ctx: Context, push: Push<Patient>) -> Result<(), Failure> {
    let pause = Duration::from_millis(push.message.pause_ms);
    Ok(write(&ctx, &push.event.cause(), &push.message.name, pause).await?)
}

/// Has an effect as a module has one: asks what is known, then the control itself.
async fn obey(ctx: &Context, cause: &store::Cause, name: &str) -> Result<(), ControlError> {
    let (trading, id) = (&ControlName::new("trading"), &ServiceId::new(name));
    ctx.store
        .once(cause, |tx| async move {
            let permit = ctx.controls.demand(&tx, trading, None).await?;
            let service = Service { name: name.to_owned(), url: format!("{}", permit.epoch) };
            tx.put(id, &service, "service.counted", "the test asked for it").await?;
            Ok::<_, ControlError>(())
        })
        .await?;
    Ok(())
}

/// Counts in a document how often an effect happened.
async fn write(
    ctx: &Context,
    cause: &store::Cause,
    name: &str,
    pause: Duration,
) -> Result<(), StoreError> {
    let id = &ServiceId::new(name);
    ctx.store
        .once(cause, |tx| async move {
            let known = tx.get::<Service>(id).await?;
            let count = known.map_or(0, |stored| stored.document.url.len());
            tokio::time::sleep(pause).await;
            let service = Service { name: name.to_owned(), url: "x".repeat(count + 1) };
            tx.put(id, &service, "service.counted", "the test asked for it").await
        })
        .await?;
    Ok(())
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
struct Order {
    #[garde(range(min = 1, max = 9))]
    count: u8,
    #[garde(length(min = 1, max = 20))]
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Ordered {
    text: String,
}

#[utoipa::path(post, path = "/order", request_body = Order,
    responses((status = 200, body = Ordered)))]
async fn order(caller: Caller, Valid(order): Valid<Order>) -> Result<Json<Ordered>, HttpError> {
    caller.require(Permission::AuditsRun)?;
    Ok(Json(Ordered { text: order.name.repeat(order.count.into()) }))
}

#[derive(Debug, thiserror::Error)]
#[error("table `orders` is corrupt")]
struct Corrupt;

impl Coded for Corrupt {
    fn code(&self) -> Code {
        Code::Internal
    }
}

/// What is known of the control `trading`, asked as before beginning something.
#[utoipa::path(get, path = "/trading", responses((status = 200)))]
async fn trading(State(ctx): State<Context>) -> String {
    let permit = ctx.controls.permit(&ControlName::new("trading"), None);
    format!("{:?} {} {}", permit.state, permit.epoch, permit.stale)
}

#[utoipa::path(get, path = "/corrupt", responses((status = 200)))]
async fn corrupt() -> Result<(), HttpError> {
    Err(Corrupt.into())
}

#[utoipa::path(get, path = "/panic", responses((status = 200)))]
async fn panic() {
    panic!("the test asked for it")
}

#[utoipa::path(get, path = "/slow", responses((status = 200)))]
async fn slow() {
    tokio::time::sleep(Duration::from_secs(60)).await;
}

#[utoipa::path(get, path = "/nap", responses((status = 200)))]
async fn nap() -> &'static str {
    tokio::time::sleep(Duration::from_millis(1000)).await;
    "awake"
}

fn api() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(order))
        .routes(routes!(trading))
        .routes(routes!(corrupt))
        .routes(routes!(panic))
        .routes(routes!(slow))
        .routes(routes!(nap))
}

fn main() -> ExitCode {
    Function::new(include_str!("function.yaml"))
        .context(Context::connect)
        .http("api", api)
        .message("asked", asked)
        .message("patient", patient)
        .replays("again")
        .run()
}
