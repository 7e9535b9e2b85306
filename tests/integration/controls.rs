//! The controls on assets that nobody wrote for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use audit_engine::{
    assess::{Assessment, Assessor, Keep},
    control::ControlSet,
    estate::{Estate, Subject},
};
use model::{asset::Asset, audit::Verdict};

use crate::{corpus, estate};

/// What is expected of each file of the corpus: its name, and what fails.
const EXPECTED: &str = include_str!("controls/corpus.txt");
/// Files that are no JSON and are refused as a whole.
const REFUSED: [&str; 2] = ["gcp_glb_external_ip.json", "gke_container_optimized_os.json"];

fn assess(assets: &[Asset]) -> Assessment<'static> {
    let subjects: Vec<_> = assets.iter().map(|asset| Subject::try_from(asset).unwrap()).collect();
    let whole: Estate = subjects.iter().cloned().collect();
    let mut assessor =
        Assessor::new(ControlSet::embedded(), estate::AS_OF.parse().unwrap(), Keep::All);
    for subject in &subjects {
        assessor.examine(subject, &whole);
    }
    assessor.finish()
}

/// Writes what fails: `GKE-02 GKE-13(joe-clust-bad)`.
fn failures(assessment: &Assessment<'_>) -> String {
    let mut by_control = BTreeMap::<&str, (BTreeSet<&str>, usize)>::new();
    for row in &assessment.rows {
        let (failing, others) = by_control.entry(&row.control.id).or_default();
        if row.verdict == Verdict::Fail {
            failing.insert(row.asset.rsplit('/').next().unwrap_or_default());
        } else {
            *others += 1;
        }
    }
    let mut line = String::new();
    for (control, (failing, others)) in by_control {
        if failing.is_empty() {
            continue;
        }
        write!(line, " {control}").unwrap();
        if others > 0 {
            write!(line, "({})", Vec::from_iter(failing).join(" ")).unwrap();
        }
    }
    line.trim().to_owned()
}

#[test]
fn the_controls_find_in_real_exports_what_is_wrong_with_them() {
    let Some(files) = corpus() else {
        println!("the corpus is not here: set MESH_CORPUS to a folder with assets/*.json");
        return;
    };
    let expected: BTreeMap<_, _> = EXPECTED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(':').expect("a file and what fails"))
        .collect();
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let parsed = emulator::estate::parse(&fs::read(file).unwrap());
        if REFUSED.contains(&name.as_str()) {
            assert!(parsed.is_err(), "{name} is no JSON");
            continue;
        }
        let found = failures(&assess(&parsed.unwrap().assets));
        let wanted =
            expected.get(name.as_str()).map_or("nothing is said of it", |line| line.trim());
        if found != wanted {
            wrong.push(format!("{name}\n  found  {found}\n  wanted {wanted}"));
        }
        seen.insert(name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen.len(), expected.len(), "a file that is expected is not there");
}

#[test]
fn the_sample_estate_deserves_what_its_readme_lists() {
    let assessment = assess(&estate::sample());
    let found: BTreeSet<_> = assessment
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Fail)
        .map(|row| (row.asset.to_string(), row.control.id.clone()))
        .collect();
    assert_eq!(found, estate::expected());
}

/// An export may hold resources without policies, or policies without resources.
#[test]
fn half_an_export_never_passes_what_needs_the_other_half() {
    let assets = estate::sample();
    let whole: BTreeMap<_, _> = verdicts(&assets);
    for half in [without_policies as fn(&mut Asset), without_resources] {
        let mut assets = assets.clone();
        assets.iter_mut().for_each(half);
        for (row, verdict) in verdicts(&assets) {
            let before = whole.get(&row).copied();
            // A verdict stays, or becomes unknown; only what one half alone decides stays.
            let same = before == Some(verdict);
            assert!(same || verdict == Verdict::Unknown, "{row:?}: {before:?}, then {verdict:?}");
        }
    }
}

fn verdicts(assets: &[Asset]) -> BTreeMap<(String, String), Verdict> {
    let assessment = assess(assets);
    let rows = assessment.rows.into_iter();
    rows.map(|row| ((row.control.id.clone(), row.asset.to_string()), row.verdict)).collect()
}

fn without_policies(asset: &mut Asset) {
    asset.iam_policy = None;
}

fn without_resources(asset: &mut Asset) {
    asset.resource = None;
}
