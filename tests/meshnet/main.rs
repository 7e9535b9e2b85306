//! `emulator/compose.yaml` runs: every service on a host of its own, as the file says, without Docker.
//!
//! Each service is a network namespace with its own address on a bridge that leads nowhere, and finds
//! the others by name. Programs and emulators are those of this machine instead of the images'; what
//! is started, with which arguments and environment, and how it is known to be healthy, is the file's.

mod hosts;
mod service;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use hosts::Hosts;
use serde_json::{Value, json};
use service::File;

/// Java starts in 4 s on a free machine, and the Auth emulator compiles for 12.
const HEALTHY: Duration = Duration::from_secs(180);
/// What follows from the seed is delivered within seconds; on a busy machine it takes longer.
const DELIVERED: Duration = Duration::from_secs(120);
/// As long as Compose gives a container.
const GRACE: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(250);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

#[test]
fn the_compose_file_runs_with_every_service_on_a_host_of_its_own() {
    let unshare = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        command.arg(program).args(arguments);
        command.env("NO_PROXY", "*").stdin(Stdio::null());
        command
    };
    let ip = unshare(Path::new("ip"), &["link", "add", "mesh0", "type", "bridge"]).output();
    if !ip.is_ok_and(|output| output.status.success()) {
        return println!("skipped: this needs root, and `ip` of iproute2");
    }
    let own = env::current_exe().expect("a program");
    let inside = unshare(&own, &["--ignored", "--exact", "inside", "--nocapture"]).output();
    let output = inside.expect("`unshare` runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{failed}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Services that run, and end with the test.
struct Running<'a> {
    file: &'a File,
    logs: PathBuf,
    children: Vec<(String, Child)>,
}

impl Running<'_> {
    /// Starts services, and waits until each is healthy.
    fn start(&mut self, names: &[&str]) {
        for name in names {
            let log = fs::File::create(self.logs.join(name)).expect("a log");
            let mut command = self.file.command(name);
            command.stderr(log.try_clone().expect("a log")).stdout(log);
            self.children.push(((*name).to_owned(), command.spawn().expect("`ip` runs")));
        }
        let begun = Instant::now();
        for name in names {
            while !self.file.is_healthy(name) {
                let log = || fs::read_to_string(self.logs.join(name)).unwrap_or_default();
                assert!(begun.elapsed() < HEALTHY, "`{name}` is not healthy:\n{}", log());
                let (_, child) =
                    self.children.iter_mut().find(|(of, _)| of == name).expect("was started");
                let ended = child.try_wait().expect("a child");
                assert!(ended.is_none(), "`{name}` ended: {ended:?}\n{}", log());
                sleep(LOOK_EVERY);
            }
        }
    }

    /// Asks everything to leave, and returns what did not do so in order.
    fn stop(mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, mut child) in self.children.drain(..).rev() {
            let killed = Command::new("kill").arg(child.id().to_string()).status();
            assert!(killed.is_ok_and(|status| status.success()), "`kill` works");
            let begun = Instant::now();
            while child.try_wait().expect("a child").is_none() && begun.elapsed() < GRACE {
                sleep(LOOK_EVERY);
            }
            match child.try_wait().expect("a child") {
                // Java ends with the signal's number.
                Some(status) if status.success() || status.code() == Some(143) => {}
                other => wrong.push(format!("{name}: {other:?}")),
            }
        }
        wrong
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
#[ignore = "only in namespaces that the other test makes"]
fn inside() {
    let folder = env::temp_dir().join(format!("mesh-meshnet-{}", uuid::Uuid::now_v7()));
    for part in ["logs", "state"] {
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    let file = File::read(&folder.join("state"));
    let hosts = Hosts::make(&folder, &file.names());
    let mut running = Running { file: &file, logs: folder.join("logs"), children: Vec::new() };
    running.start(&["firestore", "pubsub", "auth"]);
    running.start(&["bridge"]);
    let functions = file.functions();
    running.start(&functions.iter().map(String::as_str).collect::<Vec<_>>());
    let seeded = file.command("seed").output().expect("`ip` runs");
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));

    let gateway = format!("http://{}:8080", hosts.address("bridge"));
    let sign_in = format!(
        "{gateway}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local"
    );
    let person = json!({
        "email": "audrey@meridian.example", "password": "audrey-local", "returnSecureToken": true,
    });
    let (status, session) = ask(&sign_in, None, Some(&person));
    assert_eq!(status, 200, "{session}");
    let token = session["idToken"].as_str().expect("a token");

    let (status, config) = ask(&format!("{gateway}/config.json"), None, None);
    assert_eq!((status, &config["project"]), (200, &"demo-mesh".into()));
    // The page's own address: browsers know no other.
    assert_eq!(config["emulators"]["firestore"], "http://127.0.0.1:8080");
    let documents = "/v1/projects/demo-mesh/databases/(default)/documents/services/audit-engine";
    let (status, service) = ask(&format!("{gateway}{documents}"), Some(token), None);
    assert_eq!(status, 200, "{service}");
    let url = &service["fields"]["url"]["stringValue"];
    assert_eq!(url, "http://audit-engine:8080/health");

    let findings = format!("{gateway}/api/v1/findings");
    assert_eq!(ask(&findings, None, None).0, 401);
    let begun = Instant::now();
    // The estate is examined by events alone; the journal of it is sealed, and the witness agrees.
    loop {
        let (status, found) = ask(&findings, Some(token), None);
        assert_eq!(status, 200, "{found}");
        let (_, log) = ask(&format!("{gateway}/api/v1/log/checkpoint"), Some(token), None);
        let is_examined = found["items"].as_array().is_some_and(|items| !items.is_empty());
        if is_examined && is_cosigned(log.as_str().unwrap_or_default()) {
            break;
        }
        assert!(begun.elapsed() < DELIVERED, "nothing comes of the estate: {found} {log}");
        sleep(LOOK_EVERY);
    }
    // Only what is on the bridge's own host may move its clock.
    let admin = format!("http://{}:8085/admin/status", hosts.address("bridge"));
    assert_eq!(ask(&admin, None, None).0, 403);

    assert_eq!(running.stop(), Vec::<String>::new());
    fs::remove_dir_all(&folder).expect("it was there");
}

/// Whether a checkpoint is of a tree with entries, and signed by sealer and witness.
fn is_cosigned(checkpoint: &str) -> bool {
    let size = checkpoint.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
    let signatures = checkpoint.lines().filter(|line| line.starts_with("— "));
    size.is_some_and(|size| size > 0) && signatures.count() >= 2
}

/// Asks an address, and returns the status and the JSON of the answer.
fn ask(url: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--noproxy",
        "*",
        "--max-time",
        "20",
        "--write-out",
        "\n%{http_code}",
    ]);
    if let Some(token) = token {
        command.args(["--header", &format!("authorization: Bearer {token}")]);
    }
    if let Some(body) = body {
        command.args(["--json", &body.to_string()]);
    }
    let output = command.arg(url).output().expect("`curl` runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let (body, status) = text.rsplit_once('\n').expect("a status");
    let json = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
    (status.parse().expect("a number"), json)
}
