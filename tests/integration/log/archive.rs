use std::{collections::BTreeMap, path::Path, process::Command};

use audit_engine::{
    archive::{Archive, Bucket},
    seal::{Sealer, check, sweep},
};
use function::Environment;
use jiff::SignedDuration;
use model::{
    LogArchiveId, LogCheckpointId, Timestamp,
    log::{LogArchive, LogCheck, LogCheckpoint},
};
use store::log::StoredLog;
use testkit::{Mesh, Setup, event};
use tlog::{Policy, Resource, Source, TileId};

use super::{
    KEEPERS, assert_sealed, checkpoint,
    fake_cloud_storage::{BUCKET, FakeCloudStorage},
    later, log_key, sealer, witness_key, write,
};

/// A log and its copy, without anybody who cosigns.
struct Copied {
    mesh: Mesh,
    sealer: Sealer,
    archive: Archive,
    storage: FakeCloudStorage,
}

fn archive(mesh: &Mesh, host: &str) -> Archive {
    let environment = Environment::of([("AUDIT_BUCKET", BUCKET), ("STORAGE_EMULATOR_HOST", host)]);
    let bucket = Bucket::new(&environment).unwrap().expect("one is named");
    Archive::new(mesh.store.clone(), log_key(mesh), bucket)
}

impl Copied {
    async fn start(name: &str) -> Self {
        let mesh = Mesh::start(name, &[]).await;
        let (storage, host) = FakeCloudStorage::start().await;
        let (sealer, archive) = (sealer(&mesh), archive(&mesh, &host));
        Self { mesh, sealer, archive, storage }
    }

    async fn seal(&self, name: &str, records: usize) {
        write(&self.mesh.store, &self.mesh.cause(), name, records).await;
        sweep(&self.sealer, &self.mesh.cause(), later()).await.unwrap();
    }

    async fn state(&self) -> LogArchive {
        self.mesh.get(&LogArchiveId::new(BUCKET)).await
    }

    async fn check(&self) -> LogCheck {
        let cause = self.mesh.cause();
        let checked = check(&self.sealer, Some(&self.archive), &cause, later()).await;
        checked.unwrap().expect("there is a log")
    }

    /// Returns what the bucket has to have.
    async fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let mut expected = BTreeMap::new();
        for size in [self.state().await.whole, self.state().await.checkpoint] {
            let id = LogCheckpointId::of_size(size);
            let checkpoint: LogCheckpoint = self.mesh.get(&id).await;
            expected.insert(format!("checkpoints/{id}"), checkpoint.note.into_bytes());
        }
        let (log, size) = (StoredLog(self.mesh.store.clone()), self.state().await.whole);
        for number in 0..size.div_ceil(256) {
            let width = (size - number * 256).min(256) as u16;
            let id = TileId { level: 0, number };
            for resource in [Resource::Entries { number, width }, Resource::Tile { id, width }] {
                let content = log.read(resource).await.unwrap().expect("it is there");
                expected.insert(resource.to_string(), content);
            }
        }
        let id = TileId { level: 1, number: 0 };
        if size >= 256 {
            let above = Resource::Tile { id, width: (size / 256) as u16 };
            expected.insert(above.to_string(), log.read(above).await.unwrap().unwrap());
        }
        expected
    }
}

/// Compares names first: contents are long.
fn assert_same(there: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(there.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, content) in expected {
        assert!(there[name] == *content, "`{name}` is another");
    }
}

#[tokio::test]
async fn what_is_sealed_is_copied_once_as_it_is() {
    let copied = Copied::start("copy-once").await;
    copied.seal("a", 700).await;
    copied.archive.catch_up(later()).await;
    let state = copied.state().await;
    assert_eq!((state.bundles, state.checkpoint, state.whole), (2, 700, 700));
    assert_eq!((state.failing_since, state.done_at), (None, state.whole_at));
    let (first, expected) = (copied.storage.objects(), copied.expected().await);
    assert_same(&first, &expected);

    // Again, as if nobody knew of the first pass: all is there, and is the same.
    copied.archive.catch_up(later()).await;
    copied.mesh.store.forget::<LogArchive>(&LogArchiveId::new(BUCKET)).await.unwrap();
    copied.archive.catch_up(later()).await;
    assert_eq!(copied.state().await.foreign, Vec::<String>::new());
    assert_eq!(copied.storage.added(), first.len());

    // What is added later is added; the entries that were not full are there again when full.
    copied.seal("b", 100).await;
    copied.archive.catch_up(later()).await;
    assert_eq!(copied.state().await.bundles, 3);
    assert!(copied.storage.objects().contains_key("tile/entries/002"));
    // What is not full is left for an hour, and a checkpoint that nobody cosigns for a while.
    assert_eq!((copied.state().await.whole, copied.state().await.checkpoint), (700, 700));
    let in_an_hour = later().plus(SignedDuration::from_mins(61));
    copied.archive.catch_up(in_an_hour).await;
    assert_eq!(copied.state().await.whole, 800);
    let (now, expected) = (copied.storage.objects(), copied.expected().await);
    let unexpected = now.keys().filter(|name| !expected.contains_key(*name));
    assert_eq!(
        unexpected.collect::<Vec<_>>(),
        [
            "checkpoints/0000000000000700",
            "tile/0/002.p/188",
            "tile/1/000.p/2",
            "tile/entries/002.p/188"
        ]
    );
    let checked = copied.check().await;
    assert_eq!(checked.problems, Vec::<String>::new());
    let tiles = now.keys().filter(|name| name.starts_with("tile/")).count() as u64;
    let compared = checked.archive.expect("there is a copy");
    // Six that are full, three that are not, and the last checkpoint.
    assert!(compared.objects >= tiles && compared.compared >= 10, "{compared:?}");
}

#[tokio::test]
async fn a_checkpoint_goes_without_its_witness_once_that_is_silent() {
    let copied = Copied::start("copy-silent").await;
    copied.seal("a", 300).await;
    let began = Timestamp::from(jiff::Timestamp::now());
    let pass = |minutes: i64| {
        let at = began.plus(SignedDuration::from_mins(minutes));
        let copied = &copied;
        async move {
            copied.archive.catch_up(at).await;
            let state = copied.state().await;
            (state.bundles, state.checkpoint, state.whole)
        }
    };
    assert_eq!(pass(0).await, (1, 0, 0));
    assert_eq!(pass(9).await, (1, 0, 0));
    assert_eq!(pass(11).await, (1, 300, 300));
    copied.seal("b", 10).await;
    assert_eq!(pass(20).await, (1, 300, 300));
    assert_eq!(pass(21).await, (1, 310, 300));
    assert_eq!(pass(71).await, (1, 310, 310));
    assert_eq!(copied.check().await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_bucket_that_is_away_delays_the_copy_and_nothing_else() {
    let copied = Copied::start("copy-away").await;
    copied.storage.away(true);
    copied.seal("a", 600).await;
    let since = later();
    copied.archive.catch_up(since).await;
    copied.archive.catch_up(since.plus(SignedDuration::from_mins(1))).await;
    let state = copied.state().await;
    assert_eq!((state.bundles, state.checkpoint), (0, 0));
    assert_eq!(state.failing_since, Some(since));
    assert!(state.failure.is_some_and(|failure| failure.contains("503")));
    assert_eq!(assert_sealed(&copied.mesh, 0).await.len(), 600);
    // The nightly check says that it could compare nothing.
    let problems = copied.check().await.problems;
    assert!(problems.iter().any(|problem| problem.contains("503")), "{problems:#?}");

    // It comes back, and goes in the middle of a pass.
    copied.storage.away(false);
    copied.storage.away_after(3);
    copied.archive.catch_up(later()).await;
    assert!(copied.state().await.failing_since.is_some());
    copied.storage.away(false);
    copied.archive.catch_up(later()).await;
    assert_same(&copied.storage.objects(), &copied.expected().await);
    assert_eq!((copied.state().await.failing_since, copied.state().await.failure), (None, None));
    assert_eq!(copied.check().await.problems, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_changed_or_gone_in_the_bucket_is_found() {
    let copied = Copied::start("copy-changed").await;
    copied.seal("a", 700).await;
    copied.archive.catch_up(later()).await;
    let flip = |content: &mut Vec<u8>| content[40] ^= 1;
    let cases: [(&str, &str); 5] = [
        ("tile/entries/000", "is another"),
        ("tile/0/001", "is another"),
        ("tile/entries/002.p/188", "is another"),
        ("tile/1/000.p/2", "is another"),
        ("checkpoints/0000000000000700", "is another"),
    ];
    for (object, wrong) in cases {
        copied.storage.change(object, flip);
        let problems = copied.check().await.problems;
        assert_eq!(problems, [format!("copy: `{object}` {wrong}")]);
        copied.storage.change(object, flip);
    }
    let kept = copied.storage.objects();
    for object in ["tile/entries/001", "checkpoints/0000000000000700", "tile/0/002.p/188"] {
        copied.storage.remove(object);
        let problems = copied.check().await.problems;
        assert_eq!(problems, [format!("copy: `{object}` is missing")]);
        copied.storage.change(object, |content| content.clone_from(&kept[object]));
    }
    copied.storage.change("tile/entries/000", |content| content.push(0));
    let problems = copied.check().await.problems;
    assert!(problems.iter().any(|problem| problem.contains(" bytes instead of ")), "{problems:#?}");
    copied.storage.change("tile/entries/000", |content| content.truncate(content.len() - 1));

    // A log that is gone has a copy all the same, and one that was shortened a longer one. than its copy.
    for object in
        ["tile/entries/003", "checkpoints/0000000000001024", "tile/0/003.p/1", "tile/nothing"]
    {
        copied.storage.change(object, |content| content.push(0));
        let problems = copied.check().await.problems;
        assert!(problems[0].starts_with(&format!("copy: `{object}` is there, ")), "{problems:#?}");
        copied.storage.remove(object);
    }
    assert_eq!(copied.check().await.problems, Vec::<String>::new());
    copied.mesh.delete_raw("log_heads/main").await;
    let problems = copied.check().await.problems;
    let told = "copy: `tile/entries/001` is there, and is not of a log of 0 entries";
    assert!(problems.contains(&told.to_owned()), "{problems:#?}");
}

#[tokio::test]
async fn what_was_there_before_with_other_content_is_told_and_stays() {
    let copied = Copied::start("copy-foreign").await;
    copied.storage.change("tile/entries/000", |content| content.extend(b"not the log's"));
    copied.seal("a", 300).await;
    copied.archive.catch_up(later()).await;
    let state = copied.state().await;
    assert_eq!((state.bundles, state.foreign), (1, vec!["tile/entries/000".to_owned()]));
    assert_eq!(copied.storage.objects()["tile/entries/000"], b"not the log's");
    let problems = copied.check().await.problems;
    assert!(problems.contains(&"copy: `tile/entries/000` is another".to_owned()), "{problems:#?}");
}

#[tokio::test]
async fn what_is_not_what_was_signed_is_not_copied() {
    let copied = Copied::start("copy-unproven").await;
    copied.seal("a", 300).await;
    let id = model::LogBundleId::starting_at(0);
    let whole: model::log::LogBundle = copied.mesh.get(&id).await;
    let mut changed = whole.clone();
    changed.entries[7] = changed.entries[8].clone();
    let cause = copied.mesh.cause();
    let put = |bundle: model::log::LogBundle| {
        let (store, cause, id) = (copied.mesh.store.clone(), cause.clone(), id.clone());
        async move {
            let (id, bundle) = (&id, &bundle);
            let kept = store.transact(&cause, |tx| async move { tx.keep(id, bundle) });
            kept.await.unwrap();
        }
    };
    put(changed).await;
    copied.archive.catch_up(later()).await;
    assert!(!copied.storage.objects().contains_key("tile/entries/000"));
    assert!(copied.state().await.failure.unwrap().contains("`tile/entries/000` is not copied"));
    put(whole).await;
    copied.archive.catch_up(later()).await;
    assert_same(&copied.storage.objects(), &copied.expected().await);
}

#[tokio::test]
async fn the_function_copies_cosigned_checkpoints_and_whoever_downloads_them_verifies_them() {
    let (storage, host) = FakeCloudStorage::start().await;
    let environment = [("AUDIT_BUCKET", BUCKET), ("STORAGE_EMULATOR_HOST", &*host)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let setup = Setup {
        functions: KEEPERS.map(str::to_owned).to_vec(),
        environment: environment.into(),
        ..Setup::default()
    };
    let mesh = Mesh::set_up("copy-function", setup).await;
    write(&mesh.store, &mesh.cause(), "a", 300).await;
    mesh.settle().await;
    let now = || Timestamp::from(jiff::Timestamp::now());
    for _ in 0..2 {
        let due = event::due(now());
        assert_eq!(mesh.deliver("audit-engine", "seal-due", &due).await.status(), 204);
    }
    let latest = checkpoint(&mesh).await;
    assert_eq!(latest.witnessed_size, Some(300));
    let objects = storage.objects();
    let policy = Policy::of(&log_key(&mesh), &[witness_key(&mesh)], 1).unwrap();
    let note = String::from_utf8(objects["checkpoints/0000000000000300"].clone()).unwrap();
    assert_eq!(policy.accept(&note).unwrap().checkpoint.size, 300);

    let folder = std::env::temp_dir().join(format!("mesh-copy-{}", mesh.project));
    for (name, content) in &objects {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let (log, witness) = (log_key(&mesh), witness_key(&mesh));
    let policy = format!("log {log}\nwitness w {witness}\nquorum w\n");
    let file = folder.join("trusted");
    std::fs::write(&file, policy).unwrap();
    let verified = audit_engine::offline::log(&folder, Some(&file), &[], None).unwrap();
    assert_eq!(verified.problems, Vec::<String>::new());
    assert!(verified.said.contains(&"entries     300".to_owned()), "{:#?}", verified.said);
    assert!(verify(&folder, &file), "the program says the same");
    let entries = folder.join("tile/entries/000");
    let mut content = std::fs::read(&entries).unwrap();
    content[40] ^= 1;
    std::fs::write(&entries, content).unwrap();
    assert!(!verify(&folder, &file), "one bit is another");
    std::fs::remove_dir_all(folder).unwrap();
}

fn verify(folder: &Path, policy: &Path) -> bool {
    // The program is beside the folder of this one.
    let mut program = std::env::current_exe().unwrap();
    program.pop();
    program.pop();
    program.push("audit");
    let mut run = Command::new(program);
    run.arg("verify").arg("--log").arg(folder).arg("--policy").arg(policy);
    run.status().unwrap().success()
}
