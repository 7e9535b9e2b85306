//! Reports of runs. The audit engine writes them.

use axum::response::Response;
use function::HttpError;
use model::AuditId;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Context, forward::Onward};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new().routes(routes!(download_report))
}

/// Downloads a run as a report, of the verdicts that somebody has to look at: `text`, `csv`,
/// `html`, `sarif` (SARIF 2.1.0), `ocsf` (OCSF 1.5.0, one event a line) or `oscal` (OSCAL
/// assessment results).
#[utoipa::path(get, path = "/api/v1/audits/{audit}/report", tag = "audits",
    params(("audit" = AuditId, Path),
        ("format" = String, Query, pattern = "^(text|csv|html|sarif|ocsf|oscal)$")),
    responses((status = 200, description = "The report",
        content((String = "text/plain"), (String = "text/csv"), (String = "text/html"),
            (String = "application/sarif+json"), (String = "application/x-ndjson"),
            (String = "application/json")),
        headers(("content-disposition" = String)))))]
async fn download_report(onward: Onward) -> Result<Response, HttpError> {
    onward.pass_to_audit_engine().await
}
