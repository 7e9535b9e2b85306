//! Keeps people, their roles, elevations and access reviews, and explains who may do what.

use function::{Function, manifest};
use iam_control::{Context, handlers, routes};

fn main() -> std::process::ExitCode {
    Function::new(manifest!())
        .context(Context::connect)
        .http("api", routes::routes)
        .document("user-written", handlers::user_written)
        .schedule("sweep", handlers::sweep)
        .replays("replay-requested")
        .run()
}
