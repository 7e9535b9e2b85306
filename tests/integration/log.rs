//! The audit log: every record sealed once, whoever seals, and nothing that is not found.

mod api;
mod archive;
mod fake_cloud_storage;
mod fake_kms;
mod foreign;
mod kms;
mod sealing;
mod shredding;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use audit_engine::seal::{Sealer, SubjectSecret};
use jiff::SignedDuration;
use model::{
    LogCheckpointId, LogHeadId, RecordId, ServiceId, Timestamp,
    journal::JournalRecord,
    log::{Entry, LogCheckpoint, LogEntry, LogHead},
    service::Service,
};
use store::{Cause, Store, StoreError, log::StoredLog};
use testkit::Mesh;
use tlog::{
    Algorithm, Hash, Policy, SigningKey, VerifierKey, log_origin, verify_log, witness_name,
};

/// The functions that keep the log.
pub(crate) const KEEPERS: [&str; 2] = ["audit-engine", "audit-witness"];

fn secret(mesh: &Mesh, name: &str) -> String {
    mesh.bridge.secrets().ensure(name).unwrap();
    mesh.bridge.secrets().value(name).unwrap()
}

fn log_key(mesh: &Mesh) -> VerifierKey {
    let public = secret(mesh, "audit-public-key");
    VerifierKey::from_hex(&log_origin(&mesh.project), Algorithm::Ed25519, &public).unwrap()
}

fn witness_key(mesh: &Mesh) -> VerifierKey {
    let public = secret(mesh, "witness-public-key");
    let name = witness_name(&mesh.project);
    VerifierKey::from_hex(&name, Algorithm::CosignatureV1, &public).unwrap()
}

pub(crate) async fn head(mesh: &Mesh) -> Option<LogHead> {
    let head = mesh.store.get::<LogHead>(&LogHeadId::new("main")).await.unwrap();
    head.map(|head| head.document)
}

async fn checkpoint(mesh: &Mesh) -> LogCheckpoint {
    let size = head(mesh).await.expect("there is a log").size;
    mesh.get(&LogCheckpointId::of_size(size)).await
}

/// Reads the whole log as a stranger would, and checks that it holds every journal record
/// once, and nothing else. Returns the entries, by record.
pub(crate) async fn assert_sealed(
    mesh: &Mesh,
    witnesses: usize,
) -> BTreeMap<RecordId, (u64, Entry)> {
    let latest = checkpoint(mesh).await;
    let policy = Policy::of(&log_key(mesh), &[witness_key(mesh)], witnesses).unwrap();
    let accepted = policy.accept(&latest.note).unwrap();
    let mut entries = BTreeMap::new();
    let mut twice = Vec::new();
    let (stored, earlier) = (StoredLog(mesh.store.clone()), BTreeMap::new());
    let verified = verify_log(&stored, &accepted, &earlier, |index, bytes| {
        let entry: Entry = serde_json::from_slice(bytes).unwrap();
        if let Some(before) = entries.insert(entry.record.clone(), (index, entry)) {
            twice.push(before);
        }
    });
    assert_eq!(verified.await.unwrap().problems, Vec::<String>::new());
    assert!(twice.is_empty(), "sealed twice: {twice:#?}");
    let journal = mesh.all::<JournalRecord>().await;
    let written: BTreeSet<_> = journal.iter().map(|record| record.id.clone()).collect();
    let sealed: BTreeSet<_> = entries.keys().cloned().collect();
    assert_eq!(sealed, written);
    for record in &journal {
        let (_, entry) = &entries[&record.id];
        assert_eq!(entry.contradictions(&record.id, &record.document), Vec::<&str>::new());
    }
    for place in mesh.all::<LogEntry>().await {
        let (index, entry) = &entries[&RecordId::new(place.id.as_str())];
        assert_eq!(place.document.index, *index);
        let leaf: Hash = tlog::leaf_hash(entry.to_text().as_bytes());
        assert_eq!(place.document.leaf, leaf.to_string());
    }
    entries
}

/// Returns a sealer in this process, that nobody cosigns for.
pub(crate) fn sealer(mesh: &Mesh) -> Sealer {
    let signer = SigningKey::from_hex(&secret(mesh, "audit-signing-key")).unwrap();
    let subjects = SubjectSecret::new(&secret(mesh, "audit-subject-secret")).unwrap();
    Sealer::new(mesh.store.clone(), log_key(mesh), Box::new(signer), subjects, None)
}

/// Returns when every record that was written by now is due.
pub(crate) fn later() -> Timestamp {
    Timestamp::from(jiff::Timestamp::now()).plus(SignedDuration::from_mins(30))
}

/// Writes so many journal records, some in each transaction.
pub(crate) async fn write(store: &Store, cause: &Cause, name: &str, count: usize) {
    let numbers: Vec<_> = (0..count).collect();
    for some in numbers.chunks(100) {
        let written = store.transact(cause, |tx| async move {
            for number in some {
                let id = ServiceId::new(format!("{name}-{number}"));
                let url = format!("https://{name}.example/{number}");
                let service = Service { name: name.to_owned(), url };
                tx.put(&id, &service, "service.changed", "a test writes it").await?;
            }
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
    }
}
