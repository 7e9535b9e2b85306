//! `mesh down`: stops a stack.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::place::Place;
use crate::{
    failure::Failure,
    supervisor::{
        proc_fs::Identity,
        process::signal_process,
        record::{Phase, Record},
        sweep,
    },
    terminal::{say, tell},
};

/// Functions get 10 s, the bridge 10 s, an export some, the emulators 5 s.
const LIMIT: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(100);

/// Stops a stack, and keeps its documents for the next start
///
/// Waits until every process is gone. Succeeds when nothing runs.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
}

/// Stops the stack.
pub async fn run(args: Args) -> Result<(), Failure> {
    let base = args.place.port_base;
    let state = args.place.state()?;
    let Some(record) = Record::load(&state) else {
        say(format!("no stack runs on port base {base}"));
        return Ok(());
    };
    if !record.supervisor.is_alive() {
        // It was killed. Its children die with it; this makes sure of it.
        sweep(&record).await;
        say(format!("no stack runs on port base {base}"));
        return Ok(());
    }
    let begun = Instant::now();
    if record.phase != Phase::Stopping {
        signal_process("TERM", record.supervisor);
    }
    if gone(record.supervisor, LIMIT).await {
        let seconds = begun.elapsed().as_secs_f64();
        say(format!("stopped the stack on port base {base} in {seconds:.1} s"));
        return Ok(());
    }
    tell(format!("! it did not stop within {} s; kills it", LIMIT.as_secs()));
    // The supervisor first, or it would start its parts again. It leads a group
    // only when it was detached, so it is killed by its own number.
    let last = Record::load(&state).unwrap_or(record);
    signal_process("KILL", last.supervisor);
    gone(last.supervisor, Duration::from_secs(5)).await;
    sweep(&last).await;
    say(format!("killed the stack on port base {base}; its last documents may be lost"));
    Ok(())
}

/// Waits until a process has ended; says whether it has.
async fn gone(process: Identity, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while process.is_alive() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(POLL).await;
    }
    true
}
