//! Overrides over the API: asked for, agreed to, refused, ended.

use model::{
    ControlName, OverrideId, Role,
    control::{Control, ControlState},
    incident::Incident,
    operator_override::{Override, OverrideState},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use testkit::token;

use super::{Desk, etag, json};

fn change(control: &str, effect: Value) -> Value {
    json!({"control": control, "effect": effect, "reason": "the exchange is down"})
}

fn because() -> Value {
    json!({"reason": "I have looked at it"})
}

/// An override that somebody asked for: its path and its hash.
struct Asked {
    path: String,
    hash: String,
}

async fn ask(desk: &Desk, person: &str, change: &Value) -> Asked {
    let asked = desk.post("/overrides", person, change).await;
    assert_eq!(asked.status(), 201, "{change}");
    let asked = json(asked).await;
    let path = format!("/overrides/{}", asked["override"].as_str().unwrap());
    Asked { path, hash: asked["hash"].as_str().unwrap().to_owned() }
}

async fn approve(desk: &Desk, person: &str, asked: &Asked) -> Response {
    let version = etag(&desk.get(&asked.path, person).await);
    let request = desk.request(Method::POST, &format!("{}/approve", asked.path), person);
    let consent = json!({"hash": asked.hash, "reason": "I have looked at it"});
    request.header("if-match", version).json(&consent).send().await.unwrap()
}

async fn detail(answer: Response) -> String {
    json(answer).await["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_override_is_asked_for_approved_by_another_and_carried_out() {
    let desk = Desk::open("override", &["destine-root"]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let opal = desk.person("opal", Role::Operator).await;
    let halt = change("trading", json!({"kind": "pause"}));
    let dry = json(desk.post("/overrides/dry-run", &oscar, &halt).await).await;
    assert_eq!((&dry["before"], &dry["after"]), (&json!("enabled"), &json!("halted")));
    assert_eq!((&dry["refused_by"], &dry["approvals_needed"]), (&json!([]), &json!(1)));
    assert!(dry["functions"].as_array().unwrap().contains(&json!("destine-root")), "{dry}");

    let asked = ask(&desk, &oscar, &halt).await;
    let own = approve(&desk, &oscar, &asked).await;
    assert_eq!(own.status(), 403);
    assert!(detail(own).await.contains("somebody else"));
    let path = format!("{}/approve", asked.path);
    let consent = json!({"hash": asked.hash, "reason": "I have looked at it"});
    assert_eq!(desk.post(&path, &opal, &consent).await.status(), 428, "it says no version");
    let stale = desk.request(Method::POST, &path, &opal).header("if-match", "\"1\"");
    assert_eq!(stale.json(&consent).send().await.unwrap().status(), 412);
    let other =
        Asked { hash: "0".repeat(64), ..Asked { path: asked.path.clone(), hash: "".into() } };
    let refused = approve(&desk, &opal, &other).await;
    assert_eq!(refused.status(), 400);
    assert!(detail(refused).await.contains("another change"));
    assert_eq!(approve(&desk, &opal, &asked).await.status(), 200);
    desk.mesh.settle().await;
    let control: Control = desk.mesh.get(&ControlName::new("trading")).await;
    assert_eq!((control.state, control.epoch), (ControlState::Halted, 1));
    assert_eq!(approve(&desk, &opal, &asked).await.status(), 400, "it waits no longer");

    let lifted = desk.post(&format!("{}/lift", asked.path), &oscar, &because()).await;
    assert_eq!(lifted.status(), 200);
    desk.mesh.settle().await;
    let control: Control = desk.mesh.get(&ControlName::new("trading")).await;
    assert_eq!((control.state, control.epoch), (ControlState::Enabled, 2));
    let history = desk.mesh.history(asked.path.trim_start_matches('/')).await;
    let actions: Vec<_> = history.iter().map(|record| record.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "override.requested",
            "override.refused",
            "override.refused",
            "override.approved",
            "override.activated",
            "override.refused",
            "override.lift_requested",
            "override.lifted"
        ],
        "what was refused is written down too"
    );
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_kill_needs_two_who_signed_in_just_now() {
    let desk = Desk::open("kill", &["destine-root"]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let opal = desk.person("opal", Role::Operator).await;
    let otto = desk.person("otto", Role::Operator).await;
    let long_ago = jiff::Timestamp::now().as_second() - 6 * 60;
    let tired = token::person_since(&desk.mesh.project, "opal", long_ago);
    let asked = ask(&desk, &oscar, &change("trading", json!({"kind": "kill"}))).await;
    let old = approve(&desk, &tired, &asked).await;
    assert_eq!(old.status(), 403);
    assert!(detail(old).await.contains("sign in again"));
    assert_eq!(approve(&desk, &opal, &asked).await.status(), 200);
    let twice = approve(&desk, &opal, &asked).await;
    assert_eq!(twice.status(), 400);
    assert!(detail(twice).await.contains("agreed already"));
    desk.mesh.settle().await;
    assert!(desk.mesh.all::<Control>().await.is_empty(), "one is not enough");
    assert_eq!(approve(&desk, &otto, &asked).await.status(), 200);
    desk.mesh.settle().await;
    let id = OverrideId::new(asked.path.rsplit('/').next().unwrap());
    let before: Override = desk.mesh.get(&id).await;
    assert_eq!(before.state, OverrideState::Active);
    let confirmed = desk.post(&format!("{}/confirm", asked.path), &oscar, &because()).await;
    assert_eq!(confirmed.status(), 200);
    desk.mesh.settle().await;
    let after: Override = desk.mesh.get(&id).await;
    assert!(after.until > before.until);
    let control: Control = desk.mesh.get(&ControlName::new("trading")).await;
    assert_eq!(Some(control.restrictions[0].until), after.until);
}

#[tokio::test]
async fn rules_and_wrong_fields_refuse_before_anybody_is_asked() {
    let desk = Desk::open("override-rules", &[]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let pause = || json!({"kind": "pause"});
    for (control, why) in [
        ("iam-control", "must always run"),
        ("firebase-proxy", "must always run"),
        ("messages", "must be"),
        ("teapots", "is none of"),
    ] {
        let refused = desk.post("/overrides", &oscar, &change(control, pause())).await;
        assert_eq!(refused.status(), 400, "{control}");
        let words = detail(refused).await;
        assert!(words.contains(why), "{control}: {words}");
        let dry = desk.post("/overrides/dry-run", &oscar, &change(control, pause())).await;
        assert_ne!(json(dry).await["refused_by"], json!([]), "{control}");
    }
    let wrong = json!({"control": "trading", "effect": {"kind": "throttle", "per_second": 0},
        "scope": {"kind": "tenant", "id": ""}, "minutes": 2000, "reason": "no"});
    let wrong = json(desk.post("/overrides", &oscar, &wrong).await).await;
    let fields: Vec<_> =
        wrong["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["reason", "minutes", "effect.per_second", "scope.id"]);
    let unknown = change("trading", json!({"kind": "explode"}));
    assert_eq!(desk.post("/overrides", &oscar, &unknown).await.status(), 422);
    assert!(desk.mesh.all::<Override>().await.is_empty());
}

#[tokio::test]
async fn a_request_is_rejected_by_another_or_withdrawn_by_who_asked() {
    let desk = Desk::open("override-no", &[]).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let opal = desk.person("opal", Role::Operator).await;
    let pause = change("trading", json!({"kind": "pause"}));
    let first = ask(&desk, &oscar, &pause).await;
    let reject = format!("{}/reject", first.path);
    assert_eq!(desk.post(&reject, &oscar, &because()).await.status(), 403);
    assert_eq!(json(desk.post(&reject, &opal, &because()).await).await["state"], "rejected");
    assert_eq!(desk.post(&reject, &opal, &because()).await.status(), 400);
    let second = ask(&desk, &oscar, &pause).await;
    let withdraw = format!("{}/withdraw", second.path);
    assert_eq!(desk.post(&withdraw, &opal, &because()).await.status(), 403);
    assert_eq!(json(desk.post(&withdraw, &oscar, &because()).await).await["state"], "withdrawn");
    assert_eq!(approve(&desk, &opal, &second).await.status(), 400);
    for action in ["lift", "confirm", "review"] {
        let path = format!("{}/{action}", second.path);
        assert_eq!(desk.post(&path, &opal, &because()).await.status(), 400, "{action}");
    }
    let listed = json(desk.get("/overrides?state=withdrawn", &opal).await).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_owner_breaks_glass_alone_and_another_reviews_it() {
    let desk = Desk::open("override-glass", &["destine-root"]).await;
    let olivia = desk.person("olivia", Role::Owner).await;
    let oscar = desk.person("oscar", Role::Operator).await;
    let kill = change("trading", json!({"kind": "kill"}));
    let refused = desk.post("/overrides/break-glass", &oscar, &kill).await;
    assert_eq!(refused.status(), 403);
    assert!(detail(refused).await.contains("overrides.break_glass"));
    let made = desk.post("/overrides/break-glass", &olivia, &kill).await;
    assert_eq!(made.status(), 201);
    let made = json(made).await;
    desk.mesh.settle().await;
    let control: Control = desk.mesh.get(&ControlName::new("trading")).await;
    assert_eq!(control.state, ControlState::Halted);
    let incidents = desk.mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1, "everybody is told: {incidents:?}");
    let review = format!("/overrides/{}/review", made["override"].as_str().unwrap());
    assert_eq!(desk.post(&review, &olivia, &because()).await.status(), 403);
    let reviewed = json(desk.post(&review, &oscar, &because()).await).await;
    assert_eq!(reviewed["review"]["done"]["by"]["uid"], "oscar");
    // What must always run is protected from owners too.
    let protected = change("iam-control", json!({"kind": "pause"}));
    assert_eq!(desk.post("/overrides/break-glass", &olivia, &protected).await.status(), 400);
    desk.mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn it_is_told_who_applies_a_control_and_who_does_not() {
    let desk = Desk::open("applied", &["destine-root", "audit-engine"]).await;
    let olivia = desk.person("olivia", Role::Owner).await;
    let pause = change("trading", json!({"kind": "pause"}));
    assert_eq!(desk.post("/overrides/break-glass", &olivia, &pause).await.status(), 201);
    desk.mesh.settle().await;
    let mut applied = Value::Null;
    for _ in 0..100 {
        applied = json(desk.get("/controls/trading/applied", &olivia).await).await;
        if applied["applied"] == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((&applied["running"], &applied["missing"]), (&json!(3), &json!([])), "{applied}");
}
