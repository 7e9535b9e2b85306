//! The benchmarks and the controls say the same of each other.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use audit_engine::benchmark::{Benchmark, Framework};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn controls() -> BTreeMap<String, Value> {
    let files = fs::read_dir(folder("controls")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let control: Value =
                serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), control)
        })
        .collect()
}

fn strings(value: &Value) -> BTreeSet<String> {
    let values = value.as_array().expect("a list");
    values.iter().map(|value| value.as_str().expect("a text").to_owned()).collect()
}

fn benchmark(framework: Framework) -> &'static Benchmark {
    Benchmark::embedded().iter().find(|benchmark| benchmark.id == framework).unwrap()
}

/// Compares the rows of a benchmark with the mappings of the controls, both ways.
fn check(framework: Framework, rows: usize) {
    let id = framework.id();
    let controls = controls();
    let benchmark = benchmark(framework);
    assert!(benchmark.title.starts_with("CIS "));
    assert_eq!(benchmark.rows.len(), rows);
    let mut mapped = BTreeMap::<&str, BTreeSet<String>>::new();
    for (name, control) in &controls {
        for number in control["mappings"][id].as_array().expect("a list of numbers") {
            mapped.entry(number.as_str().expect("a number")).or_default().insert(name.clone());
        }
    }
    let mut numbers = BTreeSet::new();
    for row in &benchmark.rows {
        let number = row.number.as_str();
        assert!(numbers.insert(number), "{number} is there twice");
        assert!(!row.title.is_empty(), "{number} has no title");
        assert_eq!(row.controls, mapped.remove(number).unwrap_or_default(), "{number}");
        assert_eq!(row.manual, row.controls.is_empty(), "{number}");
        if !row.manual {
            let types =
                row.controls.iter().flat_map(|name| strings(&controls[name]["asset_types"]));
            assert_eq!(row.asset_types, types.collect(), "{number}");
        }
    }
    assert!(mapped.is_empty(), "no rows for {mapped:?}");
}

#[test]
fn every_row_of_version_five_names_the_controls_that_map_to_it() {
    check(Framework::CisGcpV5, 93);
}

#[test]
fn every_row_of_version_four_names_the_controls_that_map_to_it() {
    check(Framework::CisGcpV4, 84);
}

#[test]
fn a_row_has_the_same_title_and_controls_in_both_versions() {
    let five = &benchmark(Framework::CisGcpV5).rows;
    let titles: BTreeMap<_, _> = five.iter().map(|row| (&row.title, &row.controls)).collect();
    assert_eq!(titles.len(), five.len(), "two rows share a title");
    for row in &benchmark(Framework::CisGcpV4).rows {
        assert_eq!(titles.get(&row.title), Some(&&row.controls), "{}", row.number);
    }
}

#[test]
fn every_control_maps_to_iso_and_soc_and_has_a_file_of_its_name() {
    let numbered = |text: &str, prefixes: &[&str]| {
        prefixes.iter().any(|prefix| {
            text.strip_prefix(prefix).is_some_and(|rest| {
                rest.split('.').all(|part| !part.is_empty() && part.parse::<u8>().is_ok())
            })
        })
    };
    for (name, control) in controls() {
        assert_eq!(control["id"], name.as_str());
        let iso = strings(&control["mappings"]["iso27001_2022"]);
        assert!(!iso.is_empty() && iso.iter().all(|id| numbered(id, &["A.5.", "A.8."])), "{name}");
        let soc = strings(&control["mappings"]["soc2"]);
        assert!(!soc.is_empty() && soc.iter().all(|id| numbered(id, &["CC"])), "{name}");
    }
}
