//! Checks the services of the estate, opens incidents, and carries out approved overrides.

use destine_root::{Context, handlers};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!())
        .context(Context::connect)
        .schedule("check-due", handlers::check_due)
        .document("check-written", handlers::check_written)
        .document("canary-written", handlers::canary_written)
        .document("override-written", handlers::override_written)
        .schedule("overrides-due", handlers::overrides_due)
        .document("incident-written", handlers::incident_written)
        .document("finding-written", handlers::finding_written)
        .message("delivery-exhausted", handlers::delivery_exhausted)
        .replays("replay-requested")
        .run()
}
