//! Everything that stands between the emulators and the functions.
//!
//! The emulators keep no promise that production makes: events come once and
//! unsigned, schedules do not exist, nobody issues tokens. The bridge takes
//! what they send, writes it down, and delivers it the way that Eventarc,
//! Pub/Sub and Cloud Scheduler do: with a token, in order where order is
//! promised, again until it succeeds or is a dead letter.
//!
//! It is a process of its own, so that it can be killed and started again
//! without losing an event; tests start it in their own process.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    os::fd::AsFd,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{StatusCode, header::{CONNECTION, CONTENT_TYPE}},
    response::{IntoResponse, Response},
    routing::post,
};
use function::manifest::Manifest;
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};
use tracing::{error, info, warn};

use crate::stack::{INVOKER, Stack};

mod admin;
mod chaos;
mod clock;
mod delivery;
pub mod document_event;
mod eventarc;
mod filter;
mod gateway;
mod issuer;
mod metadata;
mod pubsub;
pub mod queue;
mod scheduler;
mod secrets;
mod trace;

pub use admin::Status;
pub use chaos::{Chaos, InvalidChaos};
pub use clock::Clock;
pub use delivery::{LaneStatus, Pace};
pub use eventarc::RegisterError;
pub use filter::{Filter, InvalidFilter};
pub use issuer::{Issuer, IssuerError};
pub use pubsub::PubsubError;
pub use scheduler::ScheduleError;
pub use secrets::{Secrets, SecretsError};

use queue::{Delivery, Event, Queue, QueueError};

/// A document has at most 1 MiB, and an event holds it twice.
const EVENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long open requests may take to end once the bridge stops.
const STOP_GRACE: Duration = Duration::from_millis(500);
/// The longest from a publish to the queue, which nothing can be asked about:
/// after so long without a new delivery there is none on its way.
const PUBSUB_QUIET: Duration = Duration::from_millis(250);
/// A barrier passes the Firestore emulator in milliseconds.
const BARRIER_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection on this machine is accepted at once or never.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The file of the issuer's key in a stack's state folder.
pub const ISSUER_FILE: &str = "issuer.pem";
/// The file of the queue in a stack's state folder.
pub const QUEUE_FILE: &str = "queue.log";
/// The file of the secrets in a stack's state folder.
pub const SECRETS_FILE: &str = "secrets.json";

/// A function that the bridge delivers to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The function's name.
    pub name: String,
    /// Its manifest.
    pub manifest: Manifest,
    /// Where it listens on this machine.
    pub port: u16,
    /// Where its metadata server shall listen; 0 for any free port.
    pub metadata_port: u16,
}

/// What a bridge needs to know.
#[derive(Debug)]
pub struct BridgeOptions {
    /// The project id.
    pub project: String,
    /// The folder of the queue, the issuer's key and the secrets.
    pub state: PathBuf,
    /// The functions.
    pub targets: Vec<Target>,
    /// Where to listen; port 0 for any free one.
    pub listen: SocketAddr,
    /// A listener that somebody else opened, used instead of `listen`.
    pub inherited: Option<StdListener>,
    /// Where the page and `/api` are served; nowhere when absent.
    pub gateway: Option<SocketAddr>,
    /// The Firestore emulator as `host:port`; no events when absent.
    pub firestore: Option<String>,
    /// The Pub/Sub emulator as `host:port`; no messages when absent.
    pub pubsub: Option<String>,
    /// Whether schedules fire by themselves. Without, only ticks fire them.
    pub schedules: bool,
    /// Faults to inject.
    pub chaos: Chaos,
    /// How deliveries are paced.
    pub pace: Pace,
}

impl BridgeOptions {
    /// Returns the options of a bridge with no functions and no emulators.
    #[must_use]
    pub fn new(project: &str, state: PathBuf) -> Self {
        Self {
            project: project.to_owned(),
            state,
            targets: Vec::new(),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            inherited: None,
            gateway: None,
            firestore: None,
            pubsub: None,
            schedules: false,
            chaos: Chaos::default(),
            pace: Pace::default(),
        }
    }

    /// Returns the options of a stack's bridge.
    ///
    /// # Errors
    /// When a manifest cannot be read, or the stack's chaos is none.
    pub fn of(stack: &Stack) -> Result<Self, BridgeError> {
        let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut options = Self::new(&stack.project, stack.state.clone());
        for function in &stack.functions {
            let path = &function.manifest;
            let yaml = std::fs::read_to_string(path)
                .map_err(|source| BridgeError::ManifestFile { path: path.clone(), source })?;
            let manifest = Manifest::parse(&yaml).map_err(|mistakes| {
                BridgeError::Manifest { path: path.clone(), mistakes: mistakes.join("; ") }
            })?;
            options.targets.push(Target {
                name: function.name.clone(),
                manifest,
                port: function.port,
                metadata_port: function.metadata_port,
            });
        }
        options.listen = local(stack.bridge_port());
        options.gateway = Some(local(stack.gateway_port()));
        options.firestore = Some(local(stack.firestore_port()).to_string());
        options.pubsub = Some(local(stack.pubsub_port()).to_string());
        options.schedules = true;
        options.chaos = stack.chaos.as_deref().unwrap_or_default().parse()?;
        Ok(options)
    }
}

/// Why a bridge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// A manifest cannot be read.
    #[error("cannot read the manifest `{}`", path.display())]
    ManifestFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A manifest is wrong.
    #[error("the manifest `{}` is not valid: {mistakes}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// All of its mistakes.
        mistakes: String,
    },
    /// The state folder cannot be made.
    #[error("cannot make the folder `{}`", path.display())]
    State {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An address is taken.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No client for HTTP.
    #[error("cannot make a client for HTTP")]
    Client(#[from] reqwest::Error),
    /// The queue cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The issuer cannot be used.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The secrets cannot be used.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A schedule cannot be used.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A filter cannot be used.
    #[error(transparent)]
    Pubsub(#[from] PubsubError),
    /// The stack's chaos is none.
    #[error(transparent)]
    Chaos(#[from] InvalidChaos),
}

/// What every part of a bridge shares.
pub(crate) struct Core {
    project: String,
    invoker: String,
    targets: Vec<Target>,
    firestore: Option<String>,
    pubsub: Option<String>,
    http: reqwest::Client,
    queue: Queue,
    lanes: delivery::Lanes,
    consumers: Vec<pubsub::Consumer>,
    schedules: Vec<scheduler::Schedule>,
    issuer: Issuer,
    secrets: Secrets,
    clock: Clock,
    pace: Pace,
    chaos: RwLock<Chaos>,
    barriers: Mutex<HashMap<String, oneshot::Sender<()>>>,
    firestore_registered: watch::Sender<bool>,
    pubsub_created: watch::Sender<bool>,
    stopped: watch::Sender<bool>,
    listeners: Mutex<JoinSet<()>>,
    tasks: Mutex<JoinSet<()>>,
    // Held while events are queued and sent on, so that both keep one order.
    accepting: Mutex<()>,
}

impl Core {
    /// Writes events down and sends them on their way.
    fn accept(self: &Arc<Self>, events: Vec<Event>) -> Result<Vec<Arc<Delivery>>, QueueError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let _order = self.accepting.lock().unwrap_or_else(PoisonError::into_inner);
        let deliveries = self.queue.put(events)?;
        for delivery in &deliveries {
            self.lanes.submit(self, delivery.clone());
        }
        Ok(deliveries)
    }

    /// Runs work until it ends or the bridge does.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
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

    fn chaos(&self) -> Chaos {
        *self.chaos.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_chaos(&self, chaos: Chaos) {
        *self.chaos.write().unwrap_or_else(PoisonError::into_inner) = chaos;
        warn!(%chaos, "set the faults to inject");
    }

    fn pass_barrier(&self, nonce: &str) {
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
    async fn drain(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut pending = self.queue.watch();
        loop {
            let accepted = self.queue.accepted();
            let flushed = self.firestore_barrier().await;
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

/// A running bridge. Ends when it is dropped; [`Bridge::stop`] ends it in order.
pub struct Bridge {
    core: Arc<Core>,
    address: SocketAddr,
    gateway: Option<SocketAddr>,
    metadata: HashMap<String, SocketAddr>,
}

impl Bridge {
    /// Starts a bridge, which first takes up what the last one left undone.
    ///
    /// Returns once everything listens; [`Bridge::ready`] waits for the emulators.
    ///
    /// # Errors
    /// When something is not as the options say, or an address is taken.
    pub async fn start(options: BridgeOptions) -> Result<Self, BridgeError> {
        let BridgeOptions { project, state, targets, .. } = options;
        std::fs::create_dir_all(&state)
            .map_err(|source| BridgeError::State { path: state.clone(), source })?;
        let listener = match options.inherited {
            Some(listener) => listener
                .set_nonblocking(true)
                .and_then(|()| TcpListener::from_std(listener))
                .map_err(|source| BridgeError::Listen { address: options.listen, source })?,
            None => listen(options.listen).await?,
        };
        let address = local_address(&listener, options.listen)?;
        let mut gateway = None;
        if let Some(address) = options.gateway {
            gateway = Some(listen(address).await?);
        }
        let gateway_address =
            gateway.as_ref().map(|gateway| local_address(gateway, address)).transpose()?;

        let consumers = pubsub::Consumer::all(&targets)?;
        let schedules = scheduler::Schedule::all(&targets)?;
        let secrets = Secrets::open(&state.join(SECRETS_FILE));
        for name in targets.iter().flat_map(|target| target.manifest.secrets.values()) {
            secrets.ensure(name)?;
        }
        let core = Arc::new(Core {
            invoker: format!("{INVOKER}@{project}.iam.gserviceaccount.com"),
            lanes: delivery::Lanes::new(&targets),
            queue: Queue::open(&state.join(QUEUE_FILE))?,
            issuer: Issuer::open(&state.join(ISSUER_FILE), format!("http://{address}"))?,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .build()?,
            firestore: options.firestore,
            pubsub: options.pubsub,
            consumers,
            schedules,
            secrets,
            clock: Clock::default(),
            pace: options.pace,
            chaos: RwLock::new(options.chaos),
            barriers: Mutex::default(),
            firestore_registered: watch::Sender::new(false),
            pubsub_created: watch::Sender::new(false),
            stopped: watch::Sender::new(false),
            listeners: Mutex::default(),
            tasks: Mutex::default(),
            accepting: Mutex::default(),
            project,
            targets,
        });
        let mut bridge =
            Self { core: core.clone(), address, gateway: gateway_address, metadata: HashMap::new() };

        for target in &core.targets {
            let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, target.metadata_port));
            let listener = listen(wanted).await?;
            bridge.metadata.insert(target.name.clone(), local_address(&listener, wanted)?);
            let account = target.manifest.service_account(&core.project);
            serve(&core, listener, metadata::router(core.clone(), &account));
        }
        let left = core.queue.pending();
        if !left.is_empty() {
            info!(deliveries = left.len(), "took up what the last bridge left undone");
        }
        for delivery in left {
            core.lanes.submit(&core, delivery);
        }
        let routes = bridge
            .router()
            .merge(core.issuer.router())
            .merge(secrets::router(core.clone()))
            .merge(admin::router(core.clone()));
        serve(&core, listener, routes);
        if let Some(gateway) = gateway {
            serve(&core, gateway, gateway::router(core.clone()));
        }
        core.spawn(eventarc::keep_registered(core.clone()));
        core.spawn(pubsub::keep_created(core.clone()));
        for consumer in core.consumers.clone() {
            core.spawn(pubsub::consume(core.clone(), consumer));
        }
        if options.schedules {
            core.spawn(scheduler::run(core.clone()));
        }
        info!(%address, project = %core.project, "the bridge listens");
        Ok(bridge)
    }

    /// Waits until the emulators that the bridge was given are connected.
    pub async fn ready(&self) {
        if self.core.firestore.is_some() {
            let _ = self.core.firestore_registered.subscribe().wait_for(|done| *done).await;
        }
        if self.core.pubsub.is_some() {
            let _ = self.core.pubsub_created.subscribe().wait_for(|done| *done).await;
        }
    }

    /// Returns the routes that take the events of the project.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/functions/projects/{project}/triggers/{trigger}", post(receive))
            .layer(DefaultBodyLimit::max(EVENT_BYTES_MAX))
            .with_state(self.core.clone())
    }

    /// Asks the Firestore emulator for every change of the project, at once.
    ///
    /// The bridge does so by itself whenever the emulator has started.
    ///
    /// # Errors
    /// When the emulator does not take the registration.
    pub async fn register_firestore(&self) -> Result<(), RegisterError> {
        eventarc::register(&self.core).await
    }

    /// Waits until nothing is pending or on its way; says whether that came about.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.core.drain(limit).await
    }

    /// Fires a schedule, named as `trigger` or `function.trigger`.
    ///
    /// # Errors
    /// When there is no such schedule, or more than one.
    pub fn tick(&self, name: &str, at: Option<jiff::Timestamp>) -> Result<(), ScheduleError> {
        scheduler::tick(&self.core, name, at)
    }

    /// Queues an event for a function.
    ///
    /// # Errors
    /// When the queue cannot be written.
    pub fn send(&self, event: Event) -> Result<(), QueueError> {
        self.core.accept(vec![event]).map(|_| ())
    }

    /// Injects other faults from here on.
    pub fn set_chaos(&self, chaos: Chaos) {
        self.core.set_chaos(chaos);
    }

    /// Returns what the bridge is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        admin::status(&self.core)
    }

    /// Returns the project.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.core.project
    }

    /// Returns where the bridge listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns where the page is served.
    #[must_use]
    pub fn gateway_address(&self) -> Option<SocketAddr> {
        self.gateway
    }

    /// Returns where a function's metadata server listens.
    #[must_use]
    pub fn metadata_address(&self, function: &str) -> Option<SocketAddr> {
        self.metadata.get(function).copied()
    }

    /// Returns the issuer of the stack's tokens.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.core.issuer
    }

    /// Returns the clock that schedules go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }

    /// Returns the stack's secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.core.secrets
    }

    /// Ends the bridge; another may use its state folder when this returns.
    ///
    /// Requests that are being answered end first. Deliveries in flight are cut
    /// off: they are in the queue, and the next bridge makes them again.
    pub async fn stop(self) {
        self.core.stopped.send_replace(true);
        let mut listeners = take(&self.core.listeners);
        let ended = async { while listeners.join_next().await.is_some() {} };
        let _ = timeout(STOP_GRACE, ended).await;
        self.core.queue.close();
        take(&self.core.tasks).shutdown().await;
    }
}

fn take(tasks: &Mutex<JoinSet<()>>) -> JoinSet<()> {
    std::mem::take(&mut *tasks.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.core.stopped.send_replace(true);
        self.core.queue.close();
        drop((take(&self.core.listeners), take(&self.core.tasks)));
    }
}

/// Takes an event from the Firestore emulator.
async fn receive(
    State(core): State<Arc<Core>>,
    Path((project, trigger)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if project != core.project {
        return problem(StatusCode::NOT_FOUND, &format!("no bridge serves `{project}`"));
    }
    match eventarc::receive(&core, body) {
        // With the connection kept, the event after a kill would be written to a
        // dead one and lost; a new one waits in the socket for the next bridge.
        Ok(()) => (StatusCode::OK, [(CONNECTION, "close")]).into_response(),
        Err(error) => {
            error!(%error, trigger, "an event of Firestore is lost: it cannot be accepted");
            problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

/// Runs the bridge of a stack until it shall end.
///
/// When standard input is a socket that listens, the bridge uses it: a
/// supervisor that holds it open loses no event while a bridge is replaced,
/// because the emulators' requests wait in the socket.
///
/// # Errors
/// When the bridge cannot start.
pub async fn run(stack: Stack, shutdown: impl Future<Output = ()>) -> Result<(), BridgeError> {
    let mut options = BridgeOptions::of(&stack)?;
    options.inherited = inherited_listener(stack.bridge_port());
    let bridge = Bridge::start(options).await?;
    shutdown.await;
    info!("the bridge ends");
    bridge.stop().await;
    Ok(())
}

/// Returns the listener that standard input is, if it is the one for this port.
fn inherited_listener(port: u16) -> Option<StdListener> {
    let descriptor = io::stdin().as_fd().try_clone_to_owned().ok()?;
    let listener = StdListener::from(descriptor);
    // Anything but a socket has no address.
    listener.local_addr().is_ok_and(|address| address.port() == port).then_some(listener)
}

/// One address for the events of many projects, for the one address that the
/// Firestore emulator knows.
pub struct Switchboard {
    bridges: Arc<Mutex<HashMap<String, Weak<Core>>>>,
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Switchboard {
    /// Starts to listen; port 0 takes any free port.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(address: SocketAddr) -> Result<Self, BridgeError> {
        let listener = listen(address).await?;
        let address = local_address(&listener, address)?;
        let bridges = Arc::<Mutex<HashMap<String, Weak<Core>>>>::default();
        let routes = Router::new()
            .route("/functions/projects/{project}/triggers/{trigger}", post(switch))
            .layer(DefaultBodyLimit::max(EVENT_BYTES_MAX))
            .with_state(bridges.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                error!(%error, "the switchboard ended");
            }
        });
        Ok(Self { bridges, address, task })
    }

    /// Sends the events of a bridge's project to it, for as long as it lives.
    pub fn attach(&self, bridge: &Bridge) {
        let mut bridges = self.bridges.lock().unwrap_or_else(PoisonError::into_inner);
        bridges.retain(|_, bridge| bridge.strong_count() > 0);
        bridges.insert(bridge.project().to_owned(), Arc::downgrade(&bridge.core));
    }

    /// Returns where it listens: the emulator's `--functions_emulator`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn switch(
    State(bridges): State<Arc<Mutex<HashMap<String, Weak<Core>>>>>,
    Path((project, trigger)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let core = bridges
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&project)
        .and_then(Weak::upgrade)
        .filter(|core| !*core.stopped.borrow());
    match core {
        Some(core) => receive(State(core), Path((project, trigger)), body).await,
        None => problem(StatusCode::NOT_FOUND, &format!("no bridge serves `{project}`")),
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, BridgeError> {
    TcpListener::bind(address).await.map_err(|source| BridgeError::Listen { address, source })
}

fn local_address(listener: &TcpListener, address: SocketAddr) -> Result<SocketAddr, BridgeError> {
    listener.local_addr().map_err(|source| BridgeError::Listen { address, source })
}

/// Serves routes until the bridge stops.
fn serve(core: &Arc<Core>, listener: TcpListener, routes: Router) {
    let mut stopped = core.stopped.subscribe();
    let routes = routes.into_make_service_with_connect_info::<SocketAddr>();
    let mut listeners = core.listeners.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.spawn(async move {
        let stop = async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(stop).await {
            error!(%error, "a listener of the bridge ended");
        }
    });
}

/// Answers with RFC 9457 problem details.
fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
