//! `mesh status`: what runs.

use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    admin::{Admin, BridgeStatus},
    place::Place,
};
use crate::{
    bridge::Chaos,
    failure::Failure,
    stack::Stack,
    supervisor::record::{PartRecord, Phase, Record},
    terminal::say,
};

/// The exit code of a stack that does not run, as `systemctl status` has it.
const NOT_RUNNING: u8 = 3;

/// Shows each part of a stack, and what waits to be delivered
///
/// Exits with 3 when the stack does not run.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Prints JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Shows the status.
pub async fn run(args: Args) -> Result<ExitCode, Failure> {
    let state = args.place.state()?;
    let Some(record) = Record::running(&state) else {
        match args.json {
            true => say(json!({ "running": false, "port_base": args.place.port_base })),
            false => say(format!("no stack runs on port base {}", args.place.port_base)),
        }
        return Ok(ExitCode::from(NOT_RUNNING));
    };
    let stack = Stack::load(&state).map_err(Failure::internal)?;
    let bridge = Admin::of(&stack)?.status().await.ok();
    match args.json {
        true => say(as_json(&stack, &record, bridge.as_ref())),
        false => table(&stack, &record, bridge.as_ref()),
    }
    Ok(ExitCode::SUCCESS)
}

fn memory_kib(part: &PartRecord) -> Option<u64> {
    part.process?.memory_kib()
}

fn as_json(stack: &Stack, record: &Record, bridge: Option<&Value>) -> Value {
    let parts = record.parts.iter().map(|part| {
        json!({
            "name": part.name,
            "state": part.state,
            "pid": part.process.map(|process| process.pid),
            "port": part.port,
            "restarts": part.restarts,
            "last_end": part.last_end,
            "memory_kib": memory_kib(part),
        })
    });
    json!({
        "running": true,
        "phase": record.phase,
        "project": stack.project,
        "port_base": stack.port_base,
        "state": stack.state,
        "started_at": record.started_at.to_string(),
        "supervisor": {
            "pid": record.supervisor.pid,
            "memory_kib": record.supervisor.memory_kib(),
        },
        "parts": parts.collect::<Vec<_>>(),
        "bridge": bridge,
    })
}

fn table(stack: &Stack, record: &Record, bridge: Option<&Value>) {
    let phase = match record.phase {
        Phase::Starting => "is starting",
        Phase::Ready => "runs",
        Phase::Stopping => "is stopping",
    };
    say(format!("`{}` {phase} since {:.0}", stack.project, record.started_at));
    say("");
    let width = record.parts.iter().map(|part| part.name.len()).max().unwrap_or_default().max(10);
    let row = |name: &str, state: &str, pid: &str, port: &str, restarts: &str, memory: &str| {
        say(format!("{name:width$}  {state:8}  {pid:>8}  {port:>5}  {restarts:>8}  {memory:>9}"));
    };
    row("PART", "STATE", "PID", "PORT", "RESTARTS", "MEMORY");
    let own = record.supervisor.memory_kib();
    for part in &record.parts {
        let pid = part.process.map_or_else(|| "-".to_owned(), |process| process.pid.to_string());
        let (port, restarts) = (part.port.to_string(), part.restarts.to_string());
        row(&part.name, part.state.name(), &pid, &port, &restarts, &mebibytes(memory_kib(part)));
    }
    row("supervisor", "ready", &record.supervisor.pid.to_string(), "-", "-", &mebibytes(own));
    let all = record.parts.iter().filter_map(memory_kib).chain(own).sum();
    row("all", "", "", "", "", &mebibytes(Some(all)));
    say("");
    match bridge.map(BridgeStatus::deserialize) {
        Some(Ok(bridge)) => deliveries(&bridge),
        Some(Err(_)) | None => say("the bridge does not answer; see `mesh logs bridge`"),
    }
}

fn deliveries(bridge: &BridgeStatus) {
    let sum = |of: fn(&super::admin::Lane) -> u64| bridge.lanes.iter().map(of).sum::<u64>();
    say(format!(
        "deliveries: {} waiting, {} done, {} tried again, {} given up",
        bridge.queue,
        sum(|lane| lane.delivered),
        sum(|lane| lane.retried),
        sum(|lane| lane.dead_lettered),
    ));
    for lane in bridge.lanes.iter().filter(|lane| lane.pending > 0) {
        say(format!("  {} / {}: {} waiting", lane.function, lane.trigger, lane.pending));
    }
    if bridge.clock_offset_ms.abs() >= 1000 {
        say(format!("the clock of the schedules shows {}", bridge.clock));
    }
    if bridge.chaos != Chaos::default().to_string() {
        say(format!("faults: {}", bridge.chaos));
    }
}

fn mebibytes(kib: Option<u64>) -> String {
    kib.map_or_else(|| "-".to_owned(), |kib| format!("{} MiB", kib.div_ceil(1024)))
}
