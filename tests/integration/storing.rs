//! The store's promises, on the real emulator.

use std::collections::BTreeSet;

use model::{ServiceId, finding::Finding, journal::JournalRecord, service::Service};
use problem::{Code, Coded};
use store::{Direction, Once, Origin, PageToken, Query, StoreError};
use testkit::Mesh;

fn service(name: &str, url: &str) -> Service {
    Service { name: name.into(), url: url.into() }
}

#[tokio::test]
async fn contended_transactions_all_commit_once() {
    let mesh = Mesh::start("contended", &[]).await;
    let (store, cause) = (&mesh.store, &mesh.cause());
    let id = &ServiceId::new("counter");
    let add_one = || {
        store.transact(cause, |tx| async move {
            let known = tx.get::<Service>(id).await?;
            let url = known.map_or(String::new(), |stored| stored.document.url) + "x";
            tx.put(id, &service("counter", &url), "service.counted", "the test").await
        })
    };
    let results = futures::future::join_all((0..6).map(|_| add_one())).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let counted: Service = mesh.get(id).await;
    assert_eq!(counted.url.len(), 6);
    assert_eq!(mesh.history("services/counter").await.len(), 6);
    mesh.assert_journal_agrees().await;
}

#[tokio::test]
async fn an_effect_happens_once_for_each_event() {
    let mesh = Mesh::start("once", &[]).await;
    let mut cause = mesh.cause();
    cause.event = Some(Origin {
        event: model::EventId::new("e1"),
        function: "test".into(),
        trigger: "test".into(),
    });
    let (cause, id) = (&cause, &ServiceId::new("s"));
    let happen = async || {
        let done = mesh.store.once(cause, |tx| async move {
            tx.put(id, &service("s", "u"), "service.put", "the test").await
        });
        done.await.unwrap()
    };
    assert_eq!(happen().await, Once::Done(true));
    mesh.delete::<Service>(id).await;
    assert_eq!(happen().await, Once::Repeated);
    assert!(mesh.store.get::<Service>(id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_does_not_change_is_not_recorded() {
    let mesh = Mesh::start("unchanged", &[]).await;
    let id = ServiceId::new("s");
    for _ in 0..3 {
        mesh.put(&id, &service("s", "u")).await;
    }
    assert_eq!(mesh.all::<JournalRecord>().await.len(), 1);
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_nothing() {
    let mesh = Mesh::start("rollback", &[]).await;
    let (cause, id) = (&mesh.cause(), &ServiceId::new("s"));
    let failed: Result<(), StoreError> = mesh
        .store
        .transact(cause, |tx| async move {
            tx.put(id, &service("s", "u"), "service.put", "the test").await?;
            tx.create(id, &service("s", "v"), "service.put", "the test").await
        })
        .await;
    assert_eq!(failed.unwrap_err().code(), Code::AlreadyExists);
    assert!(mesh.store.get::<Service>(id).await.unwrap().is_none());
    assert!(mesh.all::<JournalRecord>().await.is_empty());
}

#[tokio::test]
async fn a_transaction_has_a_bound() {
    let mesh = Mesh::start("bound", &[]).await;
    let cause = &mesh.cause();
    let write = |count: usize| {
        mesh.store.transact(cause, move |tx| async move {
            for number in 0..count {
                let id = ServiceId::new(format!("s{number:04}"));
                tx.put(&id, &service("s", "u"), "service.put", "the test").await?;
            }
            Ok::<_, StoreError>(())
        })
    };
    // Each document brings its journal record.
    assert!(write(store::WRITES_MAX / 2 + 1).await.is_err());
    assert!(mesh.all::<Service>().await.is_empty());
    write(store::WRITES_MAX / 2).await.unwrap();
    assert_eq!(mesh.all::<Service>().await.len(), store::WRITES_MAX / 2);
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    let mesh = Mesh::start("pages", &[]).await;
    let (cause, count) = (&mesh.cause(), 25);
    mesh.store
        .transact(cause, |tx| async move {
            for number in 0..count {
                // Many share a name, so that the order needs the id as well.
                let service = service(&format!("n{}", number % 3), "u");
                let id = ServiceId::new(format!("s{number:02}"));
                tx.put(&id, &service, "service.put", "the test").await?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    for direction in [Direction::Ascending, Direction::Descending] {
        let (mut seen, mut next, mut pages) = (Vec::new(), None, 0);
        loop {
            let query = Query::<Service>::all().order_by("name", direction.clone()).page_size(4);
            let page = mesh.store.list(&query.after(next)).await.unwrap();
            assert!(page.items.len() <= 4);
            seen.extend(page.items.into_iter().map(|stored| stored.id.to_string()));
            pages += 1;
            // The token goes through a caller and back.
            next = page.next.map(|token| PageToken::new(token.as_str()));
            if next.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), pages), (count, 7));
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), count);
    }
    let some = Query::<Service>::all().equals("name", "n1");
    assert_eq!(mesh.store.list(&some).await.unwrap().items.len(), 8);
}

#[tokio::test]
async fn a_query_that_production_would_refuse_is_refused_here() {
    let mesh = Mesh::start("index", &[]).await;
    let (store, cause) = (&mesh.store, &mesh.cause());
    let by_state = |field: &str| {
        Query::<Finding>::all().equals("state", "open").order_by(field, Direction::Descending)
    };
    assert!(store.list(&by_state("last_seen")).await.is_ok());
    let unknown = &by_state("opened_at");
    let refused = store.list(unknown).await.unwrap_err();
    let in_transaction =
        store.transact(cause, |tx| async move { tx.list(unknown).await }).await.unwrap_err();
    for error in [refused, in_transaction] {
        assert_eq!(error.code(), Code::Internal);
        let words = error.to_string();
        assert!(words.contains("`findings(state ascending, opened_at descending)`"), "{words}");
    }
}

#[tokio::test]
async fn a_document_that_does_not_parse_is_named_and_stops_no_list() {
    let mesh = Mesh::start("unparsed", &[]).await;
    mesh.put(&ServiceId::new("good"), &service("good", "u")).await;
    let odd = serde_json::json!({"fields": {"name": {"stringValue": "odd"}, "url": {"booleanValue": true}}});
    mesh.put_raw("services/odd", odd).await;
    let page = mesh.store.list(&Query::<Service>::all()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.unreadable.len(), 1);
    assert!(
        page.unreadable[0].starts_with("`services/odd` cannot be read: url: "),
        "{:?}",
        page.unreadable
    );
    let error = mesh.store.get::<Service>(&ServiceId::new("odd")).await.unwrap_err();
    assert_eq!(error.code(), Code::FailedPrecondition);
}
