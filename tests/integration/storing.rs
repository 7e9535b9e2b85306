//! The store's promises, on the real emulator.

use std::collections::BTreeSet;

use model::{
    AssetId, AssetPartId, DocumentId, ServiceId,
    asset::{Asset, AssetPart},
    finding::Finding,
    journal::JournalRecord,
    service::Service,
};
use problem::{Code, Coded};
use serde_json::json;
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
async fn a_transaction_may_be_open_when_its_runtime_ends() {
    let mesh = Mesh::start("leaving", &[]).await;
    // The connection is of the runtime that asked first: not of the one that leaves.
    mesh.put(&ServiceId::new("before"), &service("before", "u")).await;
    let (store, cause) = (mesh.store.clone(), mesh.cause());
    let (began, begun) = tokio::sync::oneshot::channel();
    let began = std::sync::Mutex::new(Some(began));
    let ended = tokio::task::spawn_blocking(|| {
        let leaving = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        leaving.spawn(async move {
            let forever = store.transact(&cause, |_| async {
                began.lock().unwrap().take().unwrap().send(()).unwrap();
                std::future::pending::<Result<(), StoreError>>().await
            });
            forever.await
        });
        leaving.block_on(begun).unwrap();
        // What is dropped with it asks a runtime that takes nothing any more to roll back.
        drop(leaving);
    });
    ended.await.unwrap();
    assert_eq!(mesh.all::<Service>().await.len(), 1);
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

fn asset(data: serde_json::Value) -> Asset {
    let asset = json!({"name": "//a/b", "assetType": "a/B", "resource": {"data": data}});
    serde_json::from_value(asset).unwrap()
}

fn part(id: &AssetId, index: u32) -> String {
    AssetPartId { asset: id.clone(), index }.path()
}

#[tokio::test]
async fn what_firestore_cannot_hold_is_kept_whole_in_parts() {
    let mesh = Mesh::start("parts", &[]).await;
    let small = asset(json!({"labels": {"team": "é"}}));
    let large = asset(json!({"text": "é\"".repeat(700_000), "more": [1, -2.5, null]}));
    let strange = asset(json!({"lists": [[1], [[2]]], "": 0, "__a__": u64::MAX}));
    let claiming: Asset =
        serde_json::from_value(json!({"name": "//a/b", "assetType": "t", "storedInParts": {}}))
            .unwrap();
    let id = &small.id();
    let parts = async || {
        let parts = mesh.store.list(&Query::<AssetPart>::below(id)).await.unwrap();
        parts.items.len()
    };
    // Each takes the place of the one before.
    let all = [(&small, 0), (&large, 4), (&strange, 1), (&claiming, 1), (&large, 4), (&small, 0)];
    for (asset, count) in all {
        mesh.put(id, asset).await;
        assert_eq!((&mesh.get::<Asset>(id).await, parts().await), (asset, count));
        let query = Query::<Asset>::all().equals("assetType", &asset.asset_type);
        let listed = mesh.store.list(&query).await.unwrap();
        assert_eq!(listed.items.len(), 1);
        assert_eq!(&listed.items[0].document, asset);
        let cause = &mesh.cause();
        let read = mesh.store.transact(cause, |tx| async move {
            // What the transaction wrote by itself is read as well.
            assert!(!tx.put(id, asset, "asset.put", "the test").await?);
            let large = &Asset { asset_type: "other".into(), ..asset.clone() };
            assert!(tx.put(id, large, "asset.put", "the test").await?);
            assert_eq!(&tx.get::<Asset>(id).await?.unwrap().document, large);
            tx.put(id, asset, "asset.put", "the test").await?;
            Ok::<_, StoreError>(tx.get::<Asset>(id).await?.unwrap().document)
        });
        assert_eq!(&read.await.unwrap(), asset);
    }
    mesh.put(id, &large).await;
    mesh.delete::<Asset>(id).await;
    assert_eq!(parts().await, 0);
    mesh.assert_journal_agrees().await;

    let too_large = &asset(json!({"text": "x".repeat(store::parts::WHOLE_BYTES_MAX)}));
    let cause = &mesh.cause();
    let put = mesh
        .store
        .transact(cause, |tx| async move { tx.put(id, too_large, "asset.put", "the test").await });
    let refused: StoreError = put.await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.to_string().contains("at most 8192 KiB"), "{refused}");
}

#[tokio::test]
async fn a_document_whose_parts_were_changed_by_others_is_not_read() {
    let mesh = Mesh::start("torn", &[]).await;
    let large = asset(json!({"text": "x".repeat(2_000_000)}));
    let id = &large.id();
    mesh.put(id, &large).await;
    mesh.put_raw(&part(id, 1), json!({"fields": {"text": {"stringValue": "y"}}})).await;
    let torn = mesh.store.get::<Asset>(id).await.unwrap_err();
    assert_eq!(torn.code(), Code::Aborted);
    assert!(torn.to_string().contains("parts"), "{torn}");
}
