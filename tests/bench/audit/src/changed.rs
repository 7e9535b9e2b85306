//! One asset that changes in a large estate.

use std::{path::Path, time::Instant};

use audit_engine::{
    control::ControlSet,
    estate::{Estate, Subject, read},
};
use model::Timestamp;
use serde_json::{Value, json};

/// Assets that change, one after the other.
const CHANGES: usize = 5_000;

/// Loads an estate, and examines some of its assets again as if each had just changed: with
/// their own controls (`own`), and besides all that are judged by it with the controls that do
/// so (`all`). Returns the wall time of each in milliseconds, from its text to its verdicts.
pub(crate) fn changed(export: &Path, now: Timestamp) -> Result<Value, String> {
    let set = ControlSet::built_in();
    let (mut estate, mut texts) = (Estate::default(), Vec::new());
    read(export, |exported| {
        texts.push(exported.text().to_owned());
        estate.add(exported.subject()?);
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    let (mut own, mut all, mut asked) = (Vec::new(), Vec::new(), 0_u64);
    // A stride that has no factor in common with most sizes visits all parts of the estate.
    let changes = (0..CHANGES).filter_map(|index| texts.get(index * 7_919 % texts.len()));
    for text in changes {
        let started = Instant::now();
        let subject = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let subject = Subject::new(subject).map_err(|error| error.to_string())?;
        let (kind, facts) = (subject.asset_type(), subject.at(now));
        for control in set.of_type(kind) {
            std::hint::black_box(control.examine(&facts, &estate));
            asked += 1;
        }
        own.push(started.elapsed().as_secs_f64() * 1000.0);
        for control in set.joined_with(kind) {
            for dependent in control.dependents(&subject, &estate) {
                std::hint::black_box(control.examine(&dependent.at(now), &estate));
                asked += 1;
            }
        }
        all.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(json!({
        "assets": texts.len(), "changes": all.len(), "asked": asked,
        "own": shares(own), "all": shares(all),
    }))
}

/// Says how long the middle one, almost all, and the longest took.
fn shares(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize);
    json!({ "p50": at(0.5), "p99": at(0.99), "max": at(1.0) })
}
