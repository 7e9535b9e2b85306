//! Reports of runs, which firebase-proxy gives to people.

use axum::{
    extract::State,
    http::{HeaderName, header},
};
use function::{Caller, HttpError, Id, UrlQuery};
use model::{
    AuditId, AuditRowsId, Permission,
    audit::{Audit, AuditRows},
};
use problem::Code;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AuditError, Context,
    assess::Assessment,
    report::{Format, render},
};

/// Returns the routes, with their description.
#[must_use]
pub fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(read_report))
}

/// Returns the end of a file's name, and the content type.
fn file(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Text => ("txt", "text/plain; charset=utf-8"),
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::Sarif => ("sarif", "application/sarif+json"),
        Format::Ocsf => ("ocsf.ndjson", "application/x-ndjson"),
        Format::Oscal => ("oscal.json", "application/json"),
        Format::Html => ("html", "text/html; charset=utf-8"),
    }
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// How it is told.
    format: Format,
}

/// Returns a run as a file, of the verdicts that were kept: those somebody has to look at.
#[utoipa::path(get, path = "/v1/audits/{audit}/report", tag = "audits",
    params(("audit" = AuditId, Path), ReportQuery),
    responses((status = 200, body = String, content_type = "application/octet-stream")))]
async fn read_report(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<AuditId>,
    UrlQuery(asked): UrlQuery<ReportQuery>,
) -> Result<([(HeaderName, String); 2], Vec<u8>), HttpError> {
    caller.require(Permission::AuditsRead)?;
    let missing = || HttpError::new(Code::NotFound, format!("there is no run `{id}`"));
    let audit = ctx.store.get::<Audit>(&id).await.map_err(AuditError::from)?;
    let audit = audit.ok_or_else(missing)?.document;
    let mut rows = Vec::new();
    for index in 0..audit.parts {
        let part = AuditRowsId { audit: id.clone(), index };
        let part = ctx.store.get::<AuditRows>(&part).await.map_err(AuditError::from)?;
        // Kept for 400 days; what is left then are the counts.
        rows.extend(part.into_iter().flat_map(|part| part.document.rows));
    }
    let assessment = Assessment::of_run(&ctx.controls, &audit, &rows).ok_or_else(|| {
        HttpError::new(Code::FailedPrecondition, format!("the run `{id}` has not ended yet"))
    })?;
    let (end, content_type) = file(asked.format);
    let mut report = Vec::new();
    render(asked.format, &assessment, &mut report)
        .map_err(|error| HttpError::new(Code::Internal, error.to_string()))?;
    let name = format!("attachment; filename=\"audit.{end}\"");
    let headers =
        [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, report))
}
