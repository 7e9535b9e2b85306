//! Reports of an audit, held to the schemas that others published, and plans.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{corpus, estate::AS_OF, root};

const FORMATS: [&str; 5] = ["csv", "sarif", "ocsf", "oscal", "html"];
/// Exports of the corpus that are no exports of assets.
const REFUSED: [&str; 2] = ["gcp_glb_external_ip.json", "gke_container_optimized_os.json"];

fn audit(arguments: &[&str]) -> Output {
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    program.push("audit");
    assert!(program.is_file(), "`audit` is not built: run `cargo build --workspace --bins`");
    Command::new(program).arg("run").args(arguments).args(["--now", AS_OF]).output().unwrap()
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("mesh-reports-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes an estate in every format that programs read, with the names of the formats; `left_out`
/// are the files that are not read.
fn reports(folder: &Path, what: &[&str], left_out: &[&str]) {
    let code = if left_out.is_empty() { 1 } else { 65 };
    for format in FORMATS {
        let file = folder.join(format!("report.{format}"));
        let output = ["--format", format, "--output", file.to_str().unwrap()];
        let output = audit(&[what, &output].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{format}: {said}");
        assert_eq!(said.lines().count(), left_out.len(), "{said}");
        for (said, file) in said.lines().zip(left_out) {
            assert!(said.contains("left out") && said.contains(file), "{said}");
        }
        assert!(output.stdout.is_empty());
    }
}

/// Returns what the validators find wrong with each report of a folder.
fn validated(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let validators = root().join("tests/reports");
    let python = validators.join(".venv/bin/python");
    assert!(
        python.is_file() && validators.join("node_modules/vnu-jar").is_dir(),
        "the validators are missing: run `emulator/install --with-tests`"
    );
    let output =
        Command::new(python).arg(validators.join("validate.py")).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn valid() -> BTreeMap<String, Vec<String>> {
    FORMATS.iter().map(|format| (format!("report.{format}"), Vec::new())).collect()
}

fn sample() -> String {
    root().join("emulator/seed/estate.ndjson").to_str().unwrap().to_owned()
}

#[test]
fn every_report_of_the_sample_estate_is_valid_and_the_same_again() {
    let (once, again) = (folder("once"), folder("again"));
    for folder in [&once, &again] {
        reports(folder, &["--estate", &sample()], &[]);
    }
    assert_eq!(validated(&once), valid());
    for format in FORMATS {
        let bytes = |folder: &Path| fs::read(folder.join(format!("report.{format}"))).unwrap();
        assert_eq!(bytes(&once), bytes(&again), "{format}");
    }
    let left: Vec<_> = fs::read_dir(&once).unwrap().collect();
    assert_eq!(left.len(), FORMATS.len(), "nothing lies beside the reports: {left:?}");
    for folder in [once, again] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn every_report_of_real_exports_is_valid() {
    let Some(files) = corpus() else {
        println!("the corpus is not here: set MESH_CORPUS to a folder with assets/*.json");
        return;
    };
    let folder = folder("corpus");
    let estate = files[0].parent().unwrap();
    reports(&folder, &["--estate", estate.to_str().unwrap()], &REFUSED);
    assert_eq!(validated(&folder), valid());
    fs::remove_dir_all(folder).unwrap();
}

/// Returns what an audit says of each control and asset: status and evidence.
fn verdicts(estates: &[&str]) -> BTreeMap<(String, String), (String, String)> {
    let estates = estates.iter().flat_map(|estate| ["--estate", estate]);
    let output = audit(&estates.chain(["--format", "ocsf"]).collect::<Vec<_>>());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events = lines.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    let verdict = |event: Value| {
        let said = &event["compliance"];
        let of = (text(&said["control"]), text(&event["resources"][0]["uid"]));
        (of, (text(&said["status"]), text(&said["status_detail"])))
    };
    events.map(verdict).collect()
}

#[test]
fn what_a_file_that_is_left_out_may_have_told_is_unknown() {
    let folder = folder("left-out");
    let broken = folder.join("broken.ndjson");
    let line = json!({"name": "//a", "assetType": "storage.googleapis.com/Bucket"});
    fs::write(&broken, format!("{line}\n{{")).unwrap();
    let whole = verdicts(&[&sample()]);
    let partial = verdicts(&[&sample(), broken.to_str().unwrap()]);
    assert_eq!(whole.len(), partial.len(), "nothing of the broken file is used");
    let changed = partial.iter().filter(|(of, verdict)| whole.get(of) != Some(verdict));
    let changed: Vec<_> = changed.collect();
    assert!(!changed.is_empty());
    assert!(changed.iter().all(|(_, (status, _))| status == "Warning"), "{changed:?}");
    fs::remove_dir_all(folder).unwrap();
}

/// Changes one place of a report in JSON.
fn changed(folder: &Path, format: &str, pointer: &str, value: Value) {
    let file = folder.join(format!("report.{format}"));
    let mut json: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{format}{pointer}")) = value;
    fs::write(file, json.to_string()).unwrap();
}

fn replaced(folder: &Path, format: &str, what: &str, by: &str) {
    let file = folder.join(format!("report.{format}"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(what), "{format} has no {what}");
    fs::write(file, text.replacen(what, by, 1)).unwrap();
}

#[test]
fn the_validators_refuse_what_is_wrong() {
    let good = folder("good");
    reports(&good, &["--estate", &sample()], &[]);
    let bad = folder("bad");
    let result = "/assessment-results/results/0";
    let nobody = json!("00000000-0000-4000-8000-000000000000");
    type Break<'a> = Box<dyn Fn() + 'a>;
    let json = |format, pointer: String, value: Value| -> Break<'_> {
        let bad = &bad;
        Box::new(move || changed(bad, format, &pointer, value.clone()))
    };
    let text = |format, what, by| -> Break<'_> {
        let bad = &bad;
        Box::new(move || replaced(bad, format, what, by))
    };
    // Each round breaks every format in one place.
    let rounds: [[Break<'_>; 5]; 3] = [
        [
            json("sarif", "/runs/0/results/0/level".into(), json!("severe")),
            text("ocsf", "\"class_uid\":2003", "\"class_uid\":2004"),
            json("oscal", format!("{result}/observations/0/uuid"), json!("not-a-uuid")),
            text("csv", "fail", "failed"),
            text("html", "</main>", ""),
        ],
        [
            json("sarif", "/runs/0/results/0/ruleIndex".into(), json!(0)),
            text("ocsf", "\"finding_info\"", "\"finding\""),
            json(
                "oscal",
                format!("{result}/findings/0/related-observations/0/observation-uuid"),
                nobody,
            ),
            text("csv", "control,title", "title,control"),
            text("html", " lang=\"en\"", ""),
        ],
        [
            json("sarif", "/version".into(), json!("2.0.0")),
            text("ocsf", "\"severity_id\":", "\"severity_id\":9"),
            json("oscal", format!("{result}/findings/0/target/status/state"), json!("maybe")),
            text("csv", "\r\n", "\n"),
            text("html", "<main>", "<main><img src=\"https://example.com/a.png\" alt=\"\">"),
        ],
    ];
    for round in rounds {
        for format in FORMATS {
            let name = format!("report.{format}");
            fs::copy(good.join(&name), bad.join(&name)).unwrap();
        }
        round.iter().for_each(|damage| damage());
        let found = validated(&bad);
        assert_eq!(found.len(), FORMATS.len());
        assert!(found.values().all(|problems| !problems.is_empty()), "{found:?}");
    }
    for folder in [good, bad] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_report_that_cannot_be_written_leaves_nothing_and_says_where() {
    let folder = folder("nowhere");
    let file = folder.join("missing/report.html");
    let file = file.to_str().unwrap();
    let output = audit(&["--estate", &sample(), "--format", "html", "--output", file]);
    assert_eq!(output.status.code(), Some(74));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--output") && said.contains(file), "{said}");
    let output = audit(&["--estate", &sample(), "--min-severity", "severe"]);
    assert_eq!(output.status.code(), Some(64));
    fs::remove_dir_all(folder).unwrap();
}

fn plan() -> PathBuf {
    root().join("functions/audit-engine/tests/plan/plan.json")
}

#[test]
fn every_report_of_a_plan_is_valid_and_says_what_was_not_checked() {
    let folder = folder("plan");
    let file = plan();
    let file = file.to_str().unwrap();
    for format in FORMATS {
        let report = folder.join(format!("report.{format}"));
        let report = report.to_str().unwrap();
        let output = audit(&["--plan", file, "--format", format, "--output", report]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        let said = String::from_utf8(output.stderr).unwrap();
        let expected = "audit run: not checked: 1 of google_kms_key_ring\n\
                        audit run: not checked: 1 of random_id\n";
        assert_eq!(said, expected, "{format}");
    }
    assert_eq!(validated(&folder), valid());
    fs::remove_dir_all(folder).unwrap();
    let text = String::from_utf8(audit(&["--plan", file]).stdout).unwrap();
    assert!(text.contains("RUN-01 fails on 1 (critical)"), "{text}");
    assert!(text.contains("not checked:\n  google_kms_key_ring: 1\n  random_id: 1\n"), "{text}");
}

#[test]
fn a_plan_of_an_unknown_format_is_refused() {
    let folder = folder("later");
    let file = folder.join("plan.json");
    let mut plan: Value = serde_json::from_slice(&fs::read(plan()).unwrap()).unwrap();
    plan["format_version"] = json!("2.0");
    fs::write(&file, plan.to_string()).unwrap();
    let output = audit(&["--plan", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(65));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`format_version` is `2.0`"), "{said}");
    let both = audit(&["--plan", "plan.json", "--estate", "estate.ndjson"]);
    assert_eq!(both.status.code(), Some(64));
    fs::remove_dir_all(folder).unwrap();
}
