//! `mesh tick`: fires a schedule now.

use super::{admin::Admin, place::Place};
use crate::{failure::Failure, terminal::say};

/// Fires a schedule now, as Cloud Scheduler would
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh tick nightly                              run the nightly audit
  mesh tick destine-root.check-due               name the function, too
  mesh tick nightly --at 2026-11-24T03:00:00Z    for a scheduled time of your own

A schedule that fires twice for the same time has its effect once.")]
pub struct Args {
    /// The trigger of a function.yaml, as TRIGGER or FUNCTION.TRIGGER
    schedule: String,
    /// The scheduled time that the function is told [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    #[command(flatten)]
    place: Place,
}

/// Fires the schedule.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    Admin::of(&stack)?.tick(&args.schedule, args.at).await?;
    say(format!("`{}` fired; `mesh logs -f` shows what comes of it", args.schedule));
    Ok(())
}
