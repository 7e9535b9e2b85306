//! Measures how fast a control is asked, and how soon an override is in force in twelve
//! instances and acknowledged by all of them.
//!
//! ```sh
//! cargo build --release -p destine-root -p firebase-proxy
//! cargo run --release -p bench-controls            # 1,000 toggles; or say how many
//! ```

mod asked;
mod toggled;

use std::{alloc::System, time::Duration};

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts what is allocated.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let toggles = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000);
    asked::measure();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(toggled::measure(toggles)),
        Err(error) => eprintln!("cannot start: {error}"),
    }
}

/// Returns a share of the times, which are sorted for it.
fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}
