use std::path::{Path, PathBuf};

use audit_engine::offline;
use model::{
    Actor, Role, ShredRequestId, Uid,
    journal::JournalRecord,
    log::{ShredRequest, ShredState},
};
use reqwest::Response;
use serde_json::{Value, json};
use store::Cause;
use testkit::{Mesh, Setup, event};
use tlog::{Hash, Policy, Proof, Resource, TileId, check_consistency, leaf_hash};

use super::{KEEPERS, write};

/// A mesh with the log, the API, and people who ask it.
struct Desk {
    mesh: Mesh,
    auditor: String,
}

impl Desk {
    async fn open(name: &str) -> Self {
        let functions = ["firebase-proxy"].into_iter().chain(KEEPERS).map(str::to_owned).collect();
        let rate = [("MESH_RATE_PER_SECOND", "5000"), ("MESH_RATE_BURST", "5000")];
        let environment = rate.map(|(name, value)| (name.into(), value.into())).into();
        let mesh = Mesh::set_up(name, Setup { functions, environment, ..Setup::default() }).await;
        let auditor = mesh.person("audrey", &[Role::Auditor]).await;
        Self { mesh, auditor }
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}/api/v1/log/{path}", self.mesh.function("firebase-proxy").url());
        self.mesh.http.get(url).bearer_auth(&self.auditor).send().await.unwrap()
    }

    async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    /// Has everything sealed and cosigned that was written.
    async fn settle(&self) {
        self.mesh.settle().await;
        let due = event::due(jiff::Timestamp::now().into());
        assert_eq!(self.mesh.deliver("audit-engine", "seal-due", &due).await.status(), 204);
    }

    /// Downloads the log as a stranger would.
    async fn download(&self, size: u64) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mesh-log-{}", self.mesh.project));
        let save = |path: String, bytes: Vec<u8>| {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        for level in 0..2 {
            for number in 0.. {
                let id = TileId { level, number };
                let width = id.width(size) as u16;
                if width == 0 {
                    break;
                }
                let tile = Resource::Tile { id, width }.to_string();
                let entries = Resource::Entries { number, width }.to_string();
                for path in [tile].into_iter().chain((level == 0).then_some(entries)) {
                    let bytes = self.get(&format!("tiles?path={path}")).await;
                    assert_eq!(bytes.status(), 200, "{path}");
                    save(path, bytes.bytes().await.unwrap().to_vec());
                }
            }
        }
        save("policy".into(), self.text("policy").await.into_bytes());
        save("checkpoint".into(), self.text("checkpoint?witnessed=true").await.into_bytes());
        folder
    }
}

fn hashes(texts: &Value) -> Vec<Hash> {
    let texts = texts.as_array().unwrap();
    texts.iter().map(|text| Hash::parse_hash(text.as_str().unwrap()).unwrap()).collect()
}

fn hash(text: &Value) -> Hash {
    Hash::parse_hash(text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_stranger_verifies_records_with_what_the_api_gives() {
    let desk = Desk::open("log-api").await;
    write(&desk.mesh.store, &desk.mesh.cause(), "a", 300).await;
    desk.settle().await;
    let policy: Policy = desk.text("policy").await.parse().unwrap();
    let note = desk.text("checkpoint?witnessed=true").await;
    let accepted = policy.accept(&note).unwrap();
    assert_eq!(accepted.witnesses, ["witness"]);
    let checkpoint = accepted.checkpoint;
    assert_eq!(checkpoint.size, 301, "300 services and the auditor");

    for stored in desk.mesh.all::<JournalRecord>().await.iter().step_by(37) {
        let record = &stored.id;
        let proof = Proof::parse(&desk.text(&format!("records/{record}/proof")).await).unwrap();
        let entry = proof.extra.clone().unwrap();
        proof.verify(leaf_hash(&entry), &policy).unwrap();
        assert!(proof.verify(leaf_hash(b"another"), &policy).is_err());
        let shown = desk.json(&format!("entries/{}", proof.index)).await;
        assert_eq!(shown["text"].as_str().unwrap().as_bytes(), entry);
        assert_eq!(shown["entry"]["record"], record.as_str());
        let bare = desk.text(&format!("records/{record}/proof?entry=false")).await;
        assert_eq!(Proof::parse(&bare).unwrap().extra, None);
        let verdict = desk.json(&format!("records/{record}/verify")).await;
        assert_eq!((&verdict["verified"], &verdict["witnessed"]), (&json!(true), &json!(true)));
    }
    for (from, to) in [(0, 301), (1, 301), (256, 257), (301, 301), (5, 200)] {
        let proof = desk.json(&format!("consistency?from={from}&to={to}")).await;
        let (old, new) = ((from, hash(&proof["from_root"])), (to, hash(&proof["to_root"])));
        check_consistency(&hashes(&proof["proof"]), old, new).unwrap();
    }
    for (path, status) in [
        ("entries/301", 404),
        ("entries/x", 404),
        ("records/none/proof", 404),
        ("records/none/verify", 404),
        ("tiles?path=tile/0/001.p/46", 404),
        ("tiles?path=tile/0/002", 404),
        ("tiles?path=../checkpoint", 404),
        ("tiles?path=checkpoint", 404),
        ("consistency?from=2&to=1", 400),
        ("consistency?from=0&to=302", 400),
    ] {
        assert_eq!(desk.get(path).await.status(), status, "{path}");
    }

    // Somebody rewrites the journal: the record no longer says what was sealed.
    let changed = &desk.mesh.all::<JournalRecord>().await[17].id;
    let fields = json!({"fields": {"reason": {"stringValue": "nothing happened"}}});
    let path = format!("journal/{changed}?updateMask.fieldPaths=reason");
    desk.mesh.put_raw(&path, fields).await;
    let verdict = desk.json(&format!("records/{changed}/verify")).await;
    assert_eq!(verdict["verified"], false);
    assert_eq!(verdict["problems"], json!(["the journal changed: `reason`"]));
}

#[tokio::test]
async fn a_downloaded_log_is_verified_offline_and_one_flipped_byte_is_named() {
    let desk = Desk::open("log-offline").await;
    write(&desk.mesh.store, &desk.mesh.cause(), "a", 280).await;
    desk.settle().await;
    let old = desk.text("checkpoint?witnessed=true").await;
    write(&desk.mesh.store, &desk.mesh.cause(), "b", 40).await;
    desk.settle().await;
    let folder = desk.download(321).await;
    let kept = folder.join("kept-checkpoint");
    std::fs::write(&kept, old).unwrap();
    let record = desk.mesh.all::<JournalRecord>().await[200].id.clone();
    let verify =
        || offline::log(&folder, None, std::slice::from_ref(&kept), Some(record.as_str())).unwrap();
    let report = verify();
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.said.iter().any(|line| line.contains("is entry")), "{report:#?}");

    for path in ["tile/0/000", "tile/0/001.p/65", "tile/1/000.p/1", "tile/entries/001.p/65"] {
        let file = folder.join(path);
        let whole = std::fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        std::fs::write(&file, flipped).unwrap();
        let problems = verify().problems;
        assert!(problems.iter().any(|problem| problem.contains(path)), "{path}: {problems:#?}");
        std::fs::write(&file, whole).unwrap();
    }
    assert_eq!(verify().problems, Vec::<String>::new());

    one_proof(&desk, &folder, record.as_str()).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn one_proof(desk: &Desk, folder: &Path, record: &str) {
    let file = folder.join("one.tlog-proof");
    let proof = desk.text(&format!("records/{record}/proof")).await;
    std::fs::write(&file, &proof).unwrap();
    let policy = folder.join("policy");
    let report = offline::proof(&file, Some(&policy), Some(record)).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!(offline::proof(&file, Some(&policy), Some("other")).unwrap().problems.len(), 1);
    assert!(offline::proof(&file, None, None).is_err(), "no keys");
    // Any other byte is another proof.
    for place in (30..proof.len()).step_by(41).filter(|place| proof.is_char_boundary(*place)) {
        let mut bytes = proof.clone().into_bytes();
        bytes[place] ^= 1;
        std::fs::write(&file, &bytes).unwrap();
        let verdict = offline::proof(&file, Some(&policy), Some(record));
        assert!(verdict.is_err(), "byte {place}: {:?}", verdict);
    }
}

#[tokio::test]
async fn an_admin_has_somebody_forgotten_and_an_auditor_may_not() {
    let desk = Desk::open("log-forget").await;
    let admin = desk.mesh.person("adam", &[Role::Admin]).await;
    let email = Some("olga@meridian.example".to_owned());
    let actor = Actor::Person { uid: Uid::new("olga"), email };
    write(&desk.mesh.store, &Cause { actor, ..desk.mesh.cause() }, "a", 3).await;
    desk.settle().await;
    let ask = |person: String| {
        let url =
            format!("{}/api/v1/log/shred-requests", desk.mesh.function("firebase-proxy").url());
        let body = json!({"person": "olga", "reason": "they asked for it"});
        desk.mesh.http.post(url).bearer_auth(person).json(&body).send()
    };
    assert_eq!(ask(desk.auditor.clone()).await.unwrap().status(), 403);
    let answer = ask(admin).await.unwrap();
    assert_eq!(answer.status(), 202);
    let answer: Value = answer.json().await.unwrap();
    let id = ShredRequestId::new(answer["request"].as_str().unwrap());
    desk.settle().await;
    let request: ShredRequest = desk.mesh.get(&id).await;
    assert_eq!((request.state, request.person), (ShredState::Done, None));
    for stored in desk.mesh.all::<JournalRecord>().await {
        let text = serde_json::to_string(&stored.document).unwrap();
        assert!(!text.contains("olga@"), "{text}");
        let verdict = desk.json(&format!("records/{}/verify", stored.id)).await;
        assert_eq!(verdict["verified"], true, "{verdict}");
    }
    let due = event::due(jiff::Timestamp::now().into());
    assert_eq!(desk.mesh.deliver("audit-engine", "log-check-due", &due).await.status(), 204);
    let checks = desk.json("checks").await;
    assert_eq!(checks["items"][0]["problems"], json!([]));
    assert_eq!(checks["items"][0]["gaps"], json!([]));
}
