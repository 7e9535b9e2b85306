//! One child process: how it starts, and how it surely ends.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    net::TcpListener,
    os::fd::OwnedFd,
    path::PathBuf,
    process::{Command as StdCommand, ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use super::proc_fs::{Identity, group_is_alive};

/// How long a group that was killed may take to be gone; the kernel needs milliseconds.
const KILLED_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a group that was killed is looked at.
const KILLED_POLL: Duration = Duration::from_millis(10);

/// Becomes the program, unless the supervisor (`$0`) died before `setpriv` had
/// asked the kernel to tell: that request would come too late for ever.
const UNLESS_ORPHANED: &str = r#"[ "$PPID" = "$0" ] && exec "$@""#;

/// A program with everything that it is started with.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program's file.
    pub file: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment: nothing is inherited.
    pub environment: BTreeMap<String, String>,
    /// The folder that it works in.
    pub directory: PathBuf,
    /// A listening socket for its standard input, which outlives it.
    pub listener: Option<Arc<TcpListener>>,
}

/// A program that was started.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Which process it is.
    pub identity: Identity,
}

impl Process {
    /// Starts a program in a process group of its own.
    ///
    /// It dies with us, even when we are killed: `setpriv` asks the kernel for
    /// that. The kernel means the *thread* that starts the child, so this must
    /// run on one that lives as long as the process: the supervisor's runtime
    /// has only the main thread, and no child is started anywhere else.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Program, setpriv: &PathBuf, log: &File) -> io::Result<Self> {
        let mut command = StdCommand::new(setpriv);
        command.args(["--pdeathsig", "KILL", "--", "/bin/sh", "-c", UNLESS_ORPHANED]);
        command.arg(std::process::id().to_string()).arg(&program.file).args(&program.arguments);
        command.env_clear().envs(&program.environment).current_dir(&program.directory);
        command.stdout(log.try_clone()?).stderr(log.try_clone()?);
        command.stdin(match &program.listener {
            Some(listener) => Stdio::from(OwnedFd::from(listener.try_clone()?)),
            None => Stdio::null(),
        });
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = Command::from(command).kill_on_drop(true).spawn()?;
        let pid = child.id().ok_or_else(|| io::Error::other("the process ended at once"))?;
        // Not reaped yet, so it is in `/proc` even if it has ended already.
        let identity = Identity::of(pid).ok_or_else(|| io::Error::other("`/proc` is not there"))?;
        Ok(Self { child, identity })
    }

    /// Waits until the process ends, and ends whatever it left in its group.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        kill_group(self.identity.pid).await;
        status
    }

    /// Asks the process to end, waits, and kills its group when it does not.
    /// Returns how it ended, in words.
    pub async fn stop(&mut self, grace: Duration) -> String {
        signal_group("TERM", self.identity.pid);
        let ended = timeout(grace, self.child.wait()).await;
        kill_group(self.identity.pid).await;
        match ended {
            Ok(Ok(status)) => describe(status),
            Ok(Err(error)) => format!("it cannot be waited for: {error}"),
            Err(_) => {
                let _ = timeout(KILLED_TIMEOUT, self.child.wait()).await;
                format!("was killed: it did not end within {} s", grace.as_secs())
            }
        }
    }
}

/// Says how a process ended.
#[must_use]
pub fn describe(status: ExitStatus) -> String {
    match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
        (Some(code), _) => format!("ended with code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

/// Sends a signal to every process of a group; nothing happens when there is none.
///
/// The standard library cannot signal groups, so the shell does, which every
/// machine has.
pub fn signal_group(signal: &str, group: u32) {
    signal_target(signal, &format!("-{group}"));
}

/// Sends a signal to one process.
pub fn signal_process(signal: &str, process: Identity) {
    if process.is_alive() {
        signal_target(signal, &process.pid.to_string());
    }
}

fn signal_target(signal: &str, target: &str) {
    let _ = StdCommand::new("/bin/sh")
        .args(["-c", r#"kill -s "$1" -- "$2" 2>/dev/null"#, "kill", signal, target])
        .stdin(Stdio::null())
        .status();
}

/// Kills what runs in a group and waits until it is gone.
pub async fn kill_group(group: u32) {
    if !group_is_alive(group) {
        return;
    }
    signal_group("KILL", group);
    let gone = async {
        while group_is_alive(group) {
            sleep(KILLED_POLL).await;
        }
    };
    let _ = timeout(KILLED_TIMEOUT, gone).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program {
            file: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            environment: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
            directory: "/".into(),
            listener: None,
        }
    }

    fn start(script: &str) -> Process {
        let null = File::options().append(true).open("/dev/null").expect("always there");
        Process::start(&shell(script), &"/usr/bin/setpriv".into(), &null).expect("starts")
    }

    #[tokio::test]
    async fn a_process_that_does_not_listen_is_killed_with_its_group() {
        let mut process = start("trap '' TERM; sleep 60 & sleep 60 & while :; do sleep 1; done");
        sleep(Duration::from_millis(200)).await;
        let group = process.identity.pid;
        assert!(group_is_alive(group));
        let how = process.stop(Duration::from_millis(300)).await;
        assert!(how.starts_with("was killed"), "{how}");
        assert!(!group_is_alive(group));
    }

    #[tokio::test]
    async fn what_a_process_leaves_behind_ends_with_it() {
        let mut process = start("sleep 60 & exit 7");
        let group = process.identity.pid;
        let status = process.ended().await.expect("ends");
        assert_eq!(describe(status), "ended with code 7");
        assert!(!group_is_alive(group));
    }

    #[tokio::test]
    async fn a_process_that_listens_ends_in_its_own_way() {
        let mut process = start("trap 'exit 3' TERM; while :; do sleep 0.05; done");
        sleep(Duration::from_millis(200)).await;
        assert_eq!(process.stop(Duration::from_secs(5)).await, "ended with code 3");
    }
}
