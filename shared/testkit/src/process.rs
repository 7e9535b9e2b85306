//! Processes that end with the test program.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::File,
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// How long a function may take to listen; a debug build on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The ports that single programs get, below those of whole stacks.
const PORTS_FIRST: u32 = 12_000;
const PORTS: u32 = 8_000;
/// How far apart test programs start whose process ids follow on each other: more ports than
/// most of them need.
const PORTS_STEP: u32 = 509;

type Job = (Command, mpsc::Sender<io::Result<Child>>);

/// Spawns a program that dies when this process does, however it dies.
///
/// The parent-death signal is sent when the spawning *thread* ends, and a test's
/// thread ends with the test: so one thread, which lives as long as the process,
/// spawns everything.
pub(crate) fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (jobs, todo) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, answer) in todo {
                let _ = answer.send(command.spawn());
            }
        });
        jobs
    });
    let (answer, child) = mpsc::channel();
    spawner.send((command, answer)).map_err(io::Error::other)?;
    child.recv().map_err(io::Error::other)?
}

/// Returns a command that is told to die together with its parent.
pub(crate) fn mortal(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Returns a port that nobody listens on, and that this process has not been given before.
///
/// It is below those that systems give to clients: a client that is given the port between
/// here and the start of its program would keep the program from listening.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test programs that run at the same time start at different places.
    let first = std::process::id().wrapping_mul(PORTS_STEP);
    let mut ports = (0..PORTS).filter_map(|_| {
        let step = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        u16::try_from(PORTS_FIRST + step).ok()
    });
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// Returns the first of fifty ports that nobody listens on, below those that systems give
/// to clients; for a stack, whose ports follow each other.
#[must_use]
pub fn free_port_base() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Test programs that run at the same time start at different places.
    let mut bases = (0..200).filter_map(|_| {
        let step = std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed);
        u16::try_from(20_000 + step % 200 * 50).ok()
    });
    bases.find(|base| (*base..base + 50).all(free)).expect("fifty free ports")
}

/// Returns where cargo puts programs: beside the test program.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut folder = std::env::current_exe().expect("the test program's path");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let program = folder.join(name);
    assert!(program.is_file(), "`{name}` is not built: run `cargo build --workspace --bins`");
    program
}

/// A function that runs as it will: a process of its own with its own environment.
#[derive(Debug)]
pub struct FunctionProcess {
    program: PathBuf,
    environment: BTreeMap<String, String>,
    log: PathBuf,
    /// Where it listens.
    pub port: u16,
    child: Option<Child>,
}

impl FunctionProcess {
    /// Starts a program in exactly this environment, and waits until it listens.
    #[must_use]
    pub fn start(
        program: &Path,
        environment: BTreeMap<String, String>,
        port: u16,
        log: &Path,
    ) -> Self {
        let mut process = Self {
            program: program.to_owned(),
            environment,
            log: log.to_owned(),
            port,
            child: None,
        };
        process.restart();
        process
    }

    /// Returns the address of the function.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the id of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("the function runs").id()
    }

    /// Kills the process at once, as an instance that is lost.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks the process to leave (SIGTERM) and returns how it did.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        let mut child = self.child.take().expect("the function runs");
        signal(child.id(), "TERM");
        child.wait().expect("the process ends")
    }

    /// Starts the program again, after [`FunctionProcess::kill`].
    pub fn restart(&mut self) {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log file");
        let errors = log.try_clone().expect("a second handle");
        let mut command = mortal(&self.program);
        command.env_clear().envs(&self.environment).stdin(Stdio::null()).stdout(log).stderr(errors);
        self.child = Some(spawn(command).expect("the function starts"));
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < START_TIMEOUT, "no listener; see {}", self.log.display());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns what the function has written, one JSON object a line.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for FunctionProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal by name to a process.
pub fn signal(process: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "cannot signal {process}");
}
