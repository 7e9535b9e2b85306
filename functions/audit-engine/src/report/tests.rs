//! What holds of every format.

use model::audit::Verdict;
use serde_json::{Value, json};

use super::{Format, render};
use crate::{
    assess::{Assessment, Assessor, Keep},
    control::ControlSet,
    estate::{Estate, Subject},
};

const FORMATS: [Format; 6] =
    [Format::Text, Format::Csv, Format::Sarif, Format::Ocsf, Format::Oscal, Format::Html];
const HOSTILE: &str = "//storage.googleapis.com/</script><script>alert(\"1\")</script>";

/// A bucket that fails, one that nothing is known of, one that is exempt and one that holds.
fn assessment() -> Assessment<'static> {
    let now = "2026-11-23T00:00:00Z".parse().expect("a time");
    let mut assessor = Assessor::new(ControlSet::embedded(), now, Keep::All);
    for (name, data) in [
        ("//storage.googleapis.com/a", json!({"name": "a"})),
        ("//storage.googleapis.com/b", json!({})),
        (HOSTILE, json!({"name": "c"})),
        (
            "//storage.googleapis.com/d",
            json!({
                "name": "d", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": true}},
            }),
        ),
    ] {
        let bucket = json!({
            "name": name,
            "assetType": "storage.googleapis.com/Bucket",
            "resource": {"data": data},
        });
        assessor.examine(&Subject::new(bucket).expect("an asset"), &Estate::default());
    }
    let mut assessment = assessor.finish();
    let fails = |verdict| verdict == Verdict::Fail;
    let exempt =
        assessment.rows.iter_mut().find(|row| fails(row.verdict) && row.asset.ends_with("/a"));
    exempt.expect("a row that fails").verdict = Verdict::Exempt;
    assessment
}

fn told(format: Format) -> String {
    let mut out = Vec::new();
    render(format, &assessment(), &mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

fn parsed(format: Format) -> Value {
    serde_json::from_str(&told(format)).expect("JSON")
}

#[test]
fn the_same_assessment_has_the_same_bytes() {
    for format in FORMATS {
        assert_eq!(told(format), told(format), "{format:?}");
    }
}

#[test]
fn no_name_is_markup_on_the_page() {
    let page = told(Format::Html);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
}

#[test]
fn sarif_has_a_level_for_what_fails_alone_and_suppresses_what_is_exempt() {
    let log = parsed(Format::Sarif);
    let results = log["runs"][0]["results"].as_array().expect("results").clone();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules").clone();
    let mut seen = [0; 3];
    for result in &results {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let suppressed = !result["suppressions"].as_array().expect("a list").is_empty();
        match result["properties"]["verdict"].as_str().expect("a text") {
            "fail" => {
                assert!(result["kind"] == "fail" && result["level"] != "none" && !suppressed);
                seen[0] += 1;
            }
            "unknown" => {
                assert!(result["kind"] == "open" && result["level"] == "none" && !suppressed);
                seen[1] += 1;
            }
            "exempt" => {
                assert!(result["kind"] == "fail" && suppressed);
                seen[2] += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
    let fingerprint = |result: &Value| result["partialFingerprints"].to_string();
    let prints: std::collections::BTreeSet<_> = results.iter().map(fingerprint).collect();
    assert_eq!(prints.len(), results.len());
}

#[test]
fn ocsf_has_an_event_for_every_verdict() {
    let told = told(Format::Ocsf);
    let events: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.len(), assessment().rows.len());
    for event in &events {
        let expected = match event["unmapped"]["verdict"].as_str().expect("a text") {
            "pass" => (1, None, Some(1)),
            "unknown" => (2, Some(1), None),
            "fail" => (3, Some(1), None),
            "exempt" => (3, Some(3), None),
            "not_applicable" => (99, None, Some(1)),
            other => panic!("{other}"),
        };
        assert_eq!(event["compliance"]["status_id"], expected.0);
        assert_eq!(event["status_id"].as_u64(), expected.1);
        assert!(expected.2.is_none_or(|severity| event["severity_id"] == severity));
        assert_eq!(event["type_uid"], 200_301);
        assert_eq!(event["time"], 1_795_392_000_000_u64);
    }
}

#[test]
fn oscal_is_satisfied_by_nothing_but_what_holds_or_concerns_nothing() {
    let document = parsed(Format::Oscal);
    let outcome = &document["assessment-results"]["results"][0];
    let findings = outcome["findings"].as_array().expect("findings");
    for finding in findings {
        let status = &finding["target"]["status"];
        let satisfied = status["state"] == "satisfied";
        let verdict = status["remarks"].as_str().expect("a text");
        assert_eq!(satisfied, ["pass", "not_applicable"].contains(&verdict), "{finding}");
    }
    let rows = findings.iter().filter(|finding| {
        finding["target"]["target-id"].as_str().is_some_and(|id| id.starts_with("cis_gcp_v5-"))
    });
    assert_eq!(rows.count(), 93);
    let observations = outcome["observations"].as_array().expect("observations");
    assert_eq!(observations.len(), assessment().rows.len());
}

#[test]
fn the_page_has_every_row_of_both_benchmarks() {
    let page = told(Format::Html);
    assert!(page.contains("<p>93 rows: ") && page.contains("<p>84 rows: "));
}
