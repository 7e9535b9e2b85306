//! Delivering: lanes, order, retries, and what happens when they end.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use function::manifest::{Kind, Manifest};
use jiff::Timestamp;
use model::topic::{DeliveryExhausted, Message};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::{Semaphore, watch},
    time::{Instant, sleep, timeout},
};
use tracing::{Instrument, debug, error, info, info_span, warn};

use super::{
    Core, Target, pubsub,
    queue::{Delivery, Transport},
};
use crate::stack::Network;

/// How deliveries are paced. Production is slower: Pub/Sub is configured with
/// 10 s doubling to 600 s. Here a person waits for the outcome.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest first wait; each later one may be twice as long.
    pub backoff_first: Duration,
    /// The longest wait.
    pub backoff_max: Duration,
    /// A function that cannot be reached for less than this is starting:
    /// attempts are not counted. A debug build with its emulators starts in 10 s.
    pub unreachable_grace: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            backoff_first: Duration::from_millis(100),
            backoff_max: Duration::from_secs(10),
            unreachable_grace: Duration::from_secs(30),
        }
    }
}

/// Between looks whether a function that could not be reached listens again.
const PROBE_INTERVAL: Duration = Duration::from_millis(100);
/// How long a delivery waits for another to overtake it, when chaos says so.
const OVERTAKE_WAIT: Duration = Duration::from_millis(50);
/// How much of an answer is read: enough to use the connection again.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// A connection on this machine is accepted at once or never.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Every lane of a stack: one for each trigger that is delivered to.
#[derive(Debug, Default)]
pub(super) struct Lanes(BTreeMap<(String, String), Arc<Lane>>);

/// The deliveries of one trigger of one function.
///
/// Each ordering key has one task, which carries its deliveries one after
/// another, retries included. Only an attempt takes one of the places that the
/// function's concurrency allows; waiting for the next attempt takes none, so a
/// delivery that keeps failing delays nothing but its own key.
#[derive(Debug)]
struct Lane {
    function: String,
    trigger: String,
    url: String,
    audience: String,
    timeout: Duration,
    /// `None`: for ever, because its dead letters would come back to it.
    attempts_max: Option<u32>,
    places: Semaphore,
    concurrency: usize,
    keys: Mutex<HashMap<String, VecDeque<Arc<Delivery>>>>,
    reach: Arc<Reach>,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    delivered: AtomicU64,
    retried: AtomicU64,
    dead_lettered: AtomicU64,
}

/// What a lane is doing.
#[derive(Clone, Debug, Serialize)]
pub struct LaneStatus {
    /// The function.
    pub function: String,
    /// The trigger.
    pub trigger: String,
    /// Deliveries that are not done, those in flight among them.
    pub pending: usize,
    /// Requests without an answer yet.
    pub in_flight: usize,
    /// The age of the oldest delivery that is not done.
    pub oldest_seconds: Option<i64>,
    /// Deliveries that succeeded since the bridge's start.
    pub delivered: u64,
    /// Attempts that failed and were followed by another.
    pub retried: u64,
    /// Deliveries that were given up.
    pub dead_lettered: u64,
    /// Whether the function's port accepts connections, as far as is known.
    pub reachable: bool,
}

enum Outcome {
    Delivered,
    /// Delivered, but chaos says that nobody noticed.
    Unnoticed,
    Refused(String),
    Unreachable(String),
}

impl Lanes {
    pub(super) fn new(targets: &[Target], network: Network) -> Self {
        let mut lanes = BTreeMap::new();
        for target in targets {
            let reach = Arc::new(Reach::new(network.host(&target.name), target.port));
            for (id, trigger) in &target.manifest.triggers {
                let takes_dead_letters = match trigger.kind() {
                    None | Some(Kind::Http(_)) => continue,
                    Some(Kind::Pubsub(pubsub)) => pubsub.topic == DeliveryExhausted::TOPIC,
                    Some(Kind::Firestore(_) | Kind::Schedule(_)) => false,
                };
                let service = &target.manifest.service;
                let concurrency = service.concurrency as usize;
                let lane = Lane {
                    function: target.name.clone(),
                    trigger: id.clone(),
                    url: format!("http://{}{}", reach.address, Manifest::delivery_path(id)),
                    audience: Manifest::audience(&target.name),
                    timeout: Duration::from_secs(service.timeout_seconds.into()),
                    attempts_max: (!takes_dead_letters).then_some(trigger.retry.attempts_max),
                    places: Semaphore::new(concurrency),
                    concurrency,
                    keys: Mutex::default(),
                    reach: reach.clone(),
                    counters: Counters::default(),
                };
                lanes.insert((target.name.clone(), id.clone()), Arc::new(lane));
            }
        }
        Self(lanes)
    }

    /// Says whether a function has such a trigger that is delivered to.
    pub(super) fn has(&self, function: &str, trigger: &str) -> bool {
        self.0.contains_key(&(function.to_owned(), trigger.to_owned()))
    }

    /// Sends a delivery on its way, behind those of the same key.
    pub(super) fn submit(&self, core: &Arc<Core>, delivery: Arc<Delivery>) {
        let event = &delivery.event;
        let Some(lane) = self.0.get(&(event.function.clone(), event.trigger.clone())) else {
            // The manifest has changed while the delivery waited.
            core.spawn(bury_homeless(core.clone(), delivery));
            return;
        };
        let Some(key) = event.key.clone() else {
            core.spawn(lane.clone().carry(core.clone(), delivery));
            return;
        };
        let mut keys = lane.keys();
        if let Some(waiting) = keys.get_mut(&key) {
            waiting.push_back(delivery);
        } else {
            keys.insert(key.clone(), VecDeque::from([delivery]));
            core.spawn(lane.clone().carry_key(core.clone(), key));
        }
    }

    pub(super) fn status(&self, core: &Core) -> Vec<LaneStatus> {
        let now = Timestamp::now();
        let mut waiting = HashMap::<(String, String), (usize, model::Timestamp)>::new();
        for delivery in core.queue.pending() {
            let event = &delivery.event;
            let entry = waiting
                .entry((event.function.clone(), event.trigger.clone()))
                .or_insert((0, event.accepted_at));
            entry.0 += 1;
        }
        let status = |(name, lane): (&(String, String), &Arc<Lane>)| {
            let waiting = waiting.get(name);
            LaneStatus {
                function: lane.function.clone(),
                trigger: lane.trigger.clone(),
                pending: waiting.map_or(0, |(count, _)| *count),
                in_flight: lane.concurrency - lane.places.available_permits(),
                oldest_seconds: waiting.map(|(_, since)| now.duration_since(**since).as_secs()),
                delivered: lane.counters.delivered.load(Relaxed),
                retried: lane.counters.retried.load(Relaxed),
                dead_lettered: lane.counters.dead_lettered.load(Relaxed),
                reachable: lane.reach.down_for().is_none(),
            }
        };
        self.0.iter().map(status).collect()
    }
}

impl Lane {
    fn keys(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Arc<Delivery>>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries the deliveries of a key until none is left.
    async fn carry_key(self: Arc<Self>, core: Arc<Core>, key: String) {
        loop {
            if chance(core.chaos().reorder) {
                sleep(OVERTAKE_WAIT).await;
                if let Some(waiting) = self.keys().get_mut(&key).filter(|w| w.len() > 1) {
                    waiting.swap(0, 1);
                }
            }
            let next = {
                let mut keys = self.keys();
                match keys.get_mut(&key).and_then(VecDeque::pop_front) {
                    Some(delivery) => delivery,
                    None => {
                        keys.remove(&key);
                        return;
                    }
                }
            };
            self.clone().carry(core.clone(), next).await;
        }
    }

    /// Tries a delivery until it succeeds or is given up.
    async fn carry(self: Arc<Self>, core: Arc<Core>, delivery: Arc<Delivery>) {
        let span = info_span!(
            "delivery",
            id = delivery.id,
            function = %self.function,
            trigger = %self.trigger
        );
        self.carry_within(&core, &delivery).instrument(span).await;
        core.queue.done(delivery.id);
    }

    async fn carry_within(&self, core: &Core, delivery: &Delivery) {
        let (mut attempts, mut waits) = (0, 0);
        loop {
            // From before the attempt, or a return during it would be missed.
            let mut up = self.reach.up.subscribe();
            let outcome = self.attempt(core, delivery, attempts + 1).await;
            let answer = match outcome {
                Outcome::Delivered => break,
                Outcome::Unnoticed => {
                    debug!("chaos: took a success for a failure");
                    continue;
                }
                Outcome::Refused(answer) => {
                    attempts += 1;
                    answer
                }
                Outcome::Unreachable(answer) => {
                    let down = self.reach.down_for().unwrap_or_default();
                    if down >= core.pace.unreachable_grace {
                        attempts += 1;
                    }
                    answer
                }
            };
            if self.attempts_max.is_some_and(|max| attempts >= max) {
                error!(attempts, %answer, "gave a delivery up; it becomes a dead letter");
                bury(core, delivery, attempts, answer).await;
                self.counters.dead_lettered.fetch_add(1, Relaxed);
                return;
            }
            self.counters.retried.fetch_add(1, Relaxed);
            let wait = backoff(core.pace, waits);
            debug!(attempts, %answer, wait_ms = wait.as_millis(), "a delivery failed");
            tokio::select! {
                () = sleep(wait) => waits += 1,
                // The function listens again: now is the time.
                _ = up.changed() => waits = 0,
            }
        }
        if chance(core.chaos().duplicate) {
            debug!("chaos: delivering once more");
            let _ = self.attempt(core, delivery, attempts + 1).await;
        }
        self.counters.delivered.fetch_add(1, Relaxed);
    }

    async fn attempt(&self, core: &Core, delivery: &Delivery, number: u32) -> Outcome {
        let chaos = core.chaos();
        if !chaos.delay.is_zero() {
            sleep(chaos.delay.mul_f64(rand::random())).await;
        }
        if let Some(down) = self.reach.down_for() {
            return Outcome::Unreachable(format!("unreachable for {} s", down.as_secs()));
        }
        let Ok(_place) = self.places.acquire().await else {
            return Outcome::Unreachable("the bridge ends".into());
        };
        let token =
            match core.issuer.identity_token(&core.invoker, &self.audience, Timestamp::now()) {
                Ok(token) => token,
                Err(error) => return Outcome::Refused(error.to_string()),
            };
        let mut request = core.http.post(&self.url).timeout(self.timeout).bearer_auth(token);
        for (name, value) in &delivery.event.headers {
            request = request.header(name, value);
        }
        match request.body(body(delivery, number)).send().await {
            Ok(mut answer) => {
                let status = answer.status();
                let mut read = 0;
                while let Ok(Some(chunk)) = answer.chunk().await {
                    read += chunk.len();
                    if read > ANSWER_BYTES_MAX {
                        break;
                    }
                }
                match status.is_success() {
                    true if chance(chaos.drop_ack) => Outcome::Unnoticed,
                    true => Outcome::Delivered,
                    false => Outcome::Refused(status.as_u16().to_string()),
                }
            }
            Err(error) if error.is_connect() => {
                self.reach.went_down(core, &self.function);
                Outcome::Unreachable("connection refused".into())
            }
            Err(error) if error.is_timeout() => {
                Outcome::Refused(format!("no answer within {} s", self.timeout.as_secs()))
            }
            // The process ended in the middle. That counts: this event may be why.
            Err(error) => Outcome::Refused(format!("no answer: {}", root_cause(&error))),
        }
    }
}

/// Returns the body of one attempt.
fn body(delivery: &Delivery, attempt: u32) -> Bytes {
    let body = &delivery.event.body;
    if delivery.event.transport != Transport::Pubsub {
        return body.clone();
    }
    let Ok(Value::Object(mut envelope)) = serde_json::from_slice(body) else {
        return body.clone();
    };
    envelope.insert("deliveryAttempt".into(), json!(attempt));
    Value::Object(envelope).to_string().into()
}

/// Publishes a dead letter, however long that takes.
async fn bury(core: &Core, delivery: &Delivery, attempts: u32, last_answer: String) {
    let event = &delivery.event;
    let letter = DeliveryExhausted {
        function: event.function.clone(),
        trigger: event.trigger.clone(),
        attempts,
        last_answer,
        headers: event.headers.clone(),
        body: STANDARD.encode(&event.body),
    };
    let attributes = event
        .headers
        .get("traceparent")
        .map(|parent| BTreeMap::from([("traceparent".to_owned(), parent.clone())]))
        .unwrap_or_default();
    for tries in 0.. {
        match pubsub::publish(core, &letter, &attributes).await {
            Ok(()) => return,
            Err(error) => {
                warn!(%error, "cannot publish a dead letter yet; its delivery stays in the queue");
                sleep(backoff(core.pace, tries)).await;
            }
        }
    }
}

async fn bury_homeless(core: Arc<Core>, delivery: Arc<Delivery>) {
    let event = &delivery.event;
    error!(function = %event.function, trigger = %event.trigger, "a delivery's trigger is gone");
    bury(&core, &delivery, 0, "no such trigger".into()).await;
    core.queue.done(delivery.id);
}

/// Whether a function's port accepts connections.
///
/// While it does not, nobody but one small task knocks: thousands of waiting
/// deliveries would otherwise all do so, and learn of its return late.
#[derive(Debug)]
struct Reach {
    address: String,
    down_since: Mutex<Option<Instant>>,
    up: watch::Sender<u64>,
}

impl Reach {
    fn new(host: &str, port: u16) -> Self {
        Self {
            address: format!("{host}:{port}"),
            down_since: Mutex::default(),
            up: watch::Sender::new(0),
        }
    }

    fn down_for(&self) -> Option<Duration> {
        let since = self.down_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.map(|since| since.elapsed())
    }

    fn went_down(self: &Arc<Self>, core: &Core, function: &str) {
        let mut since = self.down_since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some() {
            return;
        }
        *since = Some(Instant::now());
        info!(function, "`{function}` cannot be reached; its deliveries wait");
        let (reach, function) = (self.clone(), function.to_owned());
        core.spawn(async move {
            let knock = || timeout(CONNECT_TIMEOUT, TcpStream::connect(&reach.address));
            while !matches!(knock().await, Ok(Ok(_))) {
                sleep(PROBE_INTERVAL).await;
            }
            *reach.down_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
            reach.up.send_modify(|times| *times += 1);
            info!(function, "`{function}` can be reached again");
        });
    }
}

/// Returns a wait with full jitter: any time up to a bound that doubles.
fn backoff(pace: Pace, waits: u32) -> Duration {
    let doubled = pace.backoff_first.saturating_mul(2_u32.saturating_pow(waits));
    doubled.min(pace.backoff_max).mul_f64(rand::random())
}

fn chance(share: f64) -> bool {
    share > 0.0 && rand::random::<f64>() < share
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::queue::Event;

    #[test]
    fn waits_grow_to_their_bound_and_vary() {
        let pace = Pace::default();
        for (waits, bound_ms) in [(0, 100), (1, 200), (6, 6_400), (7, 10_000), (u32::MAX, 10_000)] {
            let waits = (0..200).map(|_| backoff(pace, waits)).collect::<Vec<_>>();
            let longest = waits.iter().max().expect("some");
            assert!(*longest <= Duration::from_millis(bound_ms), "{longest:?} of {bound_ms}");
            assert!(*longest > Duration::from_millis(bound_ms / 2), "full jitter uses the range");
        }
    }

    #[test]
    fn only_a_message_is_told_its_attempt() {
        let delivery = |transport, body: &'static str| Delivery {
            id: 1,
            event: Event {
                function: "f".into(),
                trigger: "t".into(),
                transport,
                key: None,
                accepted_at: "2026-01-01T00:00:00Z".parse().expect("valid"),
                headers: BTreeMap::new(),
                body: Bytes::from_static(body.as_bytes()),
            },
        };
        let message = body(&delivery(Transport::Pubsub, r#"{"subscription":"s"}"#), 3);
        assert_eq!(message, r#"{"deliveryAttempt":3,"subscription":"s"}"#);
        for transport in [Transport::Eventarc, Transport::Scheduler, Transport::Manual] {
            assert_eq!(body(&delivery(transport, "{}"), 3), "{}");
        }
    }
}
