//! Serves the page that people run the mesh from.

use dashboard::{Context, site};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!()).context(Context::connect).files("page", site::routes).run()
}
