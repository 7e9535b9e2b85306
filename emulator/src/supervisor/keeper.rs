//! Keeps one part running: starts it, waits until it is ready, starts it again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    backoff::Backoff,
    logs,
    process::{Process, Program, describe},
    readiness::{PROBE_PAUSE, Probe},
    record::{Board, PartState},
};
use crate::terminal::tell;

/// The exit code of a part whose settings are wrong: starting it again is no use.
const EXIT_USAGE: i32 = 64;
/// How often a part may die before it was ever ready: more often it will not
/// become well by itself, and somebody waits.
const FIRST_LIVES: u32 = 5;

/// One part of the stack, and how it is treated.
pub struct Part {
    /// Its name, which is also that of its log.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// How it says that it is ready.
    pub probe: Probe,
    /// How long it may take until it is.
    pub ready_timeout: Duration,
    /// How long it may take to end when asked to.
    pub grace: Duration,
    /// What to start; asked anew each time.
    pub program: Box<dyn Fn() -> Program + Send + Sync>,
}

/// What every keeper needs.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The state folder of the stack.
    pub state: PathBuf,
    /// Ties children to us.
    pub setpriv: PathBuf,
    /// Where each change is written down.
    pub board: Board,
    /// For probes.
    pub http: reqwest::Client,
}

/// What came of the first start: how long it took, or why it failed.
pub type Started = Option<Result<Duration, String>>;

/// A part that is kept running.
pub struct Keeper {
    /// The part's name.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// What came of the first start.
    pub started: watch::Receiver<Started>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// How one life of a part ended.
enum Life {
    /// We ended it.
    Stopped,
    /// It ended itself.
    Ended { how: String, healthy: Duration, hopeless: bool },
}

impl Keeper {
    /// Starts a part and everything that keeps it running.
    #[must_use]
    pub fn start(part: Part, around: Surroundings) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (first, started) = watch::channel(None);
        let (name, port) = (part.name.clone(), part.port);
        let task = tokio::spawn(keep(part, around, stopped, Arc::new(first)));
        Self { name, port, started, stop, task }
    }

    /// Ends the part; it is gone when this returns.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

async fn keep(
    part: Part,
    around: Surroundings,
    mut stopped: watch::Receiver<bool>,
    first: Arc<watch::Sender<Started>>,
) {
    let begun = Instant::now();
    let mut backoff = Backoff::default();
    let mut lives = 0_u32;
    let ready = || {
        first.send_if_modified(|started| {
            let news = started.is_none();
            started.get_or_insert(Ok(begun.elapsed()));
            news
        });
    };
    loop {
        let Life::Ended { how, healthy, hopeless } =
            live(&part, &around, &mut stopped, &ready).await
        else {
            around.board.change(&part.name, |record| {
                record.state = PartState::Stopped;
                record.process = None;
            });
            return;
        };
        around.board.change(&part.name, |record| {
            record.state = PartState::Waiting;
            record.process = None;
            record.last_end = Some(how.clone());
        });
        let wait = backoff.after(healthy);
        lives += 1;
        let late = begun.elapsed() + wait > part.ready_timeout;
        if first.borrow().is_none() && (hopeless || late || lives >= FIRST_LIVES) {
            first.send_replace(Some(Err(how)));
            return;
        }
        tell(format!("! {} {how}; starts again in {:.2} s", part.name, wait.as_secs_f64()));
        if timeout(wait, stopping(&mut stopped)).await.is_ok() {
            return;
        }
        around.board.change(&part.name, |record| record.restarts += 1);
    }
}

/// Lets a part live once.
async fn live(
    part: &Part,
    around: &Surroundings,
    stopped: &mut watch::Receiver<bool>,
    ready: &impl Fn(),
) -> Life {
    let ended = |how: String| Life::Ended { how, healthy: Duration::ZERO, hopeless: false };
    let program = (part.program)();
    let started = logs::open(&around.state, &part.name)
        .and_then(|log| Process::start(&program, &around.setpriv, &log));
    let mut process = match started {
        Ok(process) => process,
        Err(error) => return ended(format!("cannot be started: {error}")),
    };
    let begun = Instant::now();
    around.board.change(&part.name, |record| {
        record.state = PartState::Starting;
        record.process = Some(process.identity);
    });
    let mut healthy_since = None;
    loop {
        let next = async {
            if healthy_since.is_some() {
                return std::future::pending().await;
            }
            let asking = async {
                while !part.probe.ask(&around.http, part.port).await {
                    sleep(PROBE_PAUSE).await;
                }
            };
            timeout(part.ready_timeout.saturating_sub(begun.elapsed()), asking).await.is_ok()
        };
        tokio::select! {
            // A part that has died is not ready, whoever answers on its port.
            biased;
            status = process.ended() => {
                let healthy = healthy_since.map_or(Duration::ZERO, |since: Instant| since.elapsed());
                let hopeless = matches!(&status, Ok(status) if status.code() == Some(EXIT_USAGE));
                let how = status.map_or_else(|error| error.to_string(), describe);
                return Life::Ended { how, healthy, hopeless };
            }
            () = stopping(stopped) => {
                process.stop(part.grace).await;
                return Life::Stopped;
            }
            in_time = next => {
                if !in_time {
                    process.stop(part.grace).await;
                    let seconds = part.ready_timeout.as_secs();
                    return ended(format!("was not ready within {seconds} s"));
                }
                healthy_since = Some(Instant::now());
                around.board.change(&part.name, |record| record.state = PartState::Ready);
                ready();
            }
        }
    }
}

/// Waits until the part shall end; one that nobody owns any more ends, too.
async fn stopping(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
