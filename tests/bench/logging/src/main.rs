//! Measures what a line of log costs, written to a file as a function writes it to its
//! standard output: one system call for each.
//!
//! ```sh
//! cargo run --release -p bench-logging
//! ```

use std::{
    fs::File,
    process::ExitCode,
    time::{Duration, Instant},
};

use telemetry::{Scope, Settings, TraceContext, scoped};
use tracing::{debug, error, info};

/// How many lines each round writes.
const LINES: u32 = 200_000;
/// How many rounds there are; the median counts, because others use the machine as well.
const ROUNDS: usize = 9;
/// What a line may cost.
const BOUND: Duration = Duration::from_micros(5);

/// One kind of line.
struct Kind {
    name: &'static str,
    write: fn(u64),
}

const KINDS: [Kind; 4] = [
    Kind { name: "an outcome, as every delivery leaves one", write: outcome },
    Kind { name: "a line with an identifier in its words", write: words },
    Kind { name: "a line that is filtered out", write: |n| debug!(n, "not written") },
    // Goes through `tracing-stackdriver`, and is an error report.
    Kind { name: "an error", write: |n| error!(code = "INTERNAL", n, "failed") },
];

fn outcome(duration_ms: u64) {
    let trigger = "finding-written";
    info!(
        outcome = "done",
        trigger,
        attempt = Some(1),
        duration_ms,
        retry = false,
        "handled `{trigger}` in {duration_ms} ms"
    );
}

fn words(number: u64) {
    info!(resource = %number, "examined resource `vm-{number}`");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Ok(sink) = File::options().write(true).open("/dev/null") else {
        return ExitCode::FAILURE;
    };
    let settings = Settings {
        project: "demo-mesh".to_owned(),
        service: "audit-engine".to_owned(),
        revision: "audit-engine-00001-abc".to_owned(),
        filter: None,
    };
    let subscriber = telemetry::subscriber(&settings, std::sync::Arc::new(sink));
    let _guard = tracing::subscriber::set_default(subscriber);
    let scope = Scope::new(Some(TraceContext::random().child()))
        .label("trigger", "finding-written")
        .label("event_id", "f".repeat(64))
        .label("correlation_id", "0198b9a2-7e3c-7c3e-8a2f-0f5f3a1c2b4d");
    let within = scoped(scope, async { KINDS.iter().map(measure).collect::<Vec<_>>() }).await;
    let mut kept = true;
    for (kind, each) in KINDS.iter().zip(within) {
        let fits = each <= BOUND;
        kept &= fits;
        let verdict = if fits { "" } else { "  more than 5 µs" };
        println!("{}: {each:?}{verdict}", kind.name);
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Returns the median cost of a line.
fn measure(kind: &Kind) -> Duration {
    let mut rounds: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            (0..LINES).for_each(|number| (kind.write)(u64::from(number)));
            started.elapsed() / LINES
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}
