//! Proofs of single records.

use axum::{Json, extract::State, response::Response};
use function::{Caller, HttpError, Id, UrlQuery};
use model::{
    LogEntryId, Permission, RecordId,
    journal::JournalRecord,
    log::{Entry, LogCheckpoint, LogEntry},
};
use serde::{Deserialize, Serialize};
use store::log::{entry, latest_witnessed, tiles};
use tlog::{Proof, leaf_hash, tiles_for_inclusion};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{checkpoint, policy, text, tree};
use crate::{Context, ProxyError, documents::found};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(prove_record)).routes(routes!(verify_record))
}

/// What the proof holds.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProofQuery {
    /// Whether the entry itself is in the file, so that nothing else is needed to verify it.
    #[serde(default = "yes")]
    #[param(default = true)]
    entry: bool,
}

fn yes() -> bool {
    true
}

/// Proves that the log contains a record: a file of c2sp.org/tlog-proof@v1.
#[utoipa::path(get, path = "/api/v1/log/records/{record}/proof", tag = "log",
    params(("record" = RecordId, Path), ProofQuery),
    responses((status = 200, body = String, content_type = "text/plain"),
        (status = 404, description = "It is not sealed", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn prove_record(
    State(ctx): State<Context>,
    caller: Caller,
    Id(record): Id<RecordId>,
    UrlQuery(asked): UrlQuery<ProofQuery>,
) -> Result<Response, HttpError> {
    caller.require(Permission::LogRead)?;
    let (proof, _) = prove(&ctx, &record).await?;
    let extra = proof.extra.filter(|_| asked.entry);
    Ok(text(Proof { extra, ..proof }.to_text()))
}

/// Makes the proof of a record, with its entry, up to the latest checkpoint that is cosigned,
/// or the latest when that is too old.
async fn prove(ctx: &Context, record: &RecordId) -> Result<(Proof, LogCheckpoint), HttpError> {
    let id = LogEntryId::of(record);
    let index = found::<LogEntry>(ctx, &id).await?.document.index;
    let witnessed = latest_witnessed(&ctx.store).await.map_err(ProxyError::from)?;
    let latest = match witnessed.filter(|witnessed| witnessed.size > index) {
        Some(witnessed) => witnessed,
        None => checkpoint(ctx, false).await?,
    };
    let tiles = tiles(&ctx.store, tiles_for_inclusion(latest.size, index)).await;
    let tiles = tiles.map_err(ProxyError::from)?;
    let hashes = tiles.inclusion(latest.size, index).map_err(|error| tree(&error))?;
    let extra = entry(&ctx.store, index).await.map_err(ProxyError::from)?.map(String::into_bytes);
    Ok((Proof { extra, index, hashes, note: latest.note.clone() }, latest))
}

/// What came of verifying a record.
#[derive(Debug, Serialize, ToSchema)]
struct LogVerdict {
    /// Whether the record is in the log as it is in the journal.
    verified: bool,
    /// The entry's place, from 0.
    index: u64,
    /// How many entries the log had at the checkpoint that proves it.
    size: u64,
    /// Whether the witness cosigned that checkpoint.
    witnessed: bool,
    /// What is wrong; empty when it is verified.
    problems: Vec<String>,
}

/// Verifies a record: its entry, the proof, the signatures, and that the journal says the
/// same. What identifies people is encrypted in the entry; the nightly replay compares it.
#[utoipa::path(get, path = "/api/v1/log/records/{record}/verify", tag = "log",
    params(("record" = RecordId, Path)),
    responses((status = 200, body = LogVerdict),
        (status = 404, description = "It is not sealed", body = problem::Problem,
            content_type = "application/problem+json")))]
async fn verify_record(
    State(ctx): State<Context>,
    caller: Caller,
    Id(record): Id<RecordId>,
) -> Result<Json<LogVerdict>, HttpError> {
    caller.require(Permission::LogVerify)?;
    let (proof, latest) = prove(&ctx, &record).await?;
    let witnessed = latest.witnessed_size.is_some();
    let policy = policy(&ctx, witnessed)?;
    let mut problems = Vec::new();
    let entry = proof.extra.clone().unwrap_or_default();
    if let Err(error) = proof.verify(leaf_hash(&entry), &policy) {
        problems.push(error.to_string());
    }
    let journal = ctx.store.get::<JournalRecord>(&record).await.map_err(ProxyError::from)?;
    match (serde_json::from_slice::<Entry>(&entry), journal) {
        (Ok(entry), Some(journal)) => {
            let members = entry.contradictions(&record, &journal.document);
            problems.extend(members.iter().map(|name| format!("the journal changed: `{name}`")));
        }
        (Err(_), _) => problems.push("the entry cannot be read".into()),
        (_, None) => problems.push("the record is gone from the journal".into()),
    }
    let (verified, index, size) = (problems.is_empty(), proof.index, latest.size);
    Ok(Json(LogVerdict { verified, index, size, witnessed, problems }))
}
