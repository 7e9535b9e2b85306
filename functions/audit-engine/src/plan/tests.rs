//! A plan that Terraform made of `tests/plan/main.tf`, and plans that are wrong.

use std::collections::BTreeMap;

use model::audit::Verdict;
use serde_json::{Value as Json, json};

use super::{Plan, PlanError};
use crate::{assess::Keep, control::ControlSet};

const PLAN: &[u8] = include_bytes!("../../tests/plan/plan.json");

type Verdicts = BTreeMap<(String, String), (Verdict, String)>;

fn verdicts(plan: &Json) -> Verdicts {
    let plan = Plan::parse(plan.to_string().as_bytes()).expect("a plan");
    let now = "2026-11-23T00:00:00Z".parse().expect("a time");
    let rows = plan.assess(ControlSet::embedded(), now, Keep::All).rows;
    rows.into_iter()
        .map(|row| ((row.control.id.clone(), row.asset.to_string()), (row.verdict, row.evidence)))
        .collect()
}

fn plan() -> Json {
    serde_json::from_slice(PLAN).expect("JSON")
}

/// The resource of an address.
fn resource<'j>(plan: &'j mut Json, address: &str) -> &'j mut Json {
    let resources = plan["resource_changes"].as_array_mut().expect("a list");
    resources.iter_mut().find(|one| one["address"] == address).expect(address)
}

const SERVICE: &str =
    "//run.googleapis.com/projects/harbour-prod/locations/europe-west1/services/ingest";
const TOPIC: &str = "//pubsub.googleapis.com/projects/harbour-prod/topics/events";
const PUSHED: &str = "//pubsub.googleapis.com/projects/harbour-prod/subscriptions/events-to-ingest";
const PHOTOS: &str = "//storage.googleapis.com/harbour-photos";
const EXPORTS: &str = "//storage.googleapis.com/harbour-exports";
const DATABASE: &str = "//firestore.googleapis.com/projects/harbour-prod/databases/(default)";

fn check(verdicts: &Verdicts, control: &str, asset: &str, verdict: Verdict, said: &str) {
    let found = verdicts.get(&(control.to_owned(), asset.to_owned()));
    let found = found.unwrap_or_else(|| panic!("{control} was not asked of {asset}"));
    assert!(found.0 == verdict && found.1.contains(said), "{control} of {asset}: {found:?}");
}

#[test]
fn a_real_plan_is_judged_by_the_same_controls() {
    use Verdict::{Fail, Pass, Unknown};
    let verdicts = verdicts(&plan());
    for (control, asset, verdict, said) in [
        ("RUN-01", SERVICE, Fail, "everybody"),
        ("RUN-02", SERVICE, Fail, ""),
        ("RUN-05", SERVICE, Fail, ""),
        ("RUN-06", SERVICE, Pass, ""),
        ("RUN-07", SERVICE, Pass, ""),
        ("RUN-08", SERVICE, Pass, ""),
        ("RUN-09", SERVICE, Pass, ""),
        ("RUN-10", SERVICE, Pass, ""),
        ("RUN-15", SERVICE, Pass, ""),
        // The account is made by the same apply.
        ("RUN-03", SERVICE, Unknown, "resource.template.serviceAccount"),
        // The service tells after its first revision.
        ("RUN-14", SERVICE, Unknown, "resource.terminalCondition"),
        ("PS-01", TOPIC, Unknown, "iam.bindings"),
        ("PS-04", TOPIC, Pass, ""),
        ("PS-05", PUSHED, Unknown, "resource.topic"),
        ("PS-06", PUSHED, Unknown, "resource.topic"),
        ("GCS-01", PHOTOS, Fail, ""),
        ("GCS-02", PHOTOS, Fail, ""),
        ("GCS-01", EXPORTS, Pass, ""),
        ("GCS-02", EXPORTS, Pass, ""),
        ("FS-01", DATABASE, Fail, ""),
        ("FS-02", DATABASE, Pass, ""),
    ] {
        check(&verdicts, control, asset, verdict, said);
    }
    let project = "//cloudresourcemanager.googleapis.com/projects/harbour-prod";
    check(&verdicts, "IAM-01", project, Fail, "");
    // What others granted on the project the plan does not tell.
    check(&verdicts, "SM-04", project, Unknown, "iam.bindings");
    check(&verdicts, "FS-10", project, Unknown, "iam.auditConfigs");
    let log = "//logging.googleapis.com/projects/harbour-prod/locations/global/buckets/audit";
    check(&verdicts, "LOG-03", log, Pass, "");
    let key = "//iam.googleapis.com/google_service_account_key.ingest";
    check(&verdicts, "IAM-04", key, Fail, "");
    let not_checked = Plan::parse(PLAN).expect("a plan").not_checked;
    let expected = [("google_kms_key_ring", 1), ("random_id", 1)];
    let expected = expected.map(|(kind, count)| (kind.to_owned(), count));
    assert_eq!(not_checked.into_iter().collect::<Vec<_>>(), expected);
}

/// Returns where every value stands, however deep.
fn places(json: &Json, here: &[String], places: &mut Vec<Vec<String>>) {
    let inner: Vec<(String, &Json)> = match json {
        Json::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Json::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (key, value) in inner.into_iter().filter(|(_, value)| !value.is_null()) {
        let place = [here, &[key]].concat();
        self::places(value, &place, places);
        places.push(place);
    }
}

/// Takes what is known at a place away, and says that it is unknown.
fn forget(after: &mut Json, later: &mut Json, place: &[String]) {
    let (Some(key), rest) = (place.first(), place.get(1..).unwrap_or_default()) else { return };
    match after {
        Json::Array(list) => {
            let at: usize = key.parse().expect("an index");
            if !later.is_array() {
                *later = json!([]);
            }
            let laters = later.as_array_mut().expect("a list");
            while laters.len() <= at {
                laters.push(json!({}));
            }
            if rest.is_empty() {
                (list[at], laters[at]) = (Json::Null, json!(true));
            } else {
                forget(&mut list[at], &mut laters[at], rest);
            }
        }
        after => {
            if rest.is_empty() {
                after.as_object_mut().expect("an object").remove(key);
                later[key.as_str()] = json!(true);
            } else {
                forget(&mut after[key.as_str()], &mut later[key.as_str()], rest);
            }
        }
    }
}

#[test]
fn nothing_passes_for_want_of_what_the_plan_does_not_know() {
    let plan = plan();
    let before = verdicts(&plan);
    let resources = plan["resource_changes"].as_array().expect("a list");
    let (mut tried, mut lost) = (0, 0);
    for (index, resource) in resources.iter().enumerate() {
        let mut places = Vec::new();
        self::places(&resource["change"]["after"], &[], &mut places);
        for place in places {
            let mut plan = plan.clone();
            let change = &mut plan["resource_changes"][index]["change"];
            let (mut after, mut later) = (change["after"].take(), change["after_unknown"].take());
            forget(&mut after, &mut later, &place);
            (change["after"], change["after_unknown"]) = (after, later);
            for (row, (verdict, _)) in verdicts(&plan) {
                // An asset whose name is unknown is another one.
                let Some((known, _)) = before.get(&row) else { continue };
                let worse = verdict == *known || verdict == Verdict::Unknown;
                assert!(worse, "without {place:?} {row:?} is {verdict:?} and no more {known:?}");
                lost += usize::from(verdict != *known);
            }
            tried += 1;
        }
    }
    assert!(tried > 120 && lost > 80, "{tried} values, {lost} verdicts");
}

#[test]
fn a_grant_on_what_nobody_can_tell_is_judged_and_puts_all_in_doubt() {
    let mut plan = plan();
    check(&verdicts(&plan), "GCS-01", EXPORTS, Verdict::Pass, "");
    let grant = resource(&mut plan, "google_storage_bucket_iam_member.photos");
    grant["change"]["after"]["bucket"] = Json::Null;
    grant["change"]["after_unknown"]["bucket"] = json!(true);
    // The configuration still says which.
    check(&verdicts(&plan), "GCS-01", PHOTOS, Verdict::Fail, "");
    check(&verdicts(&plan), "GCS-01", EXPORTS, Verdict::Pass, "");
    plan["configuration"] = Json::Null;
    let verdicts = verdicts(&plan);
    check(&verdicts, "GCS-01", EXPORTS, Verdict::Unknown, "iam.bindings");
    let address = "//storage.googleapis.com/google_storage_bucket_iam_member.photos";
    check(&verdicts, "GCS-01", address, Verdict::Fail, "");
}

#[test]
fn a_grant_on_what_exists_already_does_not_tell_who_else_was_let_in() {
    let mut plan = plan();
    resource(&mut plan, "google_storage_bucket.exports")["change"]["actions"] = json!(["no-op"]);
    check(&verdicts(&plan), "GCS-01", EXPORTS, Verdict::Unknown, "iam.bindings");
    resource(&mut plan, "google_storage_bucket.photos")["change"]["actions"] = json!(["update"]);
    check(&verdicts(&plan), "GCS-01", PHOTOS, Verdict::Fail, "");
    resource(&mut plan, "google_storage_bucket.photos")["change"]["actions"] = json!(["delete"]);
    // Only the grant is left to tell of it.
    check(&verdicts(&plan), "GCS-02", PHOTOS, Verdict::Unknown, "`resource` is missing");
    let grant = resource(&mut plan, "google_storage_bucket_iam_member.photos");
    grant["change"]["after"]["bucket"] = json!("harbour-old");
    check(&verdicts(&plan), "GCS-01", "//storage.googleapis.com/harbour-old", Verdict::Fail, "");
}

#[test]
fn a_backup_schedule_counts_for_its_database() {
    for (database, retention, verdict) in [
        ("(default)", "8467200s", Verdict::Pass),
        // Another, or one that nobody told of, may keep them longer.
        ("(default)", "259200s", Verdict::Unknown),
        ("reports", "8467200s", Verdict::Unknown),
    ] {
        let mut plan = plan();
        let after = json!({
            "project": "harbour-prod", "database": database, "retention": retention,
            "daily_recurrence": [{}], "weekly_recurrence": [],
        });
        let schedule = json!({
            "address": "google_firestore_backup_schedule.daily", "mode": "managed", "name": "daily",
            "type": "google_firestore_backup_schedule",
            "change": {"actions": ["create"], "after": after, "after_unknown": {"id": true, "name": true}},
        });
        plan["resource_changes"].as_array_mut().expect("a list").push(schedule);
        check(&verdicts(&plan), "FS-03", DATABASE, verdict, "");
    }
}

#[test]
fn other_services_may_share_an_account() {
    let mut plan = plan();
    let service = resource(&mut plan, "google_cloud_run_v2_service.ingest");
    service["change"]["after"]["template"][0]["service_account"] = json!("a@p.example");
    service["change"]["after_unknown"]["template"] = json!([]);
    let verdicts = verdicts(&plan);
    check(&verdicts, "RUN-03", SERVICE, Verdict::Pass, "");
    // The plan has one service; the project may have more.
    check(&verdicts, "RUN-04", SERVICE, Verdict::Unknown, "");
}

#[test]
fn what_is_no_plan_is_refused_with_what_to_do() {
    let of_version = |version: &str| {
        let mut plan = plan();
        plan["format_version"] = json!(version);
        Plan::parse(plan.to_string().as_bytes())
    };
    assert!(of_version("1.9").is_ok());
    for version in ["2.0", "0.1", "10.0"] {
        let error = of_version(version).expect_err(version);
        assert!(matches!(error, PlanError::Format(_)) && error.to_string().contains(version));
    }
    for (text, said) in [
        ("", "EOF"),
        ("[]", "terraform show -json"),
        ("{}", "`format_version` is missing"),
        (r#"{"format_version": "1.0", "values": {}}"#, "`resource_changes` is missing"),
        (r#"{"format_version": "1.2", "resource_changes": [{}]}"#, "missing field `address`"),
        (
            r#"{"format_version": "1.2", "resource_changes": [], "errored": true}"#,
            "`errored` is true",
        ),
    ] {
        let error = Plan::parse(text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}
