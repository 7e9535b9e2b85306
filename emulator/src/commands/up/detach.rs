//! `mesh up --detach`: the same in the background.

use std::{
    env, fs,
    io::Write,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{signal::ctrl_c, time::sleep};

use crate::{
    failure::Failure,
    supervisor::{
        logs,
        proc_fs::Identity,
        process::signal_process,
        record::{Phase, Record},
    },
};

/// The log of the supervisor.
const LOG: &str = "mesh";
/// How often the background process is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Starts the stack in a process of its own, shows what it says, and returns
/// when it is ready.
pub async fn run(state: &Path, port_base: u16) -> Result<(), Failure> {
    if let Some(record) = Record::running(state) {
        let pid = record.supervisor.pid;
        let reason = format!("a stack runs on port base {port_base} already (process {pid})");
        return Err(Failure::unavailable(reason)
            .next("Stop it with `emulator/down`, or take another `--port-base`."));
    }
    let unusable = |error| Failure::internal(format!("cannot use `{}`: {error}", state.display()));
    logs::rotate(state, LOG).map_err(unusable)?;
    let log = logs::open(state, LOG).map_err(unusable)?;
    let mesh = env::current_exe().map_err(Failure::internal)?;
    let arguments = env::args_os()
        .skip(1)
        .map(|argument| if argument == "--detach" { "--detached".into() } else { argument });
    let mut child = Command::new(mesh)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(unusable)?)
        .stderr(log)
        // Ctrl-C at this terminal is not meant for it.
        .process_group(0)
        .spawn()
        .map_err(Failure::internal)?;
    tokio::select! {
        result = ready(&mut child, state) => result,
        _ = ctrl_c() => {
            if let Some(process) = Identity::of(child.id()) {
                signal_process("TERM", process);
            }
            let _ = child.wait();
            Err(Failure { code: 130, ..Failure::internal("was interrupted; the stack is stopped") })
        }
    }
}

/// Shows the log until the stack is ready or has failed.
async fn ready(child: &mut Child, state: &Path) -> Result<(), Failure> {
    let mut shown = 0;
    loop {
        let ended = child.try_wait().map_err(Failure::internal)?;
        let record = Record::running(state).filter(|record| record.supervisor.pid == child.id());
        // Asked before the log is read, so that nothing of it is missed.
        shown += show(state, shown);
        if let Some(status) = ended {
            let code =
                status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0);
            let failure = Failure::internal("the stack did not start");
            let next = format!("All of its log is in `{}`.", logs::file(state, LOG).display());
            return Err(Failure { code: code.unwrap_or(1), ..failure }.next(next));
        }
        if record.is_some_and(|record| record.phase == Phase::Ready) {
            return Ok(());
        }
        sleep(POLL).await;
    }
}

/// Shows what the log holds beyond what was shown, and returns how much that is.
fn show(state: &Path, shown: usize) -> usize {
    let log = fs::read(logs::file(state, LOG)).unwrap_or_default();
    let new = log.get(shown..).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(new).and_then(|()| out.flush());
    new.len()
}
