//! Starting a program in a root of its own, and ending it.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::root::RootFolder;

/// A program that is not healthy by then never will be; it takes a tenth of a second alone.
const HEALTHY: Duration = Duration::from_secs(60);
/// As long as Cloud Run gives a container.
const GRACE: Duration = Duration::from_secs(10);
/// How often something is looked at that should come soon.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// The user that images run as.
const USER: &str = "65532";

/// Makes the root read-only, where only this process and its children see it so, and enters it.
const ENTER: &str = r#"mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@""#;

/// How this machine lets somebody enter another root.
#[derive(Clone, Copy)]
pub enum Way {
    /// As root, who mounts the folder read-only and gives up every right.
    Root,
    /// In a user namespace, where nothing is mounted: the folder is another user's.
    Namespace,
}

impl Way {
    /// Finds the way that works here, or says why none does.
    pub fn of_this_machine() -> Result<Self, String> {
        let works = |arguments: &[&str]| {
            let mut command = Command::new("unshare");
            command.args(arguments).arg("true").stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if works(&["--mount"]) {
            Ok(Self::Root)
        } else if works(&["--user", "--map-user", USER, "--map-group", USER]) {
            Ok(Self::Namespace)
        } else {
            Err("this needs root or user namespaces to enter another root, and has neither".into())
        }
    }

    /// Returns the command that starts a program in a root, as the user of images.
    fn command(self, root: &RootFolder, program: &str) -> Command {
        let mut command = match self {
            Self::Root => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", ENTER]).arg(&root.path);
                command.args([
                    "setpriv",
                    "--no-new-privs",
                    "--bounding-set=+setuid,+setgid,+sys_chroot",
                ]);
                command.arg("chroot").arg(format!("--userspec={USER}:{USER}")).arg(&root.path);
                command
            }
            Self::Namespace => {
                let mut command = Command::new("unshare");
                command.args(["--user", "--map-user", USER, "--map-group", USER]);
                command.arg("--root").arg(&root.path);
                command
            }
        };
        command.arg(program).stdin(Stdio::null());
        command
    }

    /// Tells whether a program can be started in a root.
    pub fn runs(self, root: &RootFolder, program: &str) -> bool {
        let mut command = self.command(root, program);
        command.args(["-c", "exit 0"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Starts the program until it is healthy, then asks it to leave.
    pub fn start(
        self,
        root: &RootFolder,
        environment: &BTreeMap<String, String>,
        port: u16,
    ) -> Result<(), String> {
        let log = root.path.with_extension("log");
        let file = fs::File::create(&log).expect("a log");
        let mut command = self.command(root, "/function");
        command.env_clear().envs(environment).env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.stderr(file.try_clone().expect("a log")).stdout(file);
        let mut child = command.spawn().expect("`unshare` runs");
        let result = self.try_out(&mut child, root, environment, port);
        // Whatever came before: nothing that was started here stays.
        let _ = child.kill();
        let _ = child.wait();
        result.map_err(|why| format!("{why}\n{}", fs::read_to_string(&log).unwrap_or_default()))
    }

    fn try_out(
        self,
        child: &mut Child,
        root: &RootFolder,
        environment: &BTreeMap<String, String>,
        port: u16,
    ) -> Result<(), String> {
        let begun = Instant::now();
        while !is_healthy(port) {
            if let Some(status) = child.try_wait().expect("a child") {
                return Err(format!("ended before it was healthy: {status}"));
            }
            if begun.elapsed() > HEALTHY {
                return Err(format!("is not healthy after {HEALTHY:?}"));
            }
            sleep(LOOK_EVERY);
        }
        self.runs_without_rights(child.id())?;
        // As Docker asks from inside the container.
        let mut probe = self.command(root, "/function");
        probe.arg("health").env("PORT", &environment["PORT"]).stderr(Stdio::null());
        if !probe.status().is_ok_and(|status| status.success()) {
            return Err("does not tell that it is healthy".to_owned());
        }
        let asked = Instant::now();
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(killed.is_ok_and(|status| status.success()), "`kill` works");
        match ended(child, asked) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("does not leave in order: {status}")),
            None => Err(format!("has not left after {GRACE:?}")),
        }
    }

    /// Looks at the process as the kernel sees it: its program, its user, no capability, and a root
    /// that nobody can write to.
    fn runs_without_rights(self, process: u32) -> Result<(), String> {
        let seen = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).expect(file);
        let status = seen("status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        if field("Name:") != "function" {
            return Err(format!("is still `{}`", field("Name:")));
        }
        if !field("CapEff:").trim_matches('0').is_empty() {
            return Err(format!("has the capabilities {}", field("CapEff:")));
        }
        if matches!(self, Self::Namespace) {
            return Ok(());
        }
        let users = field("Uid:");
        if users.split_whitespace().any(|user| user != USER) {
            return Err(format!("runs as {users}"));
        }
        // The fields of a mount: …, its place as the process sees it, how it is mounted.
        let mounts = seen("mountinfo");
        let mut places = mounts.lines().map(|line| line.split(' ').skip(4));
        let root = places.find_map(|mut of| of.next().filter(|of| *of == "/").and(of.next()));
        match root.is_some_and(|how| how.split(',').any(|word| word == "ro")) {
            true => Ok(()),
            false => Err(format!("could write to its root, mounted {root:?}")),
        }
    }
}

fn ended(child: &mut Child, asked: Instant) -> Option<ExitStatus> {
    while asked.elapsed() < GRACE {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        sleep(LOOK_EVERY);
    }
    None
}

fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream
            .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// Returns a port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
