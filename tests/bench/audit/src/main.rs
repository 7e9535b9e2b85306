//! Asks the controls of a folder of every asset of an export, and prints which fail on what.
//!
//! ```sh
//! bench-audit parse EXPORT               # reads the assets and does nothing else
//! bench-audit ask EXPORT CONTROLS NOW    # reads them and asks
//! ```
//!
//! `tests/bench/audit.py` runs it beside Cloud Custodian.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use audit_engine::{
    control::ControlSet,
    estate::{Estate, read},
};
use model::{Timestamp, audit::Verdict};
use serde_json::json;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let said = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["parse", export] => parse(export),
        ["ask", export, controls, now] => ask(export, controls, now),
        _ => Err("say `parse EXPORT` or `ask EXPORT CONTROLS NOW`".to_owned()),
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

fn parse(export: &str) -> Result<serde_json::Value, String> {
    let mut assets = 0_u64;
    read(Path::new(export), |_| assets += 1).map_err(|error| error.to_string())?;
    Ok(json!({ "assets": assets }))
}

fn ask(export: &str, controls: &str, now: &str) -> Result<serde_json::Value, String> {
    let mut set = ControlSet::default();
    let broken = set.extend(Path::new(controls)).map_err(|error| error.to_string())?;
    if let Some(error) = broken.first() {
        return Err(error.to_string());
    }
    let now: Timestamp = now.parse().map_err(|_| format!("`{now}` is no instant"))?;
    let (estate, mut asked) = (Estate::default(), 0_u64);
    let mut failing = BTreeMap::<String, Vec<String>>::new();
    let mut unknown = 0_u64;
    read(Path::new(export), |subject| {
        for control in set.of_type(subject.asset_type()) {
            asked += 1;
            match control.examine(&subject, &estate, now).verdict {
                Verdict::Fail => {
                    failing.entry(control.id.clone()).or_default().push(subject.name().to_owned());
                }
                Verdict::Unknown => unknown += 1,
                _ => {}
            }
        }
    })
    .map_err(|error| error.to_string())?;
    Ok(json!({ "asked": asked, "unknown": unknown, "failing": failing }))
}
