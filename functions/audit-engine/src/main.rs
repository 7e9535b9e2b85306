//! Audits the estate against its controls and keeps the findings.

use audit_engine::{Context, handlers};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!())
        .context(Context::connect)
        .document("estate-changed", handlers::estate_changed)
        .message("audit-requested", handlers::audit_requested)
        .schedule("nightly", handlers::nightly)
        .replays("replay-requested")
        .run()
}
