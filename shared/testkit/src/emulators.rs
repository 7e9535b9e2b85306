//! Google's own emulators, started once for a test program.

use std::{
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::{Child, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use emulator::{
    bridge::Switchboard,
    stack::Stack,
    supervisor::{
        process::Program,
        programs,
        tools::{Missing, Tools},
    },
};
use tokio::runtime::Runtime;

use crate::process::{free_port_base, mortal, spawn};

/// How long an emulator may take to start on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The Firestore and the Pub/Sub emulator. Projects keep tests apart.
pub struct Emulators {
    /// The Firestore emulator, as `host:port`.
    pub firestore: String,
    /// The Pub/Sub emulator, as `host:port`.
    pub pubsub: String,
    /// Where the Firestore emulator sends the events of every project.
    pub switchboard: Switchboard,
    // They run for as long as the test program does.
    _emulators: [Child; 2],
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
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let tools = Tools::find(&root, false);
        // A missing emulator fails the tests; it never skips them.
        let tools = tools.unwrap_or_else(|Missing { what, .. }| panic!("missing: {what}"));
        let stack = Stack {
            project: "demo-tests".into(),
            root,
            state: std::env::temp_dir(),
            port_base: free_port_base(),
            functions: Vec::new(),
            chaos: None,
        };
        let runtime = Runtime::new().expect("a runtime");
        let address = (Ipv4Addr::LOCALHOST, stack.bridge_port()).into();
        let switchboard =
            runtime.block_on(Switchboard::start(address)).expect("the switchboard listens");
        let emulators = [
            start(&programs::firestore(&tools, &stack, None)),
            start(&programs::pubsub(&tools, &stack)),
        ];
        let ports = [stack.firestore_port(), stack.pubsub_port()];
        ports.into_iter().for_each(wait_for);
        let [firestore, pubsub] = ports.map(|port| format!("127.0.0.1:{port}"));
        Self { firestore, pubsub, switchboard, _emulators: emulators, _runtime: runtime }
    }
}

/// Starts an emulator. Its output is of no use: the Pub/Sub one logs every header.
fn start(program: &Program) -> Child {
    let mut command = mortal(&program.file);
    command
        .args(&program.arguments)
        .env_clear()
        .envs(&program.environment)
        .current_dir(&program.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    spawn(command).expect("java starts")
}

fn wait_for(port: u16) {
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(started.elapsed() < START_TIMEOUT, "an emulator does not start");
        thread::sleep(Duration::from_millis(50));
    }
}
