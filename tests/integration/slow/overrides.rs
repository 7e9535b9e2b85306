//! Overrides while the functions that keep them are killed.

use std::time::Duration;

use model::{
    ControlName, OverrideId, Role,
    control::{Control, ControlState},
    operator_override::{Override, OverrideState},
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Mesh, Setup, token};
use tokio::sync::OnceCell;

/// How many times something is killed, unless `MESH_KILLS` says otherwise. A function that
/// dies in a transaction leaves its locks behind, and Firestore lets them stand for up to a
/// minute.
const KILLS: usize = 8;
/// Asking, agreeing, carrying out and lifting take about as long together.
const WITHIN_MS: u64 = 250;

/// Longer than the locks stand that a killed function leaves behind.
const ATTEMPTS: usize = 2_000;

/// Sends a request until it is answered, whatever dies meanwhile.
async fn insist(
    mesh: &Mesh,
    path: &str,
    person: &str,
    version: Option<&str>,
    body: &Value,
) -> Value {
    for _ in 0..ATTEMPTS {
        let url = format!("{}/api/v1{path}", mesh.function("firebase-proxy").url());
        let mut request = mesh.http.request(Method::POST, url).bearer_auth(person).json(body);
        if let Some(version) = version {
            request = request.header("if-match", version);
        }
        match request.send().await {
            // What is being answered, or lost a race, is asked again.
            Ok(answer) if answer.status() != 409 && answer.status().as_u16() < 500 => {
                return answer.json().await.unwrap_or_default();
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("`{path}` was never answered");
}

/// Asks, agrees and lifts, as two people do who see errors and try again.
async fn pause_and_lift(mesh: &Mesh, oscar: &str, opal: &str, asked: &OnceCell<OverrideId>) {
    let change = json!({"control": "trading", "effect": {"kind": "pause"}, "reason": "again"});
    let id = asked.get_or_init(async || {
        let asked = insist(mesh, "/overrides", oscar, None, &change).await;
        OverrideId::new(asked["override"].as_str().expect("asked for"))
    });
    let id = id.await;
    let known: Override = mesh.get(id).await;
    let consent = json!({"hash": known.hash, "reason": "I have looked at it"});
    let stored = mesh.store.get::<Override>(id).await.expect("read").expect("there");
    let version = format!("\"{}\"", stored.updated_at.as_microsecond());
    let approve = format!("/overrides/{id}/approve");
    insist(mesh, &approve, opal, Some(&version), &consent).await;
    for _ in 0..ATTEMPTS {
        if mesh.get::<Override>(id).await.state >= OverrideState::Active {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lift = format!("/overrides/{id}/lift");
    insist(mesh, &lift, oscar, None, &json!({"reason": "it is back"})).await;
}

#[tokio::test]
async fn whenever_a_function_is_killed_overrides_and_journal_tell_the_same() {
    let environment = [("MESH_RATE_PER_SECOND", "5000"), ("MESH_RATE_BURST", "5000")];
    let setup = Setup {
        functions: vec!["firebase-proxy".into(), "destine-root".into()],
        environment: environment.map(|(name, value)| (name.into(), value.into())).into(),
        ..Setup::default()
    };
    let mut mesh = Mesh::set_up("override-kills", setup).await;
    for uid in ["oscar", "opal"] {
        mesh.person(uid, &[Role::Operator]).await;
    }
    let kills = std::env::var("MESH_KILLS").ok().and_then(|kills| kills.parse().ok());
    let kills = kills.unwrap_or(KILLS);
    let mut random = StdRng::seed_from_u64(7);
    for turn in 0..kills {
        // Consent needs a fresh sign-in.
        let [oscar, opal] = ["oscar", "opal"].map(|uid| token::person(&mesh.project, uid));
        let victim = if turn % 2 == 0 { "destine-root" } else { "firebase-proxy" };
        let after = Duration::from_millis(random.random_range(0..WITHIN_MS));
        let asked = OnceCell::new();
        let work = pause_and_lift(&mesh, &oscar, &opal, &asked);
        let done = tokio::time::timeout(after, work).await.is_ok();
        mesh.function_mut(victim).kill();
        mesh.function_mut(victim).restart();
        if !done {
            // They go on where they were; what was asked for without an answer lapses.
            pause_and_lift(&mesh, &oscar, &opal, &asked).await;
        }
        let id = asked.get().expect("asked for").clone();
        mesh.settle().await;
        let ended: Override = mesh.get(&id).await;
        assert_eq!(ended.state, OverrideState::Lifted, "turn {turn}: {ended:?}");
        let control: Control = mesh.get(&ControlName::new("trading")).await;
        assert_eq!((control.state, control.restrictions.len()), (ControlState::Enabled, 0));
    }
    mesh.assert_journal_agrees().await;
}
