//! One request's trace, through every function that it causes: over HTTP, documents and messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use model::Role;
use serde_json::{Value, json};
use store::TRAIL;
use testkit::{Mesh, Setup, log_lines};

const FUNCTIONS: [&str; 4] = ["firebase-proxy", "destine-root", "audit-engine", "audit-witness"];
const TRACE: &str = "logging.googleapis.com/trace";
const SPAN: &str = "logging.googleapis.com/spanId";

async fn mesh(name: &str) -> Mesh {
    let functions = FUNCTIONS.map(str::to_owned).into();
    let rates = [("MESH_RATE_PER_SECOND", "5000"), ("MESH_RATE_BURST", "5000")];
    let environment = rates.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mesh = Mesh::set_up(name, Setup { functions, environment, ..Setup::default() }).await;
    mesh.settle().await;
    mesh
}

/// What every function has written so far, by function.
fn logs(mesh: &Mesh) -> BTreeMap<&'static str, Vec<Value>> {
    let entries = |name| log_lines::entries(&mesh.function(name).log()).unwrap();
    FUNCTIONS.into_iter().map(|name| (name, entries(name))).collect()
}

/// What was written since, in every function.
fn since<'l>(
    before: &BTreeMap<&str, Vec<Value>>,
    after: &'l BTreeMap<&'static str, Vec<Value>>,
) -> Vec<(&'static str, &'l Value)> {
    let news = after.iter().flat_map(|(name, lines)| {
        lines[before[name].len()..].iter().map(move |line| (*name, line))
    });
    // The watch of the controls and the like belong to no request.
    news.filter(|(_, line)| line.get(TRACE).is_some()).collect()
}

async fn ask(mesh: &Mesh, person: &str, path: &str, body: &Value, trace: u128) -> String {
    let url = format!("{}/api/v1{path}", mesh.function("firebase-proxy").url());
    let parent = format!("00-{trace:032x}-00f067aa0ba902b7-01");
    let request = mesh.http.post(url).bearer_auth(person).header("traceparent", parent);
    let answer = request.json(body).send().await.unwrap();
    let status = answer.status();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(status.is_success(), "{status}: {:?}", answer.text().await);
    id
}

fn halt() -> Value {
    json!({"control": "trading", "effect": {"kind": "pause"}, "reason": "the exchange is down"})
}

#[tokio::test]
async fn one_trace_reaches_every_line_of_every_function_that_a_request_causes() {
    let mesh = mesh("traces").await;
    let oscar = mesh.person("oscar", &[Role::Operator]).await;
    let vera = mesh.person("vera", &[Role::Auditor]).await;
    mesh.settle().await;
    // A document that starts a function and its journal that starts two; then a message.
    for (number, person, path, body, reached) in [
        (1_u128, &oscar, "/overrides", halt(), &FUNCTIONS[..]),
        (
            2,
            &vera,
            "/audits",
            json!({"reason": "a look"}),
            &["firebase-proxy", "audit-engine", "audit-witness"],
        ),
    ] {
        let before = logs(&mesh);
        let trace = (0xabcd_u128 << 96) + number;
        let request = ask(&mesh, person, path, &body, trace).await;
        mesh.settle().await;
        let after = logs(&mesh);
        let lines = since(&before, &after);
        let wanted = format!("projects/{}/traces/{trace:032x}", mesh.project);
        for (name, line) in &lines {
            assert_eq!(line[TRACE], wanted, "{path}: {name} wrote {line}");
        }
        let told: BTreeSet<_> = lines.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, reached.iter().copied().collect(), "{path}");
        let correlated = lines.iter().filter(|(_, line)| {
            line["logging.googleapis.com/labels"]["correlation_id"] == request.as_str()
        });
        let of: BTreeSet<_> = correlated.map(|(name, _)| *name).collect();
        assert_eq!(of, told, "{path}: the request's id reaches every function");
        assert_tree(&lines);
        assert_shown(&mesh, &format!("{trace:032x}"), &request, reached);
    }
}

/// `mesh logs` shows the same by the trace and by the request's id: each function below who
/// caused it.
fn assert_shown(mesh: &Mesh, trace: &str, request: &str, reached: &[&str]) {
    let state = std::env::temp_dir().join(format!("mesh-logs-{}-{trace}", mesh.project));
    std::fs::create_dir_all(state.join("logs")).unwrap();
    for name in FUNCTIONS {
        let file = state.join("logs").join(format!("{name}.log"));
        std::fs::write(file, mesh.function(name).log()).unwrap();
    }
    let show = |id: &str| {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_probe")).with_file_name("mesh");
        let mut command = Command::new(program);
        let output = command.args(["logs", "--trace", id, "--state"]).arg(&state).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (found, tree) = show(trace);
    assert!(found && show(request).1 == tree, "{tree}");
    assert!(!show("nobody").0);
    let is_of = |line: &&str, name: &str| line.contains(&format!("─ {name}  "));
    for name in reached.iter().filter(|name| **name != "firebase-proxy") {
        assert!(tree.lines().any(|line| is_of(&line, name)), "{name} is not in\n{tree}");
    }
    // The witness is called by the engine, which stands above it and further left.
    let place =
        |name: &str| tree.lines().find(|line| is_of(line, name)).and_then(|line| line.find(name));
    assert!(place("audit-engine") < place("audit-witness"), "{tree}");
    assert!(
        tree.lines().nth(1).is_some_and(|line| line.contains("+0 ms  firebase-proxy  api: POST")),
        "{tree}"
    );
    std::fs::remove_dir_all(state).unwrap();
}

/// Every span was caused by one that is there, all but the first.
fn assert_tree(lines: &[(&str, &Value)]) {
    let spans: BTreeSet<_> = lines.iter().map(|(_, line)| line[SPAN].as_str().unwrap()).collect();
    let outside: BTreeSet<_> = lines
        .iter()
        .map(|(_, line)| line["parentSpan"].as_str().unwrap())
        .filter(|parent| !spans.contains(parent))
        .collect();
    assert_eq!(outside, BTreeSet::from(["00f067aa0ba902b7"]), "one cause is outside");
}

#[tokio::test]
async fn traces_of_requests_at_the_same_time_are_kept_apart() {
    const AT_ONCE: u128 = 8;
    let mesh = mesh("traces-apart").await;
    let oscar = mesh.person("oscar", &[Role::Operator]).await;
    mesh.settle().await;
    let before = logs(&mesh);
    let requests = (1..=AT_ONCE).map(|trace| {
        let (mesh, oscar) = (&mesh, &oscar);
        let mut body = halt();
        body["scope"] = json!({"kind": "tenant", "id": format!("t{trace}")});
        async move { (trace, ask(mesh, oscar, "/overrides", &body, trace).await) }
    });
    let ids: BTreeMap<_, _> = futures::future::join_all(requests).await.into_iter().collect();
    mesh.settle().await;
    let after = logs(&mesh);
    let lines = since(&before, &after);
    for (trace, request) in ids {
        let wanted = format!("projects/{}/traces/{trace:032x}", mesh.project);
        let of = lines.iter().filter(|(_, line)| line[TRACE] == wanted.as_str());
        let functions: BTreeSet<_> = of.clone().map(|(name, _)| *name).collect();
        for name in ["firebase-proxy", "destine-root", "audit-engine"] {
            assert!(functions.contains(name), "trace {trace} misses {name}");
        }
        for (name, line) in of {
            let correlation = &line["logging.googleapis.com/labels"]["correlation_id"];
            assert_eq!(correlation, request.as_str(), "{name} wrote {line}");
        }
    }
}

#[tokio::test]
async fn a_document_says_what_caused_it_and_nobody_reads_that_as_content() {
    let mesh = Mesh::start("trail", &[]).await;
    let cause = store::Cause {
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
        ..mesh.cause()
    };
    let asset: model::asset::Asset = serde_json::from_value(json!({
        "name": "//run.googleapis.com/s", "assetType": "run.googleapis.com/Service",
    }))
    .unwrap();
    let (id, asset) = (&asset.id(), &asset);
    let put = |cause: store::Cause| {
        let store = &mesh.store;
        async move {
            let put = |tx: store::Transaction| async move {
                tx.put(id, asset, "asset.changed", "the test wants it").await
            };
            store.transact::<_, store::StoreError, _, _>(&cause, put).await.unwrap()
        }
    };
    assert!(put(cause.clone()).await);
    assert_eq!(mesh.get::<model::asset::Asset>(id).await, *asset);
    let raw = raw(&mesh, &format!("assets/{id}")).await;
    let trail = &raw["fields"][TRAIL]["mapValue"]["fields"];
    assert_eq!(trail["traceparent"]["stringValue"], cause.traceparent.clone().unwrap());
    assert_eq!(trail["correlation"]["stringValue"], "test");
    // The same content for another reason is no change.
    assert!(!put(store::Cause { traceparent: None, ..cause }).await);
    mesh.assert_journal_agrees().await;
}

async fn raw(mesh: &Mesh, path: &str) -> Value {
    let host = &testkit::Emulators::shared().firestore;
    let documents = format!("projects/{}/databases/(default)/documents", mesh.project);
    let request = mesh.http.get(format!("http://{host}/v1/{documents}/{path}"));
    request.bearer_auth("owner").send().await.unwrap().json().await.unwrap()
}
