use std::time::{Duration, Instant};

use audit_engine::seal::sweep;
use model::{RecordId, journal::JournalRecord};
use rand::{Rng, SeedableRng, rngs::StdRng};
use testkit::{Mesh, event};

use crate::log::{KEEPERS, assert_sealed, head, later, sealer, write};

/// How often the sealer is killed.
const KILLS: usize = 50;
/// How many records are written between two of them.
const RECORDS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealer_killed_anywhere_loses_and_doubles_nothing() {
    let mut mesh = Mesh::start("seal-killed", &KEEPERS).await;
    let mut random = StdRng::seed_from_u64(0x5EA1);
    let (store, cause) = (mesh.store.clone(), mesh.cause());
    let mut grew = 0;
    let mut last = 0;
    for kill in 0..KILLS {
        write(&store, &cause, &format!("k{kill}"), RECORDS).await;
        // Who was killed in the middle is waited for; then the log grows again. Batches take
        // about 50 ms: any point of one is as likely as another.
        let waiting = Instant::now();
        while head(&mesh).await.map_or(0, |head| head.size) == last
            && waiting.elapsed() < Duration::from_secs(5)
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        mesh.function_mut("audit-engine").kill();
        let size = head(&mesh).await.map_or(0, |head| head.size);
        grew += usize::from(size > last);
        last = size;
        mesh.function_mut("audit-engine").restart();
    }
    mesh.settle().await;
    // What the transport gave up is found by the sweep, once it is old enough.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let due = event::due(jiff::Timestamp::now().into());
    assert_eq!(mesh.deliver("audit-engine", "seal-due", &due).await.status(), 204);
    let entries = assert_sealed(&mesh, 0).await;
    // The rest are letters about deliveries that were given up.
    let written = entries.values().filter(|(_, entry)| entry.action == "service.changed").count();
    assert_eq!(written, KILLS * RECORDS);
    println!("the log grew between {grew} of {KILLS} kills");
    assert!(grew * 2 > KILLS, "it was killed while it did nothing: {grew}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_records_that_wait_are_sealed_in_batches() {
    let mesh = Mesh::start("seal-rate", &[]).await;
    let (sealer, cause) = (sealer(&mesh), mesh.cause());
    write(&mesh.store, &cause, "a", 5_000).await;
    let records: Vec<(RecordId, JournalRecord)> = mesh
        .all::<JournalRecord>()
        .await
        .into_iter()
        .map(|stored| (stored.id, stored.document))
        .collect();
    let started = Instant::now();
    sealer.seal(records).await.unwrap();
    let rate = 5_000.0 / started.elapsed().as_secs_f64();
    // The same through the journal: records are looked for and read as well.
    write(&mesh.store, &cause, "b", 2_000).await;
    let started = Instant::now();
    sweep(&sealer, &cause, later()).await.unwrap();
    let swept = 7_000.0 / started.elapsed().as_secs_f64();
    println!("{rate:.0} records/s sealed, {swept:.0} records/s looked through");
    assert_sealed(&mesh, 0).await;
}
