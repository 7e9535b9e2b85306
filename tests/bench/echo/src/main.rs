//! Reads orders and answers what they come to, for measuring.

mod handlers;
mod order;

use function::{Function, manifest};

fn main() -> std::process::ExitCode {
    Function::new(manifest!())
        .http("api", handlers::routes)
        .message("order-placed", handlers::order_placed)
        .document("order-written", handlers::order_written)
        .run()
}
