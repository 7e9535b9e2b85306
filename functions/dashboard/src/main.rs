//! Serves the page that people run the mesh from.

use dashboard::{Site, site};
use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!()).context(Site::connect).files("page", site::routes).run()
}
