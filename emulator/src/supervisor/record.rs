//! What is running, written down for `mesh status` and `mesh down`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::proc_fs::Identity;

/// Where a stack stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Parts are starting, or the stack is being filled.
    Starting,
    /// Everything was ready at least once.
    Ready,
    /// It is ending.
    Stopping,
}

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// It was started and does not answer yet.
    Starting,
    /// It answers.
    Ready,
    /// It died and will be started again.
    Waiting,
    /// It was stopped.
    Stopped,
}

impl PartState {
    /// Returns the state as people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
        }
    }
}

/// One part of a running stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PartRecord {
    /// The part's name.
    pub name: String,
    /// Where it listens.
    pub port: u16,
    /// Where it stands.
    pub state: PartState,
    /// Its process, while it has one.
    pub process: Option<Identity>,
    /// How often it was started again.
    pub restarts: u32,
    /// How it ended the last time.
    pub last_end: Option<String>,
}

/// A running stack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The supervisor.
    pub supervisor: Identity,
    /// Where the stack stands.
    pub phase: Phase,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its parts, in the order of starting.
    pub parts: Vec<PartRecord>,
}

impl Record {
    /// Reads the record in a state folder, whether or not it still holds.
    #[must_use]
    pub fn load(state: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(file(state)).ok()?).ok()
    }

    /// Reads the record of a stack whose supervisor is alive.
    #[must_use]
    pub fn running(state: &Path) -> Option<Self> {
        Self::load(state).filter(|record| record.supervisor.is_alive())
    }
}

/// The record of this process's stack, which is written at every change.
#[derive(Clone, Debug)]
pub struct Board {
    record: Arc<Mutex<Record>>,
    file: PathBuf,
}

impl Board {
    /// Starts a record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(state: &Path, parts: Vec<PartRecord>) -> io::Result<Self> {
        let supervisor = Identity::of(std::process::id())
            .ok_or_else(|| io::Error::other("`/proc` is not there"))?;
        let started_at = Timestamp::now();
        let record = Record { supervisor, phase: Phase::Starting, started_at, parts };
        let board = Self { record: Arc::new(Mutex::new(record)), file: file(state) };
        board.write(&board.lock())?;
        Ok(board)
    }

    /// Changes the phase.
    pub fn enter(&self, phase: Phase) {
        let mut record = self.lock();
        record.phase = phase;
        self.keep(&record);
    }

    /// Changes the record of one part.
    pub fn change(&self, part: &str, change: impl FnOnce(&mut PartRecord)) {
        let mut record = self.lock();
        if let Some(part) = record.parts.iter_mut().find(|of| of.name == part) {
            change(part);
        }
        self.keep(&record);
    }

    /// Returns the record as it is now.
    #[must_use]
    pub fn now(&self) -> Record {
        self.lock().clone()
    }

    /// Takes the record away: nothing runs any more.
    pub fn remove(&self) {
        let _ = fs::remove_file(&self.file);
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, record: &Record) {
        if let Err(error) = self.write(record) {
            eprintln!("cannot write `{}`: {error}", self.file.display());
        }
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        // Renamed into place: readers see the old record or the new one.
        let draft = self.file.with_extension("json.new");
        fs::write(&draft, serde_json::to_vec_pretty(record)?)?;
        fs::rename(draft, &self.file)
    }
}

fn file(state: &Path) -> PathBuf {
    state.join("supervisor.json")
}
