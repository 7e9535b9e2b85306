//! The whole stack, started by the program that people start.

use std::{
    path::PathBuf,
    process::{Command, Output},
    time::{Duration, Instant},
};

use model::{
    Actor, ControlName, CorrelationId, OverrideId, Uid,
    operator_override::{Approval, Change, Effect, Override, Policy, Scope},
};
use serde_json::{Value, json};
use store::{Cause, Store};

use crate::{corpus, root};

/// A stack of its own, on ports of its own, that ends with the test.
struct Stack {
    port_base: u16,
    state: PathBuf,
}

impl Stack {
    fn up(arguments: &[&str]) -> Self {
        let port_base = testkit::free_port_base();
        let state =
            std::env::temp_dir().join(format!("mesh-stack-{}-{port_base}", std::process::id()));
        let stack = Self { port_base, state };
        let mut all = vec!["up", "--detach", "--project", "demo-stack"];
        all.extend(arguments);
        let output = stack.mesh(&all);
        assert!(output.status.success(), "{}", said(&output));
        stack
    }

    fn mesh(&self, arguments: &[&str]) -> Output {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_probe")).with_file_name("mesh");
        Command::new(program)
            .args(arguments)
            .args(["--port-base", &self.port_base.to_string()])
            .args(["--state", &self.state.to_string_lossy()])
            .current_dir(root())
            .output()
            .expect("`mesh` is built")
    }

    fn status(&self) -> Value {
        let output = self.mesh(&["status", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    }

    fn drain(&self) {
        let url = format!("http://127.0.0.1:{}/admin/drain?timeout_ms=60000", self.port_base + 5);
        let output = Command::new("curl").args(["-fsS", "-X", "POST", &url]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Returns the process of a part; `None` while it is being started again.
    fn process_of(&self, part: &str) -> Option<u32> {
        let status = self.status();
        let parts = status["parts"].as_array().expect("parts");
        let part = parts.iter().find(|entry| entry["name"] == part).expect("the part is known");
        part["pid"].as_u64().map(|pid| u32::try_from(pid).unwrap())
    }

    /// Kills a part and waits until another has taken its place.
    fn replace(&self, part: &str, away: Duration) {
        let old = self.process_of(part).expect("the part runs");
        kill(old);
        std::thread::sleep(away);
        self.wait(part, |stack| stack.process_of(part).is_some_and(|new| new != old));
    }

    fn documents(&self, collection: &str) -> Vec<Value> {
        let url = format!(
            "http://127.0.0.1:{}/v1/projects/demo-stack/databases/(default)/documents/{collection}?pageSize=300",
            self.port_base + 1
        );
        let output = Command::new("curl")
            .args(["-fsS", "-g", "-H", "Authorization: Bearer owner", &url])
            .output()
            .unwrap();
        // While Firestore is away there is no answer; whoever waits asks again.
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        answer["documents"].as_array().cloned().unwrap_or_default()
    }

    /// Returns the journal's records of an action.
    fn records(&self, action: &str) -> Vec<Value> {
        let url = format!(
            "http://127.0.0.1:{}/v1/projects/demo-stack/databases/(default)/documents:runQuery",
            self.port_base + 1
        );
        let action = json!({"fieldFilter": {
            "field": {"fieldPath": "action"}, "op": "EQUAL", "value": {"stringValue": action},
        }});
        let query =
            json!({"structuredQuery": {"from": [{"collectionId": "journal"}], "where": action}});
        let output = Command::new("curl")
            .args(["-fsS", "-g", "-H", "Authorization: Bearer owner"])
            .args(["-H", "Content-Type: application/json", "-d", &query.to_string(), &url])
            .output()
            .unwrap();
        let answer: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let rows = answer.as_array().cloned().unwrap_or_default();
        rows.into_iter().filter(|row| row.get("document").is_some()).collect()
    }

    fn open_findings(&self) -> usize {
        let open = |document: &&Value| document["fields"]["state"]["stringValue"] == "open";
        self.documents("findings").iter().filter(open).count()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let output = self.mesh(&["down"]);
        if !std::thread::panicking() {
            assert!(output.status.success(), "{}", said(&output));
            let _ = std::fs::remove_dir_all(&self.state);
        }
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

impl Stack {
    /// Writes an override that somebody asked for and somebody else agreed to.
    fn halt_trading(&self) {
        let (id, now) = (&OverrideId::new("o1"), jiff::Timestamp::now().into());
        let change = Change {
            control: ControlName::new("trading"),
            effect: Effect::Pause,
            scope: Scope::Global,
            minutes: None,
            reason: "a test".into(),
        };
        let oscar = Actor::Person { uid: Uid::new("oscar"), email: None };
        let asked = Override::ask(id, change, oscar.clone(), Policy::of_mesh(), now);
        let consent =
            Approval { by: Uid::new("opal"), at: now, hash: asked.hash.clone(), signed_in_at: now };
        let approved = &asked.approve(consent, now).unwrap();
        let emulator = format!("127.0.0.1:{}", self.port_base + 1);
        let store = Store::connect_lazily(store::Settings::new("demo-stack", Some(emulator)));
        let correlation = CorrelationId::new("test");
        let cause = &Cause { actor: oscar, correlation, traceparent: None, time: now, event: None };
        let write = store.transact(cause, |tx| async move {
            let put = tx.put(id, approved, "override.approved", "a test").await;
            put.map(|_| ())
        });
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(write).unwrap();
    }

    /// Writes a document as the console would, in the shape of Firestore's REST API.
    fn write(&self, path: &str, fields: Value) {
        let url = format!(
            "http://127.0.0.1:{}/v1/projects/demo-stack/databases/(default)/documents/{path}",
            self.port_base + 1
        );
        let body = json!({"fields": fields}).to_string();
        let output = Command::new("curl")
            .args(["-fsS", "-g", "-X", "PATCH", "-H", "Authorization: Bearer owner"])
            .args(["-H", "Content-Type: application/json", "-d", &body, &url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Waits until the documents, as they are now, are on disk.
    fn wait_for_export(&self) {
        let now = std::time::SystemTime::now();
        let newer = |path: PathBuf| {
            let written = path.join("whole").metadata().and_then(|metadata| metadata.modified());
            written.is_ok_and(|written| written > now)
        };
        self.write(
            "services/marker",
            json!({"name": {"stringValue": "a change"}, "url": {"stringValue": "none"}}),
        );
        self.wait("an export", |stack| {
            let exports = std::fs::read_dir(stack.state.join("firestore"));
            exports.into_iter().flatten().flatten().any(|entry| newer(entry.path()))
        });
    }

    fn wait(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) -> Duration {
        let started = Instant::now();
        while !holds(self) {
            assert!(started.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(50));
        }
        started.elapsed()
    }
}

fn alive(process: u32) -> bool {
    PathBuf::from(format!("/proc/{process}")).exists()
}

fn kill(process: u32) {
    testkit::signal(process, "KILL");
}

/// One story, because a stack takes long to start: what a person does with it, and
/// what happens to it.
#[test]
fn the_whole_stack_does_its_work_and_survives() {
    let stack = Stack::up(&["--no-auth"]);

    // The sample estate was audited.
    let at_first = stack.open_findings();
    assert!(at_first >= 30, "{at_first} findings");
    assert!(!stack.documents("audits").is_empty());

    // An import changes findings; a broken one loads nothing.
    if let Some(files) = corpus() {
        let file = |name: &str| {
            let file = files.iter().find(|file| file.ends_with(name)).expect("part of the corpus");
            file.to_string_lossy().into_owned()
        };
        let assets = stack.documents("assets").len();
        let broken = stack.mesh(&["import", &file("gcp_glb_external_ip.json")]);
        assert_eq!(broken.status.code(), Some(65), "{}", said(&broken));
        assert!(said(&broken).contains("line 25"), "{}", said(&broken));
        assert_eq!(stack.documents("assets").len(), assets);
        let good = stack.mesh(&["import", &file("storage_bucket_policy_only.json")]);
        assert!(good.status.success(), "{}", said(&good));
        let took = stack.wait("new findings", |stack| stack.open_findings() > at_first);
        println!("an import changed findings after {took:?}");
    } else {
        println!("the corpus is not here: set MESH_CORPUS to a folder with assets/*.json");
    }

    // An override halts trading, and the journal says so.
    let text = |text: &str| json!({"stringValue": text});
    stack.halt_trading();
    stack.drain();
    let controls = stack.documents("controls");
    assert_eq!(controls[0]["fields"]["state"]["stringValue"], "halted");
    assert_eq!(stack.records("control.halted").len(), 1);

    // The bridge is killed while the engine is away and events wait.
    let engine = stack.process_of("audit-engine").unwrap();
    testkit::signal(engine, "STOP");
    let bucket = |name: &str| {
        json!({
            "name": text(&format!("//storage.googleapis.com/{name}")),
            "assetType": text("storage.googleapis.com/Bucket"),
            "resource": {"mapValue": {"fields": {"data": {"mapValue": {"fields": {
                "name": text(name),
            }}}}}},
        })
    };
    let before = stack.open_findings();
    for number in 0..10 {
        stack.write(&format!("assets/b{number}"), bucket(&format!("b{number}")));
    }
    stack.replace("bridge", Duration::ZERO);
    testkit::signal(engine, "CONT");
    stack.wait("twenty findings more", |stack| stack.open_findings() == before + 20);

    // Firestore is away for ten seconds; what was accepted is done when it is back.
    let firestore = stack.process_of("firestore").unwrap();
    testkit::signal(firestore, "STOP");
    let tick = stack.mesh(&["tick", "nightly"]);
    assert!(tick.status.success(), "{}", said(&tick));
    std::thread::sleep(Duration::from_secs(10));
    let audits = || stack.documents("audits").len();
    testkit::signal(firestore, "CONT");
    stack.wait("the audit of the night", |_| audits() >= 2);
    stack.drain();
    assert_eq!(stack.open_findings(), before + 20);

    // Firestore is killed: it comes back with what was exported, and events flow again.
    stack.wait_for_export();
    let findings = stack.open_findings();
    stack.replace("firestore", Duration::from_secs(10));
    stack.wait("its documents", |stack| stack.open_findings() == findings);
    stack.write("assets/b99", bucket("b99"));
    stack.wait("events after the restart", |stack| stack.open_findings() == findings + 2);

    // The end leaves nothing behind, however it comes.
    let status = stack.status();
    let processes: Vec<_> = status["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .filter_map(|part| u32::try_from(part["pid"].as_u64()?).ok())
        .collect();
    assert!(processes.len() >= 5 && processes.iter().all(|process| alive(*process)));
    let supervisor = u32::try_from(status["supervisor"]["pid"].as_u64().expect("a pid")).unwrap();
    kill(supervisor);
    stack.wait("nothing is left", |_| processes.iter().all(|process| !alive(*process)));
}
