//! Asks controls of every asset of an export.
//!
//! ```sh
//! bench-audit ask EXPORT CONTROLS NOW    # those of a folder; prints which fail on what
//! bench-audit findings EXPORT NOW        # those that the engine comes with; keeps every row
//! bench-audit changed EXPORT NOW         # those and what depends on it, of one asset at a time
//! ```
//!
//! `tests/bench/audit.py` runs it beside Cloud Custodian.

mod changed;

use std::{collections::BTreeMap, path::Path, process::ExitCode, time::Duration};

use audit_engine::{
    assess::{Assessor, Keep},
    control::ControlSet,
    estate::{Estate, Subject, read},
};
use cpu_time::ProcessTime;
use model::{Timestamp, audit::Verdict};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match answer(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
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

fn answer(arguments: &[&str]) -> Result<serde_json::Value, String> {
    match *arguments {
        ["ask", export, controls, now] => ask(export, controls, now),
        ["findings", export, now] => findings(export, now),
        ["changed", export, now] => changed::changed(Path::new(export), instant(now)?),
        _ => Err("say `ask EXPORT CONTROLS NOW`, `findings EXPORT NOW` or `changed EXPORT NOW`"
            .to_owned()),
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
    let now = instant(now)?;
    let mut tally = Tally::default();
    let mut batch = Vec::with_capacity(BATCH);
    read(Path::new(export), |exported| {
        batch.push(exported.subject()?);
        if batch.len() == BATCH {
            tally.ask(&set, &batch, now);
            batch.clear();
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    tally.ask(&set, &batch, now);
    let Tally { asked, cpu, unknown, failing } = tally;
    let cpu = cpu.as_secs_f64();
    Ok(json!({ "asked": asked, "cpu": cpu, "unknown": unknown, "failing": failing }))
}

fn findings(export: &str, now: &str) -> Result<serde_json::Value, String> {
    let (set, now, export) = (ControlSet::built_in(), instant(now)?, Path::new(export));
    let (joined, mut estate) = (set.joined_types(), Estate::default());
    read(export, |exported| {
        if joined.contains(exported.head()?.asset_type.as_str()) {
            estate.add(exported.subject()?);
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    let mut assessor = Assessor::new(&set, now, Keep::All);
    let (mut cpu, mut batch) = (Duration::ZERO, Vec::with_capacity(BATCH));
    let mut ask = |batch: &mut Vec<Subject>| {
        let started = ProcessTime::now();
        for subject in &*batch {
            assessor.examine(subject, &estate);
        }
        cpu += started.elapsed();
        batch.clear();
    };
    read(export, |exported| {
        batch.push(exported.subject()?);
        if batch.len() == BATCH {
            ask(&mut batch);
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    ask(&mut batch);
    let started = ProcessTime::now();
    let rows = assessor.finish().rows.len();
    cpu += started.elapsed();
    Ok(json!({ "rows": rows, "cpu": cpu.as_secs_f64() }))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no instant"))
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
