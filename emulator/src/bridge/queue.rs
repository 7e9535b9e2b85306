//! The durable queue: what was accepted is delivered, also after the bridge was killed.
//!
//! One append-only file of JSON lines. A line either puts a delivery or says
//! that one is done. Lines are written before the sender gets its answer, and
//! without `fsync`: they survive the death of the process, not of the machine,
//! which would take the emulators' own state with it.

use std::{
    collections::{BTreeMap, VecDeque},
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use model::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tracing::{error, warn};

/// Deliveries that may wait. Beyond this a function has been broken for so long
/// that more history helps nobody, and the memory is wanted elsewhere.
pub const QUEUE_MAX: usize = 100_000;
/// Bytes that may wait, because deliveries are also held in memory.
pub const QUEUE_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The file is rewritten beyond this size when most of it is done.
const COMPACTION_BYTES: u64 = 64 * 1024 * 1024;

/// Who hands an event to a function, which decides how an attempt is worded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Firestore events.
    Eventarc,
    /// Messages: the body is an envelope that carries the attempt's number.
    Pubsub,
    /// Schedules.
    Scheduler,
    /// An event that a person sends or sends again: given on as it is.
    Manual,
}

/// What one trigger of one function is to receive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The function.
    pub function: String,
    /// The trigger.
    pub trigger: String,
    /// Who hands it over.
    pub transport: Transport,
    /// Events with the same key are delivered one after another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the bridge accepted it.
    pub accepted_at: Timestamp,
    /// The request's headers, without credentials.
    pub headers: BTreeMap<String, String>,
    /// The request's body.
    #[serde(with = "base64_body")]
    pub body: Bytes,
}

/// An event in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its place: later deliveries have greater numbers.
    pub id: u64,
    /// What is to be delivered.
    pub event: Event,
}

impl Delivery {
    fn size(&self) -> usize {
        let headers = self.event.headers.iter().map(|(name, value)| name.len() + value.len());
        self.event.body.len() + headers.sum::<usize>()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<D> {
    Put(D),
    Done(u64),
}

/// Why the queue cannot keep its promise.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The file cannot be read or written.
    #[error("cannot use the queue `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A second bridge would overwrite the first one's lines.
    #[error("the queue `{}` belongs to another running bridge", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The bridge has ended.
    #[error("the queue is closed")]
    Closed,
}

/// Deliveries that are not done yet, in memory and in a file.
#[derive(Debug)]
pub struct Queue {
    path: PathBuf,
    state: Mutex<State>,
    pending: watch::Sender<usize>,
    // Locked; the system unlocks it however the process ends.
    lock: File,
}

#[derive(Debug)]
struct State {
    file: File,
    bytes: u64,
    pending: BTreeMap<u64, Arc<Delivery>>,
    pending_bytes: usize,
    next: u64,
    accepted: u64,
    closed: bool,
}

impl Queue {
    /// Opens the queue and compacts it; creates it when there is none.
    ///
    /// A last line that was cut off by a kill is dropped: its sender never got
    /// an answer. Any other line that cannot be read is reported, and the file
    /// is kept beside the queue as `queue.log.damaged`.
    ///
    /// # Errors
    /// When the file cannot be used, or another process uses it.
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        let failed = |source| QueueError::File { path: path.to_owned(), source };
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.with_extension("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(QueueError::InUse { path: path.to_owned() });
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        let pending = replay(path).map_err(failed)?;
        let (file, bytes) = rewrite(path, &pending).map_err(failed)?;
        let next = pending.keys().next_back().map_or(1, |last| last + 1);
        let pending_bytes = pending.values().map(|delivery| delivery.size()).sum();
        let count = pending.len();
        Ok(Self {
            path: path.to_owned(),
            state: Mutex::new(State {
                file,
                bytes,
                pending,
                pending_bytes,
                next,
                accepted: 0,
                closed: false,
            }),
            pending: watch::Sender::new(count),
            lock,
        })
    }

    /// Writes events down, all or none, and returns their deliveries.
    ///
    /// The lock is held for one write to the page cache, which takes
    /// microseconds: shorter than handing it to a thread of its own.
    ///
    /// # Errors
    /// When the file cannot be written; nothing is queued then.
    pub fn put(&self, events: Vec<Event>) -> Result<Vec<Arc<Delivery>>, QueueError> {
        let mut state = self.lock();
        if state.closed {
            return Err(QueueError::Closed);
        }
        let first = state.next;
        let deliveries = (first..)
            .zip(events)
            .map(|(id, event)| Arc::new(Delivery { id, event }))
            .collect::<Vec<_>>();
        let mut text = Vec::new();
        for delivery in &deliveries {
            append(&mut text, &Line::Put(delivery.as_ref())).map_err(|e| self.failed(e))?;
        }
        state.write(&text).map_err(|error| self.failed(error))?;
        state.next += deliveries.len() as u64;
        state.accepted += deliveries.len() as u64;
        for delivery in &deliveries {
            state.pending_bytes += delivery.size();
            state.pending.insert(delivery.id, delivery.clone());
        }
        self.pending.send_replace(state.pending.len());
        Ok(deliveries)
    }

    /// Strikes a delivery off.
    ///
    /// A mark that cannot be written is an error in the log and no more: the
    /// delivery comes again after the next start, as it may at any time.
    pub fn done(&self, id: u64) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        let Some(delivery) = state.pending.remove(&id) else { return };
        state.pending_bytes -= delivery.size();
        let mut text = Vec::new();
        let written = append(&mut text, &Line::Done(id)).and_then(|()| state.write(&text));
        if let Err(error) = written {
            error!(%error, delivery = id, "cannot strike delivery {id} off the queue");
        }
        let mostly_done = (state.pending_bytes as u64).saturating_mul(2) < state.bytes;
        if state.bytes > COMPACTION_BYTES && mostly_done {
            match rewrite(&self.path, &state.pending) {
                Ok((file, bytes)) => (state.file, state.bytes) = (file, bytes),
                Err(error) => error!(%error, "cannot compact the queue"),
            }
        }
        self.pending.send_replace(state.pending.len());
    }

    /// Leaves the file to another bridge: nothing is written from here on.
    pub fn close(&self) {
        self.lock().closed = true;
        if let Err(error) = self.lock.unlock() {
            warn!(%error, "cannot unlock the queue");
        }
    }

    /// Returns what is not done, oldest first.
    #[must_use]
    pub fn pending(&self) -> Vec<Arc<Delivery>> {
        self.lock().pending.values().cloned().collect()
    }

    /// Returns how many deliveries are not done.
    #[must_use]
    pub fn len(&self) -> usize {
        *self.pending.borrow()
    }

    /// Says whether everything is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says whether a sender that can wait should wait.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let state = self.lock();
        state.pending.len() >= QUEUE_MAX || state.pending_bytes >= QUEUE_BYTES_MAX
    }

    /// Returns how many deliveries were accepted since the start.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.lock().accepted
    }

    /// Follows how many deliveries are not done.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<usize> {
        self.pending.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: io::Error) -> QueueError {
        QueueError::File { path: self.path.clone(), source }
    }
}

impl State {
    /// Writes whole lines; what a full disk let through of them is cut off again.
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(text) {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            return Err(error);
        }
        self.bytes += text.len() as u64;
        Ok(())
    }
}

fn append(text: &mut Vec<u8>, line: &Line<&Delivery>) -> io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.push(b'\n');
    Ok(())
}

fn replay(path: &Path) -> io::Result<BTreeMap<u64, Arc<Delivery>>> {
    let mut pending = BTreeMap::new();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(pending),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    let mut unreadable = VecDeque::new();
    for number in 1_u64.. {
        text.clear();
        if reader.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if text.last() != Some(&b'\n') {
            warn!(line = number, "dropped the queue's last line, which was cut off");
            break;
        }
        match serde_json::from_slice::<Line<Delivery>>(&text) {
            Ok(Line::Put(delivery)) => {
                pending.insert(delivery.id, Arc::new(delivery));
            }
            Ok(Line::Done(id)) => {
                pending.remove(&id);
            }
            Err(_) => unreadable.push_back(number),
        }
    }
    if let Some(first) = unreadable.front() {
        let copy = path.with_extension("log.damaged");
        fs::copy(path, &copy)?;
        error!(
            lines = unreadable.len(),
            "the queue has lines that cannot be read, from line {first}; kept as `{}`",
            copy.display()
        );
    }
    Ok(pending)
}

/// Writes a queue that holds only what is pending, and puts it in place at once.
fn rewrite(path: &Path, pending: &BTreeMap<u64, Arc<Delivery>>) -> io::Result<(File, u64)> {
    let fresh = path.with_extension("log.new");
    // Events hold whatever documents hold: nobody else may read them.
    let file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
    let mut writer = BufWriter::new(file);
    let (mut text, mut bytes) = (Vec::new(), 0);
    for delivery in pending.values() {
        text.clear();
        append(&mut text, &Line::Put(delivery.as_ref()))?;
        writer.write_all(&text)?;
        bytes += text.len() as u64;
    }
    let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
    fs::rename(&fresh, path)?;
    Ok((file, bytes))
}

/// Bytes as Base64 text, with which a queue of protobuf bodies stays readable.
mod base64_body {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(body))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("mesh-queue-{}", uuid::Uuid::now_v7()));
            fs::create_dir_all(&path).expect("a temporary folder");
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("queue.log")
        }

        fn text(&self) -> String {
            fs::read_to_string(self.file()).expect("a queue file")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn event(body: &str) -> Event {
        Event {
            function: "audit-engine".into(),
            trigger: "estate-changed".into(),
            transport: Transport::Eventarc,
            key: Some("assets/a".into()),
            accepted_at: "2026-01-01T00:00:00Z".parse().expect("valid"),
            headers: BTreeMap::from([("ce-id".into(), "1".into())]),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn bodies(queue: &Queue) -> Vec<String> {
        let text = |delivery: &Arc<Delivery>| String::from_utf8_lossy(&delivery.event.body).into();
        queue.pending().iter().map(text).collect()
    }

    #[test]
    fn what_is_not_done_comes_back_in_order() {
        let folder = Folder::new();
        let queue = Queue::open(&folder.file()).expect("opens");
        let put = queue.put(["a", "b", "c", "d"].map(event).to_vec()).expect("written");
        queue.done(put[1].id);
        drop(queue);
        let queue = Queue::open(&folder.file()).expect("opens again");
        assert_eq!(bodies(&queue), ["a", "c", "d"]);
        let later = queue.put(vec![event("e")]).expect("written");
        assert!(later[0].id > put[3].id, "numbers are never used twice while one is pending");
    }

    #[test]
    fn a_last_line_that_was_cut_off_is_dropped() {
        let folder = Folder::new();
        let queue = Queue::open(&folder.file()).expect("opens");
        queue.put(vec![event("a"), event("b")]).expect("written");
        drop(queue);
        let text = folder.text();
        fs::write(folder.file(), &text[..text.len() - 5]).expect("writable");
        let queue = Queue::open(&folder.file()).expect("opens again");
        assert_eq!(bodies(&queue), ["a"]);
        queue.put(vec![event("c")]).expect("written");
        drop(queue);
        assert_eq!(bodies(&Queue::open(&folder.file()).expect("opens")), ["a", "c"]);
    }

    #[test]
    fn a_damaged_line_is_kept_for_people_and_the_rest_goes_on() {
        let folder = Folder::new();
        let queue = Queue::open(&folder.file()).expect("opens");
        queue.put(vec![event("a")]).expect("written");
        drop(queue);
        fs::write(folder.file(), format!("{{nonsense\n{}", folder.text())).expect("writable");
        assert_eq!(bodies(&Queue::open(&folder.file()).expect("opens")), ["a"]);
        assert!(folder.0.join("queue.log.damaged").exists());
    }

    #[test]
    fn opening_forgets_what_is_done() {
        let folder = Folder::new();
        let queue = Queue::open(&folder.file()).expect("opens");
        for _ in 0..100 {
            let put = queue.put(vec![event("a")]).expect("written");
            queue.done(put[0].id);
        }
        queue.put(vec![event("z")]).expect("written");
        assert_eq!(folder.text().lines().count(), 201);
        drop(queue);
        drop(Queue::open(&folder.file()).expect("opens"));
        assert_eq!(folder.text().lines().count(), 1);
    }

    #[test]
    fn a_long_file_is_compacted_while_it_is_used() {
        let folder = Folder::new();
        let queue = Queue::open(&folder.file()).expect("opens");
        let large = "x".repeat(COMPACTION_BYTES as usize / 5);
        let kept = queue.put(vec![event("kept")]).expect("written");
        for _ in 0..4 {
            let put = queue.put(vec![event(&large)]).expect("written");
            queue.done(put[0].id);
        }
        let size = fs::metadata(folder.file()).expect("a file").len();
        assert!(size < 1024 * 1024, "{size} bytes are left");
        queue.put(vec![event("after")]).expect("written");
        assert_eq!(queue.len(), 2);
        drop(queue);
        let queue = Queue::open(&folder.file()).expect("opens");
        assert_eq!(bodies(&queue), ["kept", "after"]);
        assert_eq!(queue.pending()[0].id, kept[0].id);
    }

    #[test]
    fn a_queue_belongs_to_one_bridge() {
        let folder = Folder::new();
        let _queue = Queue::open(&folder.file()).expect("opens");
        let second = Queue::open(&folder.file()).expect_err("in use");
        assert!(matches!(second, QueueError::InUse { .. }), "{second}");
    }
}
