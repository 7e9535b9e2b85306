//! The audit log: what it says of itself, and what proves it.

mod records;
mod shred;

use std::str::FromStr;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use function::{Caller, HttpError, PageQuery, Paged, UrlQuery};
use model::{
    Permission,
    log::{Entry, LogCheck, LogCheckpoint},
};
use problem::Code;
use serde::{Deserialize, Serialize};
use store::{
    Direction, Query,
    log::{StoredLog, entry, latest_checkpoint, latest_witnessed, tiles},
};
use tlog::{Policy, Resource, Source, TreeError, leaf_hash, tiles_for_consistency};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, ProxyError, documents};

/// What notes and proofs are sent as.
const TEXT: &str = "text/plain; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(read_checkpoint))
        .routes(routes!(read_policy))
        .routes(routes!(read_tile))
        .routes(routes!(read_entry))
        .routes(routes!(prove_consistency))
        .routes(routes!(list_checks))
        .merge(records::routes())
        .merge(shred::routes())
}

fn text(text: String) -> Response {
    ([(header::CONTENT_TYPE, TEXT)], text).into_response()
}

/// Answers that a tree lacks something, which is a mistake of ours unless it was asked for.
fn tree(error: &TreeError) -> HttpError {
    match error {
        TreeError::OutOfTree(..) => HttpError::new(Code::OutOfRange, error.to_string()),
        _ => HttpError::new(Code::Internal, error.to_string()),
    }
}

/// Reads the latest checkpoint, or the latest that is cosigned.
async fn checkpoint(ctx: &Context, witnessed: bool) -> Result<LogCheckpoint, ProxyError> {
    let found = if witnessed {
        latest_witnessed(&ctx.store).await?
    } else {
        latest_checkpoint(&ctx.store).await?
    };
    found.ok_or_else(|| ProxyError::Missing("log_checkpoints".into()))
}

/// Which checkpoint.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckpointQuery {
    /// Whether it has to be cosigned; then it may be an older one.
    #[serde(default)]
    witnessed: bool,
}

/// Shows the latest checkpoint: a signed note.
#[utoipa::path(get, path = "/api/v1/log/checkpoint", params(CheckpointQuery), tag = "log",
    responses((status = 200, body = String, content_type = "text/plain"),
        (status = 404, description = "There is none yet", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn read_checkpoint(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<CheckpointQuery>,
) -> Result<Response, HttpError> {
    caller.require(Permission::LogRead)?;
    Ok(text(checkpoint(&ctx, asked.witnessed).await?.note))
}

/// Shows whose signatures count, as a tlog policy. Keep it: who verifies has to know the keys
/// from before.
#[utoipa::path(get, path = "/api/v1/log/policy", tag = "log",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn read_policy(State(ctx): State<Context>, caller: Caller) -> Result<Response, HttpError> {
    caller.require(Permission::LogRead)?;
    let (log, witness) = (&ctx.log.log, &ctx.log.witness);
    Ok(text(format!("log {log}\nwitness witness {witness}\nquorum witness\n")))
}

/// Which tile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TileQuery {
    /// Its path below the log, such as `tile/0/x001/234.p/5` or `tile/entries/000`.
    path: String,
}

/// Reads a tile of hashes, or a bundle of entries, as c2sp.org/tlog-tiles says.
#[utoipa::path(get, path = "/api/v1/log/tiles", params(TileQuery), tag = "log",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such tile", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn read_tile(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<TileQuery>,
) -> Result<Response, HttpError> {
    caller.require(Permission::LogRead)?;
    let missing = || ProxyError::Missing(asked.path.clone());
    let resource = Resource::from_str(&asked.path)
        .ok()
        .filter(|resource| *resource != Resource::Checkpoint)
        .ok_or_else(missing)?;
    let size = checkpoint(&ctx, false).await?.size;
    let exists = match resource {
        Resource::Tile { id, width } => id.width(size) >= u64::from(width),
        Resource::Entries { number, width } => {
            tlog::TileId { level: 0, number }.width(size) >= u64::from(width)
        }
        Resource::Checkpoint => false,
    };
    let read = StoredLog(ctx.store.clone()).read(resource).await.map_err(ProxyError::from)?;
    let bytes = read.filter(|_| exists).ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
struct LogEntryView {
    /// Its place, from 0.
    index: u64,
    /// Its hash as a leaf of the tree, in Base64.
    leaf: String,
    /// The text that was hashed.
    text: String,
    /// What it says.
    entry: Entry,
}

/// Shows an entry.
#[utoipa::path(get, path = "/api/v1/log/entries/{index}", params(("index" = u64, Path)), tag = "log",
    responses((status = 200, body = LogEntryView),
        (status = 404, description = "There is no such entry", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn read_entry(
    State(ctx): State<Context>,
    caller: Caller,
    axum::extract::Path(index): axum::extract::Path<String>,
) -> Result<Json<LogEntryView>, HttpError> {
    caller.require(Permission::LogRead)?;
    let missing = || ProxyError::Missing(format!("log entry {index}"));
    let index: u64 = index.parse().map_err(|_| missing())?;
    let text = entry(&ctx.store, index).await.map_err(ProxyError::from)?.ok_or_else(missing)?;
    let entry = serde_json::from_str(&text).map_err(|error| {
        HttpError::new(Code::Internal, format!("entry {index} cannot be read: {error}"))
    })?;
    Ok(Json(LogEntryView { index, leaf: leaf_hash(text.as_bytes()).to_string(), text, entry }))
}

/// Between which sizes of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConsistencyQuery {
    /// How many entries the earlier checkpoint has.
    from: u64,
    /// How many the later one has; the latest when absent.
    to: Option<u64>,
}

/// A proof that the log only grew.
#[derive(Debug, Serialize, ToSchema)]
struct Consistency {
    /// How many entries the earlier tree has.
    from: u64,
    /// Its root, in Base64.
    from_root: String,
    /// How many entries the later tree has.
    to: u64,
    /// Its root, in Base64.
    to_root: String,
    /// The hashes of the proof, in Base64, as RFC 6962 orders them.
    proof: Vec<String>,
}

/// Proves that the log only grew from one size to another.
#[utoipa::path(get, path = "/api/v1/log/consistency", params(ConsistencyQuery), tag = "log",
    responses((status = 200, body = Consistency),
        (status = 404, description = "There is no log yet", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn prove_consistency(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(asked): UrlQuery<ConsistencyQuery>,
) -> Result<Json<Consistency>, HttpError> {
    caller.require(Permission::LogRead)?;
    let size = checkpoint(&ctx, false).await?.size;
    let (from, to) = (asked.from, asked.to.unwrap_or(size));
    if to > size || from > to {
        return Err(tree(&TreeError::OutOfTree(from.max(to), size)));
    }
    let tiles = tiles(&ctx.store, tiles_for_consistency(from, to)).await;
    let tiles = tiles.map_err(ProxyError::from)?;
    let proof = tiles.consistency(from, to).map_err(|error| tree(&error))?;
    Ok(Json(Consistency {
        from,
        from_root: tiles.root(from).map_err(|error| tree(&error))?.to_string(),
        to,
        to_root: tiles.root(to).map_err(|error| tree(&error))?.to_string(),
        proof: proof.iter().map(ToString::to_string).collect(),
    }))
}

/// Lists what came of replaying the whole log, newest first.
#[utoipa::path(get, path = "/api/v1/log/checks", params(PageQuery), tag = "log",
    responses((status = 200, body = Paged<LogCheck>)))]
async fn list_checks(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<LogCheck>>, HttpError> {
    let query = Query::all().order_by("at", Direction::Descending);
    documents::list(&ctx, &caller, Permission::LogRead, &page, query).await
}

/// Returns the policy of who trusts the log's key, and the witness if it has to have cosigned.
fn policy(ctx: &Context, witnessed: bool) -> Result<Policy, HttpError> {
    let policy =
        Policy::of(&ctx.log.log, std::slice::from_ref(&ctx.log.witness), usize::from(witnessed));
    policy.map_err(|error| HttpError::new(Code::Internal, error.to_string()))
}
