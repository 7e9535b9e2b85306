//! Overrides as destine-root carries them out, and controls as instances apply them.

use std::time::Duration;

use jiff::SignedDuration;
use model::service::Service;
use model::{
    AckId, Actor, ControlName, IncidentId, OverrideId, Role, ServiceId, Timestamp, Uid,
    control::{Ack, Control, ControlState, Instance},
    dead_letter::DeadLetter,
    finding::{Finding, FindingState, Severity},
    incident::{Incident, Priority},
    operator_override::{Approval, Change, Effect, Override, OverrideState, Policy, Said, Scope},
};
use serde_json::json;
use store::{Query, Stored};
use testkit::{Mesh, Setup, event};

fn trading() -> ControlName {
    ControlName::new("trading")
}

/// An override that `by` asked for at an instant.
fn asked(id: &OverrideId, effect: Effect, by: &str, at: Timestamp) -> Override {
    let change = Change {
        control: trading(),
        effect,
        scope: Scope::Global,
        minutes: None,
        reason: "the exchange answers nonsense".into(),
    };
    let by = Actor::Person { uid: Uid::new(by), email: None };
    Override::ask(id, change, by, Policy::of_mesh(), at)
}

fn approved(id: &OverrideId, effect: Effect, at: Timestamp) -> Override {
    let wish = asked(id, effect, "olivia", at);
    let hash = wish.hash.clone();
    let approval = Approval { by: Uid::new("otto"), at, hash, signed_in_at: at };
    wish.approve(approval, at).expect("approved")
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// What instances say of `controls/trading`.
async fn acks(mesh: &Mesh) -> Vec<Ack> {
    let page = mesh.store.list(&Query::<Ack>::below(&trading())).await.expect("the list");
    page.items.into_iter().map(|stored| stored.document).collect()
}

/// Lets destine-root look at what is over.
async fn sweep(mesh: &Mesh) {
    let tick = event::due(now());
    assert_eq!(mesh.deliver("destine-root", "overrides-due", &tick).await.status(), 204);
    mesh.settle().await;
}

/// Waits until something is so, at most ten seconds.
async fn eventually<F: Future<Output = bool>>(what: &str, is: impl Fn() -> F) {
    for _ in 0..100 {
        if is().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came that {what}");
}

#[tokio::test]
async fn an_approved_override_halts_its_control_and_the_journal_says_so() {
    let mesh = Mesh::start("override", &["destine-root"]).await;
    let id = OverrideId::new("o1");
    mesh.put(&id, &approved(&id, Effect::Pause, now())).await;
    mesh.settle().await;

    let control: Control = mesh.get(&trading()).await;
    assert_eq!((control.state, control.epoch), (ControlState::Halted, 1));
    assert_eq!(control.restrictions[0].cause, id);
    let carried_out: Override = mesh.get(&id).await;
    assert_eq!(carried_out.state, OverrideState::Active);
    assert_eq!(carried_out.prior, Some(ControlState::Enabled));

    let history = mesh.history("controls/trading").await;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].action, "control.halted");
    assert_eq!(history[0].reason, "the exchange answers nonsense");
    assert_eq!(
        history[0].actor.to_string(),
        format!("service:destine-root@{}.iam.gserviceaccount.com", mesh.project)
    );
    assert!(history[0].event.is_some());
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn what_nobody_else_approved_fails_and_changes_nothing() {
    let mesh = Mesh::start("unproven", &["destine-root"]).await;
    let own = OverrideId::new("own");
    let mut by_requester = approved(&own, Effect::Pause, now());
    by_requester.approvals[0].by = Uid::new("olivia");
    let changed = OverrideId::new("changed");
    let mut other = approved(&changed, Effect::Pause, now());
    other.change.effect = Effect::Kill;
    let nobody = OverrideId::new("nobody");
    let alone = asked(&nobody, Effect::Pause, "olivia", now());
    let alone = Override { state: OverrideState::Approved, ..alone };
    let late = OverrideId::new("late");
    let long_ago = now().plus(-SignedDuration::from_mins(16));
    let too_late = approved(&late, Effect::Pause, long_ago);
    for (id, wish) in [(own, by_requester), (changed, other), (nobody, alone), (late, too_late)] {
        mesh.put(&id, &wish).await;
        mesh.settle().await;
        let failed: Override = mesh.get(&id).await;
        assert_eq!(failed.state, OverrideState::Failed, "{id}");
        assert!(failed.ended.is_some_and(|said| !said.reason.is_empty()), "{id}");
    }
    assert!(mesh.all::<Control>().await.is_empty());
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_override_that_is_delivered_twice_or_late_moves_the_epoch_once() {
    let mesh = Mesh::start("override-twice", &["destine-root"]).await;
    let id = OverrideId::new("o1");
    let wish = approved(&id, Effect::Pause, now());
    mesh.put(&id, &wish).await;
    mesh.settle().await;
    for event_id in ["first", "first", "second"] {
        let again = event::written(&id, Some(&wish), event_id);
        assert_eq!(mesh.deliver("destine-root", "override-written", &again).await.status(), 204);
    }
    mesh.settle().await;
    let control: Control = mesh.get(&trading()).await;
    assert_eq!(control.epoch, 1);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn what_is_over_ends_and_the_control_is_what_it_was() {
    let mesh = Mesh::start("override-ends", &["destine-root"]).await;
    let (pause, throttle) = (OverrideId::new("pause"), OverrideId::new("throttle"));
    mesh.put(&pause, &approved(&pause, Effect::Pause, now())).await;
    mesh.settle().await;
    // The state of the stricter one holds, and that of the other when it ends.
    let per_second = Effect::Throttle { per_second: 5 };
    let slow = Override {
        state: OverrideState::Active,
        activated_at: Some(now()),
        until: Some(now().plus(SignedDuration::from_mins(60))),
        ..approved(&throttle, per_second, now())
    };
    mesh.put(&throttle, &slow).await;
    mesh.settle().await;
    assert_eq!(mesh.get::<Control>(&trading()).await.state, ControlState::Halted);

    let active: Override = mesh.get(&pause).await;
    let said = Said { by: Actor::service("a@b"), at: now(), reason: "it is back".into() };
    mesh.put(&pause, &active.ask_lift(said).expect("can be undone")).await;
    mesh.settle().await;
    assert_eq!(mesh.get::<Override>(&pause).await.state, OverrideState::Lifted);
    assert_eq!(mesh.get::<Control>(&trading()).await.state, ControlState::Reduced);

    // Its time passes, and a request that nobody agreed to waits too long.
    let active: Override = mesh.get(&throttle).await;
    mesh.put(&throttle, &Override { until: Some(now()), ..active }).await;
    let waiting = OverrideId::new("waiting");
    let long_ago = now().plus(-SignedDuration::from_mins(16));
    mesh.put(&waiting, &asked(&waiting, Effect::Pause, "olivia", long_ago)).await;
    sweep(&mesh).await;
    assert_eq!(mesh.get::<Override>(&throttle).await.state, OverrideState::Expired);
    assert_eq!(mesh.get::<Override>(&waiting).await.state, OverrideState::Lapsed);
    let control: Control = mesh.get(&trading()).await;
    assert_eq!((control.state, control.restrictions.len()), (ControlState::Enabled, 0));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_newer_override_takes_the_place_of_one_that_does_the_same() {
    let mesh = Mesh::start("supersede", &["destine-root"]).await;
    for name in ["older", "newer"] {
        let id = OverrideId::new(name);
        mesh.put(&id, &approved(&id, Effect::Pause, now())).await;
        mesh.settle().await;
    }
    let older: Override = mesh.get(&OverrideId::new("older")).await;
    assert_eq!(older.state, OverrideState::Superseded);
    let control: Control = mesh.get(&trading()).await;
    assert_eq!((control.restrictions.len(), control.epoch), (1, 2));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn a_control_that_no_override_explains_is_refused_and_repaired() {
    let mesh = Mesh::start("forged-control", &["destine-root", "audit-engine"]).await;
    let id = OverrideId::new("o1");
    mesh.put(&id, &approved(&id, Effect::Pause, now())).await;
    mesh.settle().await;
    let right: Control = mesh.get(&trading()).await;
    // Somebody who can write to `controls` frees what two people halted.
    let freed = Control { epoch: 2, ..Control::default().next(vec![], "all is well", now()) };
    mesh.put(&trading(), &freed).await;
    let refused = || async {
        let acks = acks(&mesh).await;
        let refused = acks.iter().filter(|ack| ack.epoch == 2 && ack.refused.is_some()).count();
        refused == 2
    };
    eventually("both functions refuse the version", refused).await;
    let incident: Incident = mesh.get(&IncidentId::new("control-trading-2")).await;
    assert_eq!(incident.priority, Priority::P1);

    sweep(&mesh).await;
    let repaired: Control = mesh.get(&trading()).await;
    assert_eq!((repaired.state, repaired.epoch), (ControlState::Halted, 3));
    assert_eq!(repaired.restrictions, right.restrictions);
    let believed = || async {
        let acks = acks(&mesh).await;
        acks.iter().filter(|ack| ack.epoch == 3 && ack.refused.is_none()).count() == 2
    };
    eventually("both functions believe the repaired one", believed).await;
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_effect_does_not_commit_while_its_control_is_halted() {
    let setup = Setup { functions: vec!["destine-root".into()], ..crate::probe() };
    let mesh = Mesh::set_up("obey", setup).await;
    let token = mesh.person("vera", &[Role::Viewer]).await;
    let permit = || async {
        let url = format!("{}/trading", mesh.function("probe").url());
        mesh.http.get(url).bearer_auth(&token).send().await.unwrap().text().await.unwrap()
    };
    let effect = |name: &'static str| {
        let push = event::pushed(&json!({"obey": name}), name);
        let mesh = &mesh;
        async move { mesh.deliver("probe", "asked", &push).await.status().as_u16() }
    };
    assert_eq!(effect("before").await, 204);
    let id = OverrideId::new("o1");
    mesh.put(&id, &approved(&id, Effect::Pause, now())).await;
    mesh.settle().await;
    // The transaction reads the control itself: it need not wait to be told.
    assert_eq!(effect("halted").await, 503, "it is tried again, not lost");
    eventually("the instance knows", || async { permit().await == "Halted 1 false" }).await;

    let active: Override = mesh.get(&id).await;
    let said = Said { by: Actor::service("a@b"), at: now(), reason: "it is back".into() };
    mesh.put(&id, &active.ask_lift(said).expect("can be undone")).await;
    mesh.settle().await;
    assert_eq!(effect("halted").await, 204, "the same event");
    eventually("the instance knows", || async { permit().await == "Enabled 2 false" }).await;

    // Who writes to the control alone does not stop it for good, and not unnoticed.
    let forged = Control { state: ControlState::Halted, epoch: 3, ..Control::default() };
    mesh.put(&trading(), &forged).await;
    assert_eq!(effect("forged").await, 503);
    sweep(&mesh).await;
    assert_eq!(effect("forged").await, 204);
    let mut services: Vec<_> = mesh.all::<Service>().await.into_iter().map(|one| one.id).collect();
    services.sort();
    assert_eq!(services, ["before", "forged", "halted"].map(ServiceId::new));
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn every_instance_says_that_it_runs_and_what_it_applies() {
    let mesh = Mesh::start("acks", &["destine-root", "audit-engine", "firebase-proxy"]).await;
    let id = OverrideId::new("o1");
    mesh.put(&id, &approved(&id, Effect::Pause, now())).await;
    let all = || async { acks(&mesh).await.len() == 3 };
    eventually("all three functions acknowledge", all).await;
    let running = mesh.all::<Instance>().await;
    let mut functions: Vec<_> = running.iter().map(|one| one.document.function.clone()).collect();
    functions.sort();
    assert_eq!(functions, ["audit-engine", "destine-root", "firebase-proxy"]);
    for instance in &running {
        let ack = AckId { control: trading(), instance: instance.id.clone() };
        let ack: Ack = mesh.get(&ack).await;
        assert_eq!((ack.epoch, ack.refused), (1, None));
    }
}

#[tokio::test]
async fn a_rule_asks_for_an_override_once_and_cools_down() {
    let mesh = Mesh::start("automatic", &["destine-root"]).await;
    let incident = |service: &str| Incident {
        service: Some(ServiceId::new(service)),
        ..Incident::open("down", Priority::P1, "503", Actor::service("a@b"), now())
    };
    mesh.put(&IncidentId::new("shop"), &incident("shop")).await;
    mesh.settle().await;
    assert!(mesh.all::<Override>().await.is_empty());
    for name in ["i1", "i2"] {
        mesh.put(&IncidentId::new(name), &incident("trading-agent")).await;
        mesh.settle().await;
    }
    let overrides = mesh.all::<Override>().await;
    assert_eq!(overrides.len(), 1, "{overrides:?}");
    assert_eq!(overrides[0].document.state, OverrideState::Active, "the rule may do it");
    assert_eq!(mesh.get::<Control>(&trading()).await.state, ControlState::Halted);

    let finding = Finding {
        control: "BQ-01".into(),
        title: "Datasets are not public".into(),
        severity: Severity::Critical,
        asset: model::AssetId::of("//bigquery/x"),
        asset_name: "//bigquery/x".into(),
        asset_type: "bigquery.googleapis.com/Dataset".into(),
        state: FindingState::Open,
        evidence: "allUsers".into(),
        first_seen: now(),
        opened_at: now(),
        last_seen: now(),
        owner: None,
        times_opened: 1,
        exception: None,
        resolved_at: None,
        audit: None,
    };
    mesh.put(&model::FindingId::new("f1"), &finding).await;
    mesh.settle().await;
    let proposed = mesh.all::<Override>().await;
    let proposed = proposed.iter().find(|one| one.document.change.control.as_str() == "sales");
    let proposed = proposed.expect("the rule proposes one");
    assert_eq!(proposed.document.state, OverrideState::Requested, "people decide");
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_override_that_cannot_be_read_becomes_a_dead_letter() {
    let mesh = Mesh::start("broken-override", &["destine-root"]).await;
    let broken = json!({"fields": {"change": {"stringValue": "trading"}}});
    mesh.put_raw("overrides/broken", broken).await;
    mesh.settle().await;
    let letters = mesh.all::<DeadLetter>().await;
    let of = |letter: &&Stored<DeadLetter>| letter.document.trigger == "override-written";
    let letter = letters.iter().find(of).expect("kept");
    assert!(letter.document.reason.contains("change"), "{}", letter.document.reason);
}
