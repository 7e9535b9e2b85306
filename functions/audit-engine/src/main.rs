//! Audits the estate against its controls and keeps the findings.

use audit_engine::{Context, handlers, routes};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!())
        .context(Context::connect)
        .http("api", routes::routes)
        .document("estate-changed", handlers::estate_changed)
        .message("asset-changes", handlers::asset_changes)
        .schedule("assets-due", handlers::assets_due)
        .message("audit-logs", handlers::audit_logs)
        .message("audit-requested", handlers::audit_requested)
        .document("exception-written", handlers::exception_written)
        .schedule("exceptions-due", handlers::exceptions_due)
        .schedule("nightly", handlers::nightly)
        .document("journal-written", handlers::journal_written)
        .schedule("seal-due", handlers::seal_due)
        .schedule("log-check-due", handlers::log_check_due)
        .document("shred-requested", handlers::shred_requested)
        .replays("replay-requested")
        .run()
}
