//! Google's own emulators, started once for a test program.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use emulator::bridge::Switchboard;
use tokio::runtime::Runtime;

use crate::process::{free_port, mortal, spawn};

/// How long an emulator may take to start on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const SDK: &str = "/usr/lib/google-cloud-sdk/platform";

/// The Firestore and the Pub/Sub emulator. Projects keep tests apart.
pub struct Emulators {
    /// The Firestore emulator, as `host:port`.
    pub firestore: String,
    /// The Pub/Sub emulator, as `host:port`.
    pub pubsub: String,
    /// Where the Firestore emulator sends the events of every project.
    pub switchboard: Switchboard,
    // Keeps the switchboard serving after the test that started it.
    _runtime: Runtime,
}

impl Emulators {
    /// Returns the emulators of this test program; the first call starts them.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Emulators> = OnceLock::new();
        // Tests run on runtimes of their own, which must not be blocked on from within.
        SHARED.get_or_init(|| {
            let starting = thread::spawn(Self::start);
            starting.join().expect("the emulators start")
        })
    }

    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        let switchboard =
            runtime.block_on(Switchboard::start(any_port)).expect("the switchboard listens");

        let (firestore, pubsub) = (free_port(), free_port());
        start(
            mortal("java")
                .args(["-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
                .arg(jar(
                    "FIRESTORE_EMULATOR_JAR",
                    "cloud-firestore-emulator",
                    "cloud-firestore-emulator",
                ))
                .arg("com.google.cloud.datastore.emulator.firestore.CloudFirestore")
                .args(["--host", "127.0.0.1", "--port", &firestore.to_string()])
                .args(["--websocket_port", &free_port().to_string()])
                .args(["--functions_emulator", &switchboard.address().to_string()]),
        );
        start(
            mortal("java")
                .args(["-Xmx512m", "-XX:+UseSerialGC", "-jar"])
                .arg(jar("PUBSUB_EMULATOR_JAR", "pubsub-emulator/lib", "cloud-pubsub-emulator"))
                .args(["--host=127.0.0.1", &format!("--port={pubsub}")]),
        );
        for port in [firestore, pubsub] {
            wait_for(port);
        }
        Self {
            firestore: format!("127.0.0.1:{firestore}"),
            pubsub: format!("127.0.0.1:{pubsub}"),
            switchboard,
            _runtime: runtime,
        }
    }
}

/// Starts an emulator. Its output is of no use: the Pub/Sub one logs every header.
fn start(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let command = std::mem::replace(command, Command::new("true"));
    spawn(command).expect("java starts; `emulator/install` installs what is missing");
}

fn wait_for(port: u16) {
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(started.elapsed() < START_TIMEOUT, "an emulator does not start");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Finds an emulator's jar. A missing one fails the tests; it never skips them.
fn jar(variable: &str, folder: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let folder = PathBuf::from(SDK).join(folder);
    let jars = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let found = jars.map(|entry| entry.path()).find(|path| {
        path.extension().is_some_and(|e| e == "jar") && path.to_string_lossy().contains(name)
    });
    found.unwrap_or_else(|| {
        panic!("no `{name}*.jar` in {}: run `emulator/install`", folder.display())
    })
}
