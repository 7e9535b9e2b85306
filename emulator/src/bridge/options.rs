//! What a bridge is told, and why it may refuse to start.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdListener},
    path::PathBuf,
};

use function::manifest::Manifest;

use super::{
    Chaos, InvalidChaos, IssuerError, Pace, PubsubError, ScheduleError, SecretsError,
    queue::QueueError,
};
use crate::{
    stack::{Network, Stack},
    supervisor::parts::{AUTH, FIRESTORE, PUBSUB},
};

/// A function that the bridge delivers to.
#[derive(Clone, Debug)]
pub struct Target {
    /// The function's name.
    pub name: String,
    /// Its manifest.
    pub manifest: Manifest,
    /// The port that it listens on.
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
    /// Where the functions are, and whom their metadata servers answer.
    pub network: Network,
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
    /// The Auth emulator as `host:port`; browsers reach it past the gateway when absent.
    pub auth: Option<String>,
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
            network: Network::Loopback,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            inherited: None,
            gateway: None,
            firestore: None,
            pubsub: None,
            auth: None,
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
        let listen = |port: u16| SocketAddr::from((stack.network.listen(), port));
        let mut options = Self::new(&stack.project, stack.state.clone());
        for function in &stack.functions {
            let path = &function.manifest;
            let yaml = std::fs::read_to_string(path)
                .map_err(|source| BridgeError::ManifestFile { path: path.clone(), source })?;
            let manifest = Manifest::parse(&yaml).map_err(|mistakes| BridgeError::Manifest {
                path: path.clone(),
                mistakes: mistakes.join("; "),
            })?;
            options.targets.push(Target {
                name: function.name.clone(),
                manifest,
                port: function.port,
                metadata_port: function.metadata_port,
            });
        }
        options.network = stack.network;
        options.listen = listen(stack.bridge_port());
        options.gateway = Some(listen(stack.gateway_port()));
        options.firestore = Some(stack.address(FIRESTORE, stack.firestore_port()));
        options.pubsub = Some(stack.address(PUBSUB, stack.pubsub_port()));
        options.auth = Some(stack.address(AUTH, stack.auth_port()));
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
