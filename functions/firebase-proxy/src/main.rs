//! Gives people one API for everything that the mesh does.

use firebase_proxy::{Context, resources};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!()).context(Context::connect).http("api", resources::routes).run()
}
