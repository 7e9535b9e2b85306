//! `mesh clock`: the time by which schedules fire.

use jiff::{SignedDuration, Unit};
use serde::Deserialize;
use serde_json::Value;

use super::{
    admin::{Admin, BridgeStatus},
    place::Place,
};
use crate::{failure::Failure, terminal::say};

/// Shows or moves the clock by which schedules fire
///
/// Only schedules follow this clock. Tokens, events and documents keep real time.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh clock                               show it
  mesh clock --set 2026-12-24T02:59:50Z    ten seconds before the nightly audit
  mesh clock --set now                     back to real time")]
pub struct Args {
    /// The time to go on from, or `now`
    #[arg(long, value_name = "TIME", value_parser = parse)]
    set: Option<Setting>,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Setting {
    Now,
    Time(jiff::Timestamp),
}

fn parse(text: &str) -> Result<Setting, jiff::Error> {
    if text == "now" {
        return Ok(Setting::Now);
    }
    text.parse().map(Setting::Time)
}

/// Shows or moves the clock.
pub async fn run(args: Args) -> Result<(), Failure> {
    let admin = Admin::of(&args.place.running()?)?;
    match args.set {
        Some(Setting::Now) => drop(admin.set_clock(None).await?),
        Some(Setting::Time(now)) => drop(admin.set_clock(Some(now)).await?),
        None => {}
    }
    let status: Value = admin.status().await?;
    let status = BridgeStatus::deserialize(&status).map_err(Failure::internal)?;
    let time: jiff::Timestamp = status.clock.parse().map_err(Failure::internal)?;
    let seconds = SignedDuration::from_millis(status.clock_offset_ms).round(Unit::Second);
    match seconds.map_err(Failure::internal)? {
        SignedDuration::ZERO => say(format!("{time:.0} (real time)")),
        offset => say(format!("{time:.0} ({offset:#} from real time)")),
    }
    Ok(())
}
