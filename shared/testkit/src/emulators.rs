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
    stack::{Network, Stack},
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
/// The Auth emulator compiles for 12 s of a processor's time.
const AUTH_START_TIMEOUT: Duration = Duration::from_secs(180);

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

    /// Returns the address of the Auth emulator of this test program, as `host:port`; the
    /// first call starts it. Few tests need it, and it takes long to start.
    pub fn auth() -> &'static str {
        static AUTH: OnceLock<(String, Child)> = OnceLock::new();
        let (address, _) = AUTH.get_or_init(|| {
            // A folder that nobody made: accounts begin with nobody.
            let state = std::env::temp_dir().join(format!("mesh-auth-{}", std::process::id()));
            let stack = Stack { state, ..stack() };
            let tools = tools(&stack.root, true);
            let node = tools.node.expect("asked for");
            let child = start(&programs::auth(&node, &stack));
            wait_for(stack.auth_port(), AUTH_START_TIMEOUT);
            (format!("127.0.0.1:{}", stack.auth_port()), child)
        });
        address
    }

    fn start() -> Self {
        let stack = stack();
        let tools = tools(&stack.root, false);
        let runtime = Runtime::new().expect("a runtime");
        let address = (Ipv4Addr::LOCALHOST, stack.bridge_port()).into();
        let switchboard =
            runtime.block_on(Switchboard::start(address)).expect("the switchboard listens");
        let emulators = [
            start(&programs::firestore(&tools, &stack, None)),
            start(&programs::pubsub(&tools, &stack)),
        ];
        let ports = [stack.firestore_port(), stack.pubsub_port()];
        ports.into_iter().for_each(|port| wait_for(port, START_TIMEOUT));
        let [firestore, pubsub] = ports.map(|port| format!("127.0.0.1:{port}"));
        Self { firestore, pubsub, switchboard, _emulators: emulators, _runtime: runtime }
    }
}

fn stack() -> Stack {
    Stack {
        project: "demo-tests".into(),
        root: Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
        state: std::env::temp_dir(),
        port_base: free_port_base(),
        network: Network::Loopback,
        functions: Vec::new(),
        chaos: None,
    }
}

/// A missing emulator fails the tests; it never skips them.
fn tools(root: &Path, auth: bool) -> Tools {
    Tools::find(root, auth).unwrap_or_else(|Missing { what, .. }| panic!("missing: {what}"))
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

fn wait_for(port: u16, timeout: Duration) {
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(started.elapsed() < timeout, "an emulator does not start");
        thread::sleep(Duration::from_millis(50));
    }
}
