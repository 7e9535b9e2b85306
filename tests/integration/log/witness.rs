use model::log::WitnessCheckpoint;
use reqwest::Response;
use testkit::{Mesh, Setup};
use tlog::{AddCheckpoint, Checkpoint, SigningKey, Tiles, leaf_hash};

use super::{log_key, witness_key};

/// A log that somebody keeps who has the log's key.
struct Log {
    tiles: Tiles,
    key: SigningKey,
}

impl Log {
    fn of(mesh: &Mesh, entries: u64, word: &str) -> Self {
        let mut tiles = Tiles::default();
        for index in 0..entries {
            tiles.append(index, leaf_hash(format!("{word} {index}").as_bytes())).unwrap();
        }
        let seed = mesh.bridge.secrets().value("audit-signing-key").unwrap();
        Self { tiles, key: SigningKey::from_hex(&seed).unwrap() }
    }

    fn add(&self, mesh: &Mesh, old: u64, new: u64) -> AddCheckpoint {
        let log = log_key(mesh);
        let root = self.tiles.root(new).unwrap();
        let checkpoint = Checkpoint { origin: log.name().to_owned(), size: new, root };
        let note = log.sign_with(&self.key, &checkpoint.to_text());
        AddCheckpoint { old, proof: self.tiles.consistency(old, new).unwrap(), note }
    }
}

async fn ask_as(mesh: &Mesh, token: Option<&str>, body: String) -> Response {
    let url = format!("{}/add-checkpoint", mesh.function("audit-witness").url());
    let request = mesh.http.post(url).header("content-type", "text/plain").body(body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.unwrap()
}

async fn ask(mesh: &Mesh, add: &AddCheckpoint) -> Response {
    let token = mesh.service_token("audit-engine", "audit-witness");
    ask_as(mesh, Some(&token), add.to_text()).await
}

async fn start(name: &str) -> Mesh {
    let functions = vec!["audit-witness".to_owned()];
    let callers = vec!["audit-engine".to_owned()];
    Mesh::set_up(name, Setup { functions, callers, ..Setup::default() }).await
}

#[tokio::test]
async fn a_log_that_grows_is_cosigned_and_a_fork_never_is() {
    let mesh = start("witness").await;
    let (log, fork) = (Log::of(&mesh, 600, "entry"), Log::of(&mesh, 600, "other"));
    for (old, new) in [(0, 3), (3, 256), (256, 256), (256, 600)] {
        let add = log.add(&mesh, old, new);
        let answer = ask(&mesh, &add).await;
        assert_eq!(answer.status(), 200, "{old} to {new}");
        let line = answer.text().await.unwrap();
        let opened = Checkpoint::open(&(add.note + &line), &[witness_key(&mesh)]).unwrap();
        assert_eq!(opened.checkpoint.size, new);
    }
    let remembered = mesh.all::<WitnessCheckpoint>().await;
    assert_eq!((remembered.len(), remembered[0].document.size), (1, 600));

    let mut unsigned = log.add(&mesh, 600, 600);
    unsigned.note = unsigned.note.replace("\n600\n", "\n601\n");
    let mut unknown = log.add(&mesh, 600, 600);
    unknown.note = unknown.note.replace("mesh.internal", "other.internal");
    let old = |add: AddCheckpoint, old| AddCheckpoint { old, ..add };
    for (what, add, status) in [
        ("another root of the same size", fork.add(&mesh, 600, 600), 409),
        ("another size than it knows", log.add(&mesh, 3, 600), 409),
        ("nothing known", fork.add(&mesh, 0, 600), 409),
        ("a smaller log", old(log.add(&mesh, 3, 256), 600), 400),
        ("not signed", unsigned, 403),
        ("an unknown log", unknown, 404),
    ] {
        let answer = ask(&mesh, &add).await;
        assert_eq!(answer.status(), status, "{what}");
        if status == 409 {
            assert_eq!(answer.headers()["content-type"], "text/x.tlog.size");
            assert_eq!(answer.text().await.unwrap(), "600\n");
        }
    }
    // A fork that has the right sizes, and whatever proof somebody makes up.
    let longer = Log::of(&mesh, 700, "other");
    for proof in [longer.add(&mesh, 600, 700).proof, Vec::new(), log.add(&mesh, 256, 600).proof] {
        let add = AddCheckpoint { proof, ..longer.add(&mesh, 600, 700) };
        assert_eq!(ask(&mesh, &add).await.status(), 422);
    }
    assert_eq!(mesh.all::<WitnessCheckpoint>().await[0].document.size, 600);
}

#[tokio::test]
async fn of_two_that_follow_on_the_same_checkpoint_one_is_cosigned() {
    let mesh = start("witness-race").await;
    let (log, fork) = (Log::of(&mesh, 20, "entry"), Log::of(&mesh, 20, "other"));
    for round in 0..5 {
        let mesh = start_over(&mesh, round).await;
        let (a, b) = (log.add(mesh, 0, 20), fork.add(mesh, 0, 20));
        let (a, b) = tokio::join!(ask(mesh, &a), ask(mesh, &b));
        let mut statuses = [a.status().as_u16(), b.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}

/// Lets the witness forget, as nobody could in production.
async fn start_over(mesh: &Mesh, round: usize) -> &Mesh {
    for stored in mesh.all::<WitnessCheckpoint>().await {
        assert!(round > 0);
        mesh.delete_raw(&format!("witness_checkpoints/{}", stored.id)).await;
    }
    mesh
}

#[tokio::test]
async fn nobody_but_the_functions_of_the_mesh_is_heard() {
    let mesh = start("witness-callers").await;
    let body = Log::of(&mesh, 1, "entry").add(&mesh, 0, 1).to_text();
    let person = mesh.person("olga", &[model::Role::Owner]).await;
    let stranger = mesh.service_token("destine-root", "audit-witness");
    let other = mesh.service_token("audit-engine", "audit-engine");
    for (token, status) in
        [(None, 401), (Some(&person), 401), (Some(&stranger), 403), (Some(&other), 401)]
    {
        let answer = ask_as(&mesh, token.map(String::as_str), body.clone()).await;
        assert_eq!(answer.status(), status);
    }
    assert!(mesh.all::<WitnessCheckpoint>().await.is_empty());
    let token = mesh.service_token("audit-engine", "audit-witness");
    for body in ["", "old 1", "old x\n\nnote", "\u{0}"] {
        assert_eq!(ask_as(&mesh, Some(&token), body.to_owned()).await.status(), 400);
    }
}
