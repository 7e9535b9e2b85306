use std::collections::BTreeMap;

use audit_engine::seal::{SubjectSecret, check, shred, sweep};
use futures::{StreamExt, stream};
use model::{
    Actor, RecordId, ServiceId, ShredRequestId, SubjectId, Uid,
    journal::JournalRecord,
    log::{Entry, ShredRequest, ShredState, SubjectKey},
    service::Service,
};
use store::{Cause, StoreError};
use testkit::Mesh;

use super::{assert_sealed, later, sealer};

/// How many people are forgotten.
const PEOPLE: usize = 1_000;

fn person(number: usize) -> Actor {
    let email = Some(format!("person-{number}@meridian.example"));
    Actor::Person { uid: Uid::new(format!("person-{number}")), email }
}

/// Each person changes something, and says why.
async fn act(mesh: &Mesh) {
    let acting = (0..PEOPLE).map(|number| async move {
        let cause = Cause { actor: person(number), ..mesh.cause() };
        let id = &ServiceId::new(format!("s{number}"));
        let service = &Service { name: "s".into(), url: format!("https://s{number}.example") };
        let written = mesh.store.transact(&cause, |tx| async move {
            let reason = format!("person-{number} wants it");
            tx.put(id, service, "service.changed", &reason).await?;
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    });
    stream::iter(acting).buffer_unordered(16).collect::<Vec<_>>().await;
}

async fn forget(mesh: &Mesh, sealer: &audit_engine::seal::Sealer, number: usize) {
    let (cause, id) = (&mesh.cause(), &ShredRequestId::new(format!("r{number}")));
    let request = &ShredRequest {
        person: Some(Uid::new(format!("person-{number}"))),
        reason: "they asked for it".into(),
        requested_by: Actor::service("test"),
        requested_at: cause.time,
        state: ShredState::Requested,
        done_at: None,
    };
    let asked = mesh.store.transact(cause, |tx| async move {
        tx.create(id, request, "subject.shred_requested", "they asked for it").await
    });
    asked.await.unwrap();
    for _ in 0..2 {
        shred(sealer, cause, id, cause.time).await.unwrap();
    }
}

/// Counts the encrypted parts that the keys which are kept can read.
async fn readable(mesh: &Mesh, entries: &BTreeMap<RecordId, (u64, Entry)>) -> usize {
    let secret = mesh.bridge.secrets().value("audit-subject-secret").unwrap();
    let secret = SubjectSecret::new(&secret).unwrap();
    let keys: BTreeMap<SubjectId, SubjectKey> =
        mesh.all::<SubjectKey>().await.into_iter().map(|kept| (kept.id, kept.document)).collect();
    let mut read = 0;
    for (record, (_, entry)) in entries {
        for part in &entry.sealed {
            let subject = SubjectId::new(&part.subject);
            let key = keys.get(&subject).and_then(|kept| secret.open(&subject, kept).unwrap());
            read += usize::from(key.is_some_and(|key| key.read(record, part).is_some()));
        }
    }
    read
}

#[tokio::test]
async fn a_thousand_people_are_forgotten_and_every_proof_holds() {
    let mesh = Mesh::start("shred", &[]).await;
    let (sealer, cause) = (sealer(&mesh), mesh.cause());
    act(&mesh).await;
    sweep(&sealer, &cause, later()).await.unwrap();
    let entries = assert_sealed(&mesh, 0).await;
    assert_eq!(readable(&mesh, &entries).await, PEOPLE);
    let texts: String = entries.values().map(|(_, entry)| entry.to_text()).collect();
    assert!(!texts.contains("person-") && !texts.contains("meridian"), "the log names people");
    let before: BTreeMap<_, _> =
        mesh.all::<JournalRecord>().await.into_iter().map(|r| (r.id, r.document)).collect();

    let forgetting = (0..PEOPLE).map(|number| forget(&mesh, &sealer, number));
    stream::iter(forgetting).buffer_unordered(8).collect::<Vec<_>>().await;

    assert_eq!(readable(&mesh, &entries).await, 0);
    // The journal's own copies are empty, and nothing else of them changed.
    for (id, record) in &before {
        let now: JournalRecord = mesh.get(id).await;
        assert_eq!(now.reason, "forgotten");
        assert!(matches!(&now.actor, Actor::Person { email: None, .. }));
        assert_eq!((&now.before, &now.after), (&record.before, &record.after));
    }
    for request in mesh.all::<ShredRequest>().await {
        assert_eq!((request.document.state, request.document.person), (ShredState::Done, None));
    }
    // The log is as it was, and has the requests as well; nothing about it is wrong.
    sweep(&sealer, &cause, later()).await.unwrap();
    let after = assert_sealed_but_for_people(&mesh, &sealer).await;
    assert_eq!(after, entries.len() as u64 + 2 * PEOPLE as u64);

    // Who is forgotten and acts again gets another key.
    let again = Cause { actor: person(7), ..mesh.cause() };
    super::write(&mesh.store, &again, "again", 1).await;
    sweep(&sealer, &cause, later()).await.unwrap();
    let readable = mesh.all::<SubjectKey>().await;
    let readable: Vec<_> = readable.iter().filter(|key| key.document.key.is_some()).collect();
    assert_eq!(readable.len(), 1);
    assert_eq!(readable[0].document.generation, 2);
}

/// Replays the log and compares what is still in the clear.
async fn assert_sealed_but_for_people(mesh: &Mesh, sealer: &audit_engine::seal::Sealer) -> u64 {
    let check = check(sealer, None, &mesh.cause(), later()).await.unwrap().expect("a log");
    assert_eq!((&check.problems, &check.gaps), (&vec![], &vec![]));
    assert_eq!(check.records, check.entries);
    check.entries
}
