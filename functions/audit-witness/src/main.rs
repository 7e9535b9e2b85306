//! Cosigns checkpoints of the audit log that only add to the last one it saw.

use audit_witness::{Context, routes};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!()).context(Context::connect).http("api", routes).run()
}
