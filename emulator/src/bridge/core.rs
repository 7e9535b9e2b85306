//! What every part of a bridge shares, and how it settles.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tokio::{
    sync::{oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tracing::{error, warn};

use super::{
    Chaos, Clock, Issuer, Pace, Secrets, Target, delivery, eventarc, pubsub,
    queue::{Event, Queue, QueueError},
    scheduler,
};
use crate::stack::Network;

/// Messages that a hanging call has just taken are between the emulator and the
/// queue, where nobody can ask about them; they come within milliseconds.
const PUBSUB_QUIET: Duration = Duration::from_millis(150);
/// A barrier passes the Firestore emulator in milliseconds.
const BARRIER_TIMEOUT: Duration = Duration::from_secs(5);

/// What every part of a bridge shares.
pub(super) struct Core {
    pub(super) project: String,
    pub(super) invoker: String,
    pub(super) targets: Vec<Target>,
    pub(super) network: Network,
    pub(super) firestore: Option<String>,
    pub(super) pubsub: Option<String>,
    pub(super) auth: Option<String>,
    pub(super) http: reqwest::Client,
    pub(super) queue: Queue,
    pub(super) lanes: delivery::Lanes,
    pub(super) consumers: Vec<pubsub::Consumer>,
    pub(super) schedules: Vec<scheduler::Schedule>,
    pub(super) issuer: Issuer,
    pub(super) secrets: Secrets,
    pub(super) clock: Clock,
    pub(super) pace: Pace,
    pub(super) chaos: RwLock<Chaos>,
    pub(super) barriers: Mutex<HashMap<String, oneshot::Sender<()>>>,
    pub(super) firestore_registered: watch::Sender<bool>,
    pub(super) pubsub_created: watch::Sender<bool>,
    pub(super) stopped: watch::Sender<bool>,
    pub(super) listeners: Mutex<JoinSet<()>>,
    pub(super) tasks: Mutex<JoinSet<()>>,
    // Held while events are queued and sent on, so that both keep one order.
    pub(super) accepting: Mutex<()>,
}

impl Core {
    /// Writes events down and sends them on their way.
    pub(super) fn accept(self: &Arc<Self>, events: Vec<Event>) -> Result<(), QueueError> {
        if events.is_empty() {
            return Ok(());
        }
        let _order = self.accepting.lock().unwrap_or_else(PoisonError::into_inner);
        let deliveries = self.queue.put(events)?;
        for delivery in deliveries {
            self.lanes.submit(self, delivery);
        }
        Ok(())
    }

    /// Runs work until it ends or the bridge does.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if *self.stopped.borrow() {
            return;
        }
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Forget what has ended, or the set would grow for ever.
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                error!(%error, "a task of the bridge panicked");
            }
        }
        tasks.spawn(work);
    }

    pub(super) fn chaos(&self) -> Chaos {
        *self.chaos.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_chaos(&self, chaos: Chaos) {
        *self.chaos.write().unwrap_or_else(PoisonError::into_inner) = chaos;
        warn!(%chaos, "set the faults to inject");
    }

    pub(super) fn pass_barrier(&self, nonce: &str) {
        let mut barriers = self.barriers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(barrier) = barriers.remove(nonce) {
            let _ = barrier.send(());
        }
    }

    /// Waits until every event of the writes before this call is in the queue.
    ///
    /// The Firestore emulator sends its events one after another, so a write of
    /// our own that has come back proves that all earlier ones have.
    async fn firestore_barrier(&self) -> bool {
        let Some(host) = self.firestore.as_ref().filter(|_| *self.firestore_registered.borrow())
        else {
            return true;
        };
        let nonce = uuid::Uuid::now_v7().to_string();
        let (passed, passing) = oneshot::channel();
        let barriers = || self.barriers.lock().unwrap_or_else(PoisonError::into_inner);
        barriers().insert(nonce.clone(), passed);
        let url = format!(
            "http://{host}/v1/projects/{}/databases/(default)/documents/{}/{nonce}",
            self.project,
            eventarc::BARRIERS
        );
        let deadline = Instant::now() + BARRIER_TIMEOUT;
        let request = |method| {
            // `owner` is what the emulator calls an administrator.
            self.http.request(method, &url).bearer_auth("owner").timeout(BARRIER_TIMEOUT)
        };
        let written = request(http::Method::PATCH)
            .header("content-type", "application/json")
            .body("{}")
            .send()
            .await;
        let came = match written {
            Ok(answer) if answer.status().is_success() => {
                timeout_at(deadline, passing).await.is_ok_and(|passed| passed.is_ok())
            }
            _ => false,
        };
        barriers().remove(&nonce);
        let _ = request(http::Method::DELETE).send().await;
        came
    }

    /// Waits until nothing is pending or on its way; says whether that came about.
    pub(super) async fn drain(self: &Arc<Self>, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut pending = self.queue.watch();
        loop {
            let accepted = self.queue.accepted();
            let mut flushed = self.firestore_barrier().await;
            if self.pubsub.is_some() {
                flushed &= pubsub::flush(self).await.is_ok();
            }
            let empty = timeout_at(deadline, pending.wait_for(|pending| *pending == 0));
            if !empty.await.is_ok_and(|watched| watched.is_ok()) {
                return false;
            }
            if self.pubsub.is_some() {
                sleep(PUBSUB_QUIET).await;
            }
            if flushed && self.queue.is_empty() && self.queue.accepted() == accepted {
                return true;
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }
}
