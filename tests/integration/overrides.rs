use model::{
    ControlName, OverrideId, Uid,
    control::{Control, ControlState},
    dead_letter::DeadLetter,
    operator_override::{Override, OverrideState},
};
use testkit::{Mesh, event};

fn wish(approved_by: &str) -> Override {
    Override {
        control: ControlName::new("trading"),
        wanted: ControlState::Halted,
        reason: "the exchange answers nonsense".into(),
        state: OverrideState::Approved,
        requested_by: Uid::new("olivia"),
        approved_by: Some(Uid::new(approved_by)),
        activated_at: None,
    }
}

#[tokio::test]
async fn an_approved_override_halts_its_control_and_the_journal_says_so() {
    let mesh = Mesh::start("override", &["destine-root"]).await;
    let (id, trading) = (OverrideId::new("o1"), ControlName::new("trading"));
    mesh.put(&id, &wish("otto")).await;
    mesh.settle().await;

    let control: Control = mesh.get(&trading).await;
    assert_eq!((control.state, control.epoch), (ControlState::Halted, 1));
    assert_eq!(control.cause, Some(id.clone()));
    let carried_out: Override = mesh.get(&id).await;
    assert_eq!(carried_out.state, OverrideState::Active);

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
async fn an_override_that_its_requester_approved_becomes_a_dead_letter() {
    let mesh = Mesh::start("self-approval", &["destine-root"]).await;
    mesh.put(&OverrideId::new("o1"), &wish("olivia")).await;
    mesh.settle().await;
    assert!(mesh.all::<Control>().await.is_empty());
    let letters = mesh.all::<DeadLetter>().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].document.code, "FAILED_PRECONDITION");
    assert!(letters[0].document.reason.contains("not approved by another person"));
}

#[tokio::test]
async fn an_override_that_is_delivered_twice_or_late_moves_the_epoch_once() {
    let mesh = Mesh::start("override-twice", &["destine-root"]).await;
    let id = OverrideId::new("o1");
    mesh.put(&id, &wish("otto")).await;
    mesh.settle().await;
    for event_id in ["first", "first", "second"] {
        let again = event::written(&id, Some(&wish("otto")), event_id);
        assert_eq!(mesh.deliver("destine-root", "override-written", &again).await.status(), 204);
    }
    mesh.settle().await;
    let control: Control = mesh.get(&ControlName::new("trading")).await;
    assert_eq!(control.epoch, 1);
    mesh.assert_journal_agrees().await;
}
