use audit_engine::seal::{check, sweep};
use model::{
    Actor, LogTileId, RecordId, Uid,
    journal::JournalRecord,
    log::{LogCheck, LogTile},
};
use serde_json::json;
use store::Cause;
use testkit::{Mesh, Setup, event};

use super::{KEEPERS, assert_sealed, checkpoint, head, later, sealer, write};

#[tokio::test]
async fn every_record_is_sealed_once_and_its_checkpoint_is_cosigned() {
    let mesh = Mesh::start("sealed", &KEEPERS).await;
    write(&mesh.store, &mesh.cause(), "a", 300).await;
    mesh.settle().await;
    assert_eq!(mesh.deliver("audit-engine", "seal-due", &event::due(now())).await.status(), 204);
    let entries = assert_sealed(&mesh, 1).await;
    assert_eq!(entries.len(), 300);
    assert_eq!(checkpoint(&mesh).await.witnessed_size, Some(300));

    // What was sealed before is not sealed again, whoever says it was written.
    let before = head(&mesh).await;
    for stored in mesh.all::<JournalRecord>().await.iter().take(5) {
        let delivery = event::written(&stored.id, Some(&stored.document), "again");
        let answer = mesh.deliver("audit-engine", "journal-written", &delivery).await;
        assert_eq!(answer.status(), 204);
    }
    let after = head(&mesh).await;
    assert_eq!(after.map(|head| head.size), before.map(|head| head.size));
}

#[tokio::test]
async fn events_that_come_twice_late_or_in_vain_seal_once() {
    let chaos = "duplicate=1,reorder=0.5,drop-ack=0.2".parse().unwrap();
    let functions = KEEPERS.map(str::to_owned).to_vec();
    let mesh = Mesh::set_up("seal-twice", Setup { functions, chaos, ..Setup::default() }).await;
    write(&mesh.store, &mesh.cause(), "a", 120).await;
    mesh.settle().await;
    assert_eq!(assert_sealed(&mesh, 0).await.len(), 120);
}

#[tokio::test]
async fn two_that_seal_at_once_lose_and_double_nothing() {
    let mesh = Mesh::start("two-sealers", &[]).await;
    write(&mesh.store, &mesh.cause(), "a", 700).await;
    let sealers = [sealer(&mesh), sealer(&mesh), sealer(&mesh)];
    let cause = mesh.cause();
    let runs = sealers.iter().map(|sealer| sweep(sealer, &cause, later()));
    for run in futures::future::join_all(runs).await {
        run.unwrap();
    }
    assert_eq!(assert_sealed(&mesh, 0).await.len(), 700);
    // Between them the log changed hands.
    assert!(head(&mesh).await.unwrap().epoch > 1);
}

#[tokio::test]
async fn without_its_witness_a_checkpoint_says_so() {
    let mesh = Mesh::start("no-witness", &["audit-engine"]).await;
    write(&mesh.store, &mesh.cause(), "a", 3).await;
    mesh.settle().await;
    assert_eq!(assert_sealed(&mesh, 0).await.len(), 3);
    assert_eq!(checkpoint(&mesh).await.witnessed_size, None);
}

#[tokio::test]
async fn the_nightly_replay_finds_what_was_changed_and_what_is_gone() {
    let mesh = Mesh::start("replay-log", &[]).await;
    let (sealer, cause) = (sealer(&mesh), mesh.cause());
    let person = Actor::Person { uid: Uid::new("olga"), email: Some("olga@m.example".into()) };
    write(&mesh.store, &cause, "a", 260).await;
    write(&mesh.store, &Cause { actor: person, ..mesh.cause() }, "b", 10).await;
    sweep(&sealer, &cause, later()).await.unwrap();
    let found = || async { check(&sealer, None, &cause, later()).await.unwrap().expect("a log") };

    let whole = found().await;
    assert_eq!((whole.entries, whole.records), (270, 270));
    assert_eq!((&whole.problems, &whole.gaps), (&vec![], &vec![]));

    // A record that says something else now, in the clear or not.
    let records = mesh.all::<JournalRecord>().await;
    for (place, member) in [(3, "action"), (265, "reason")] {
        let changed = &records[place];
        let mut fields = raw(&mesh, &changed.id).await;
        fields["fields"][member] = json!({"stringValue": "nothing happened"});
        mesh.put_raw(&format!("journal/{}", changed.id), fields).await;
        let problems = found().await.problems;
        let named = |problem: &String| problem.contains(changed.id.as_str());
        assert!(problems.iter().any(named), "{member}: {problems:#?}");
    }
    // One that is gone after it was sealed.
    mesh.delete_raw(&format!("journal/{}", records[7].id)).await;
    let problems = found().await.problems;
    assert!(problems.iter().any(|p| p.contains("1 records are gone")), "{problems:#?}");
    // One that is gone before it was sealed: its number is missing.
    write(&mesh.store, &cause, "c", 5).await;
    let records = mesh.all::<JournalRecord>().await;
    let gone = records.iter().rev().nth(2).expect("there are five");
    let number = gone.document.writer.as_ref().expect("it has a number").sequence;
    mesh.delete_raw(&format!("journal/{}", gone.id)).await;
    sweep(&sealer, &cause, later()).await.unwrap();
    let gaps = found().await.gaps;
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    assert!(gaps[0].ends_with(&format!("record {number}")), "{gaps:#?}");

    // A tile of which one byte is another.
    let id = LogTileId::of(0, 0);
    let mut tile: LogTile = mesh.get(&id).await;
    let first = if tile.hashes.starts_with('A') { "B" } else { "A" };
    tile.hashes.replace_range(0..1, first);
    let kept = (&id, &tile);
    let tampered = mesh.store.transact(&cause, |tx| async move { tx.keep(kept.0, kept.1) });
    tampered.await.unwrap();
    let problems = found().await.problems;
    assert!(problems.iter().any(|p| p.starts_with("tile/0/000: hash 0")), "{problems:#?}");
    assert_eq!(mesh.all::<LogCheck>().await.len(), 6);
}

async fn raw(mesh: &Mesh, record: &RecordId) -> serde_json::Value {
    let host = &testkit::Emulators::shared().firestore;
    let project = &mesh.project;
    let url = format!(
        "http://{host}/v1/projects/{project}/databases/(default)/documents/journal/{record}"
    );
    let answer = mesh.http.get(url).bearer_auth("owner").send().await.unwrap();
    answer.json().await.unwrap()
}

fn now() -> model::Timestamp {
    jiff::Timestamp::now().into()
}
