//! Everything that stands between the emulators and the functions.
//!
//! The emulators keep no promise that production makes: events come once and
//! unsigned, schedules do not exist, nobody issues tokens. The bridge takes
//! what they send, writes it down, and delivers it the way that Eventarc,
//! Pub/Sub and Cloud Scheduler do: with a token, in order where order is
//! promised, again until it succeeds or is a dead letter.
//!
//! It is a process of its own, so that it can be killed and started again
//! without losing an event that it has accepted; tests start it in their own
//! process.

use std::{
    collections::HashMap,
    future::Future,
    io,
    net::{SocketAddr, TcpListener as StdListener},
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{
        StatusCode,
        header::{CONNECTION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::timeout};
use tracing::{error, info};

use crate::{
    stack::{INVOKER, Network, Stack},
    supervisor::parts::BRIDGE,
};

mod admin;
mod chaos;
mod clock;
mod core;
mod delivery;
pub mod document_event;
mod eventarc;
mod filter;
mod gateway;
pub mod inventory;
mod issuer;
mod metadata;
mod monitoring;
mod options;
mod pubsub;
pub mod queue;
mod scheduler;
mod secrets;
mod switchboard;
#[cfg(test)]
mod tests;
mod trace;

pub use admin::Status;
pub use chaos::{Chaos, InvalidChaos};
pub use clock::Clock;
pub use delivery::{LaneStatus, Pace};
pub use eventarc::RegisterError;
pub use filter::{Filter, InvalidFilter};
pub use issuer::{Issuer, IssuerError};
pub use options::{BridgeError, BridgeOptions, Target};
pub use pubsub::PubsubError;
pub use scheduler::ScheduleError;
pub use secrets::{Secrets, SecretsError};
pub use switchboard::Switchboard;

use self::core::Core;
use queue::{Event, Queue, QueueError};

/// A document has at most 1 MiB, and an event holds it twice.
const EVENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How long open requests may take to end once the bridge stops.
const STOP_GRACE: Duration = Duration::from_millis(500);
/// A connection on this machine is accepted at once or never.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The file of the issuer's key in a stack's state folder.
pub const ISSUER_FILE: &str = "issuer.pem";
/// The file of the queue in a stack's state folder.
pub const QUEUE_FILE: &str = "queue.log";
/// The file of the secrets in a stack's state folder.
pub const SECRETS_FILE: &str = "secrets.json";

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
        let issuer = match options.network {
            Network::Loopback => format!("http://{address}"),
            Network::Meshnet => format!("http://{BRIDGE}:{}", address.port()),
        };
        let inventory_file = state.join(inventory::FILE);
        let core = Arc::new(Core {
            invoker: format!("{INVOKER}@{project}.iam.gserviceaccount.com"),
            lanes: delivery::Lanes::new(&targets, options.network),
            queue: Queue::open(&state.join(QUEUE_FILE))?,
            issuer: Issuer::open(&state.join(ISSUER_FILE), issuer)?,
            // What is passed on stays packed as it came.
            http: reqwest::Client::builder()
                .no_gzip()
                .no_brotli()
                .no_deflate()
                .no_zstd()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .build()?,
            firestore: options.firestore,
            pubsub: options.pubsub,
            auth: options.auth,
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
            network: options.network,
            project,
            targets,
        });
        let mut bridge = Self {
            core: core.clone(),
            address,
            gateway: gateway_address,
            metadata: HashMap::new(),
        };

        for target in &core.targets {
            let wanted = SocketAddr::from((core.network.listen(), target.metadata_port));
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
            .merge(monitoring::router(core.clone()))
            .merge(inventory::router(&core.project, &inventory_file))
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
    ///
    /// Covers every write and every publish that was answered before the call,
    /// and whatever follows from them. Only messages that a killed bridge had
    /// taken are not known: the Pub/Sub emulator gives them again after 10 s.
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
        self.core.accept(vec![event])
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
/// When standard input is a socket that listens, the bridge uses it: while a
/// supervisor holds it open, the Firestore emulator's events wait in the socket
/// for the next bridge. Only the one event that is being read when a bridge is
/// killed can be lost, because the emulator sends nothing twice.
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
