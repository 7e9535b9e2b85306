//! Runs the parts of a stack as processes, and leaves none behind.

pub mod backoff;
pub mod exports;
pub mod keeper;
pub mod logs;
pub mod parts;
pub mod ports;
pub mod proc_fs;
pub mod process;
pub mod programs;
pub mod readiness;
pub mod record;
mod signals;
pub mod tools;

use std::{
    fs::{self, File, TryLockError},
    future::Future,
    io::{self, IsTerminal},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use tokio::time::{Instant, interval_at, timeout};

use self::{
    exports::Exports,
    keeper::{Keeper, Surroundings},
    process::kill_group,
    record::{Board, PartRecord, PartState, Phase, Record},
    signals::Signals,
    tools::Tools,
};
use crate::{
    bridge::QUEUE_FILE,
    failure::{Failure, chain},
    stack::Stack,
    terminal::{say, tell},
};

/// How often documents are exported: what a crash of the machine may cost.
const EXPORT_EVERY: Duration = Duration::from_secs(30);
/// How often somebody who waits is told what for.
const WAITING_EVERY: Duration = Duration::from_secs(10);
/// How many lines of a log explain a failure.
const TAIL_LINES: usize = 15;

/// A stack and what it takes to run it.
pub struct Plan {
    /// The stack.
    pub stack: Stack,
    /// The programs of others.
    pub tools: Tools,
    /// This program.
    pub mesh: PathBuf,
    /// Whether nobody sits at a terminal, so that its end means nothing.
    pub detached: bool,
    /// Whether to forget the documents, accounts and deliveries of the last time.
    pub fresh: bool,
}

/// Runs a stack until a signal ends it.
///
/// `fill` runs once everything is ready; when it fails, the stack ends.
///
/// # Errors
/// When a part cannot start, or `fill` fails. All processes are gone then, too.
pub async fn run<F>(plan: Plan, fill: F) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    let state = plan.stack.state.clone();
    let unusable = |error| Failure::internal(format!("cannot use `{}`: {error}", state.display()));
    fs::create_dir_all(&state).map_err(unusable)?;
    // Held until this process ends, however it ends.
    let _lock = lock(&state, plan.stack.port_base)?;
    ports::demand_free(&plan.stack, plan.tools.node.is_some())?;
    let address = ("127.0.0.1", plan.stack.bridge_port());
    let listener = TcpListener::bind(address).map_err(Failure::unavailable)?;
    if plan.fresh {
        forget(&state).map_err(unusable)?;
    }
    plan.stack.save().map_err(unusable)?;

    // First of all, so that no signal finds us without an answer.
    let mut signals = Signals::listen(plan.detached).map_err(Failure::internal)?;
    let http = reqwest::Client::builder().no_proxy().build().map_err(Failure::internal)?;
    let parts = parts::all(&plan, Arc::new(listener))?;
    for part in &parts {
        logs::rotate(&state, &part.name).map_err(unusable)?;
    }
    let records = parts.iter().map(|part| PartRecord {
        name: part.name.clone(),
        port: part.port,
        state: PartState::Starting,
        process: None,
        restarts: 0,
        last_end: None,
    });
    let board = Board::create(&state, records.collect()).map_err(unusable)?;
    let around = Surroundings {
        state: state.clone(),
        setpriv: plan.tools.setpriv.clone(),
        board: board.clone(),
        http: http.clone(),
    };
    let keepers =
        parts.into_iter().map(|part| Keeper::start(part, around.clone())).collect::<Vec<_>>();
    let mut exports = Exports::of(&plan.stack, http);

    let result = tokio::select! {
        result = serve(&keepers, &board, &mut exports, &state, fill) => result,
        () = signals.end() => Ok(()),
    };
    board.enter(Phase::Stopping);
    if let Err(failure) = &result {
        tell(format!("! cannot go on: {}", failure.reason));
    }
    let firestore_ran = board
        .now()
        .parts
        .iter()
        .any(|part| part.name == parts::FIRESTORE && part.state == PartState::Ready);
    let stopped = tokio::select! {
        () = stop(keepers, firestore_ran.then_some(&exports)) => true,
        () = signals.interrupted() => false,
    };
    if !stopped {
        tell("! kills everything at once");
    }
    sweep(&board.now()).await;
    board.remove();
    match stopped {
        true => result,
        false => Err(Failure { code: 130, ..Failure::internal("was interrupted twice") }),
    }
}

/// Waits until all is ready, fills the stack, and looks after it for ever.
async fn serve<F>(
    keepers: &[Keeper],
    board: &Board,
    exports: &mut Exports,
    state: &Path,
    fill: F,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>>,
{
    all_ready(keepers, state).await?;
    fill.await?;
    board.enter(Phase::Ready);
    let mut ticks = interval_at(Instant::now() + EXPORT_EVERY, EXPORT_EVERY);
    loop {
        ticks.tick().await;
        logs::bound(state);
        if let Err(error) = exports.make_if_changed().await {
            tell(format!("! {}", chain(&error)));
        }
    }
}

/// Waits until every part was ready once, and says so of each.
async fn all_ready(keepers: &[Keeper], state: &Path) -> Result<(), Failure> {
    let begun = Instant::now();
    let width = keepers.iter().map(|keeper| keeper.name.len()).max().unwrap_or_default();
    let mut missing = keepers.iter().map(|keeper| keeper.name.as_str()).collect::<Vec<_>>();
    let mut starts = keepers
        .iter()
        .map(|keeper| {
            let mut started = keeper.started.clone();
            async move {
                let started =
                    started.wait_for(Option::is_some).await.map(|started| started.clone());
                (keeper, started.ok().flatten())
            }
        })
        .collect::<FuturesUnordered<_>>();
    let tick = if io::stdout().is_terminal() { "\x1b[32m✓\x1b[0m" } else { "✓" };
    loop {
        let (keeper, started) = match timeout(WAITING_EVERY, starts.next()).await {
            Ok(Some(start)) => start,
            Ok(None) => return Ok(()),
            Err(_) => {
                let seconds = begun.elapsed().as_secs();
                tell(format!("… waits for {} ({seconds} s)", missing.join(", ")));
                continue;
            }
        };
        let (name, port) = (&keeper.name, keeper.port);
        missing.retain(|missing| missing != name);
        match started {
            Some(Ok(after)) => {
                let address = format!("127.0.0.1:{port}");
                say(format!("{tick} {name:width$}  {address:15}  {:4.1} s", after.as_secs_f64()));
            }
            Some(Err(how)) => {
                return Err(Failure::internal(format!("`{name}` {how}")).next(format!(
                    "The end of `{}`:\n{}",
                    logs::file(state, name).display(),
                    logs::tail(state, name, TAIL_LINES)
                )));
            }
            None => return Err(Failure::internal(format!("nobody looks after `{name}` any more"))),
        }
    }
}

/// Ends the parts in the order in which they need each other: functions, the
/// bridge, then, after a last export, the emulators.
async fn stop(keepers: Vec<Keeper>, exports: Option<&Exports>) {
    let (emulators, others): (Vec<_>, Vec<_>) =
        keepers.into_iter().partition(|keeper| parts::EMULATORS.contains(&keeper.name.as_str()));
    let (bridge, functions): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|keeper| keeper.name == parts::BRIDGE);
    join_all(functions.into_iter().map(Keeper::stop)).await;
    join_all(bridge.into_iter().map(Keeper::stop)).await;
    if let Some(exports) = exports
        && let Err(error) = exports.make().await
    {
        tell(format!("! the last documents are not kept: {}", chain(&error)));
    }
    join_all(emulators.into_iter().map(Keeper::stop)).await;
}

/// Kills whatever of a stack is left, by the groups that were written down.
///
/// A number that was given to another process since is left alone.
pub async fn sweep(record: &Record) {
    for process in record.parts.iter().filter_map(|part| part.process) {
        if process.is_alive() {
            kill_group(process.pid).await;
        }
    }
}

/// Takes away what a stack starts with, but not its keys and secrets.
fn forget(state: &Path) -> io::Result<()> {
    let absent = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    };
    absent(fs::remove_dir_all(exports::folder(state)))?;
    absent(fs::remove_file(state.join(QUEUE_FILE)))?;
    absent(fs::remove_file(programs::auth_state(state)))
}

/// Takes the lock of a state folder.
fn lock(state: &Path, port_base: u16) -> Result<File, Failure> {
    let path = state.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(Failure::internal)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let who = Record::load(state)
                .map_or_else(String::new, |record| format!(" (process {})", record.supervisor.pid));
            Err(Failure::unavailable(format!("a stack runs on port base {port_base} already{who}"))
                .next("Stop it with `emulator/down`, or take another `--port-base`."))
        }
        Err(TryLockError::Error(error)) => Err(Failure::internal(error)),
    }
}
