//! Asks the controls of a folder of every asset of an export, and prints which fail on what.
//!
//! ```sh
//! bench-audit ask EXPORT CONTROLS NOW    # reads them and asks
//! ```
//!
//! `tests/bench/audit.py` runs it beside Cloud Custodian.

use std::{collections::BTreeMap, path::Path, process::ExitCode, time::Duration};

use audit_engine::{
    control::ControlSet,
    estate::{Estate, Subject, read},
};
use cpu_time::ProcessTime;
use model::{Timestamp, audit::Verdict};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let said = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ask", export, controls, now] => ask(export, controls, now),
        _ => Err("say `ask EXPORT CONTROLS NOW`".to_owned()),
    };
    match said {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("bench-audit: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Assets that are asked about at a time: enough that reading the clock takes next to nothing,
/// and few enough that they are still in the cache, as when each is asked about once it is read.
const BATCH: usize = 64;

fn ask(export: &str, controls: &str, now: &str) -> Result<serde_json::Value, String> {
    let mut set = ControlSet::default();
    let broken = set.extend(Path::new(controls)).map_err(|error| error.to_string())?;
    if let Some(error) = broken.first() {
        return Err(error.to_string());
    }
    let now: Timestamp = now.parse().map_err(|_| format!("`{now}` is no instant"))?;
    let mut tally = Tally::default();
    let mut batch = Vec::with_capacity(BATCH);
    read(Path::new(export), |subject| {
        batch.push(subject);
        if batch.len() == BATCH {
            tally.ask(&set, &batch, now);
            batch.clear();
        }
    })
    .map_err(|error| error.to_string())?;
    tally.ask(&set, &batch, now);
    let Tally { asked, cpu, unknown, failing } = tally;
    let cpu = cpu.as_secs_f64();
    Ok(json!({ "asked": asked, "cpu": cpu, "unknown": unknown, "failing": failing }))
}

#[derive(Default)]
struct Tally {
    asked: u64,
    cpu: Duration,
    unknown: u64,
    failing: BTreeMap<String, Vec<String>>,
}

impl Tally {
    fn ask(&mut self, set: &ControlSet, batch: &[Subject], now: Timestamp) {
        let (estate, mut failing) = (Estate::default(), Vec::new());
        let started = ProcessTime::now();
        for subject in batch {
            let facts = subject.at(now);
            for control in set.of_type(subject.asset_type()) {
                self.asked += 1;
                match control.examine(&facts, &estate).verdict {
                    Verdict::Fail => failing.push((control, subject)),
                    Verdict::Unknown => self.unknown += 1,
                    _ => {}
                }
            }
        }
        self.cpu += started.elapsed();
        for (control, subject) in failing {
            let names = self.failing.entry(control.id.clone()).or_default();
            names.push(subject.name().to_owned());
        }
    }
}
