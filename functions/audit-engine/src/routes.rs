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
use utoipa::{IntoParams, ToSchema};
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

/// How a report is told.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ReportFormat {
    Text,
    Csv,
    Sarif,
    Ocsf,
    Oscal,
    Html,
}

impl ReportFormat {
    /// Returns the format, the end of a file's name, and the content type.
    fn details(self) -> (Format, &'static str, &'static str) {
        match self {
            Self::Text => (Format::Text, "txt", "text/plain; charset=utf-8"),
            Self::Csv => (Format::Csv, "csv", "text/csv; charset=utf-8"),
            Self::Sarif => (Format::Sarif, "sarif", "application/sarif+json"),
            Self::Ocsf => (Format::Ocsf, "ocsf.ndjson", "application/x-ndjson"),
            Self::Oscal => (Format::Oscal, "oscal.json", "application/json"),
            Self::Html => (Format::Html, "html", "text/html; charset=utf-8"),
        }
    }
}

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// How it is told.
    format: ReportFormat,
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
    let (format, end, content_type) = asked.format.details();
    let mut report = Vec::new();
    render(format, &assessment, &mut report)
        .map_err(|error| HttpError::new(Code::Internal, error.to_string()))?;
    let name = format!("attachment; filename=\"audit.{end}\"");
    let headers =
        [(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, report))
}
