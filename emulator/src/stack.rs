//! What a local stack consists of, and where: written once when it starts and
//! read by every part of it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use function::manifest::Manifest;
use serde::{Deserialize, Serialize};

use crate::supervisor::parts::{AUTH, BRIDGE, FIRESTORE, PUBSUB};

pub use crate::network::Network;

/// The parts of one local stack. Two stacks differ in their port base and folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stack {
    /// The project id; starts with `demo-`, which keeps every emulator offline.
    pub project: String,
    /// The root of the repository.
    pub root: PathBuf,
    /// Where state, logs and queues are kept.
    pub state: PathBuf,
    /// The first port; all others follow it.
    pub port_base: u16,
    /// Where the parts find each other.
    #[serde(default)]
    pub network: Network,
    /// The functions, in the order of their names.
    pub functions: Vec<LocalFunction>,
    /// Faults to inject, as `--chaos` words them.
    pub chaos: Option<String>,
}

/// One function as a process of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LocalFunction {
    /// The function's name.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// The functions that it calls.
    pub calls: Vec<String>,
    /// Its program.
    pub program: PathBuf,
    /// Where it listens.
    pub port: u16,
    /// Where its own metadata server listens, which gives it its identity.
    pub metadata_port: u16,
}

/// The account that Eventarc, Pub/Sub and Scheduler call functions with.
pub const INVOKER: &str = "mesh-invoker";

impl Stack {
    /// The port of the page and of `/api`.
    #[must_use]
    pub fn gateway_port(&self) -> u16 {
        self.port_base
    }

    /// The port of the Firestore emulator.
    #[must_use]
    pub fn firestore_port(&self) -> u16 {
        self.port_base + 1
    }

    /// The port of the Firestore emulator's request monitor.
    #[must_use]
    pub fn firestore_websocket_port(&self) -> u16 {
        self.port_base + 2
    }

    /// The port of the Pub/Sub emulator.
    #[must_use]
    pub fn pubsub_port(&self) -> u16 {
        self.port_base + 3
    }

    /// The port of the Firebase Auth emulator.
    #[must_use]
    pub fn auth_port(&self) -> u16 {
        self.port_base + 4
    }

    /// The port of the bridges, the issuer and the scheduler.
    #[must_use]
    pub fn bridge_port(&self) -> u16 {
        self.port_base + 5
    }

    /// Returns where a part is reached, as `host:port`.
    #[must_use]
    pub fn address(&self, part: &str, port: u16) -> String {
        format!("{}:{port}", self.network.host(part))
    }

    /// The address of the OIDC issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://{}", self.address(BRIDGE, self.bridge_port()))
    }

    /// The account that transports call functions with.
    #[must_use]
    pub fn invoker(&self) -> String {
        format!("{INVOKER}@{}.iam.gserviceaccount.com", self.project)
    }

    /// The accounts of the functions that call a function, separated by commas.
    fn callers(&self, function: &str) -> String {
        let calling =
            self.functions.iter().filter(|other| other.calls.iter().any(|n| n == function));
        let accounts =
            calling.map(|other| format!("{}@{}.iam.gserviceaccount.com", other.name, self.project));
        accounts.collect::<Vec<_>>().join(",")
    }

    /// The environment that a function's process gets, besides its secrets.
    #[must_use]
    pub fn environment(
        &self,
        function: &LocalFunction,
        manifest: &Manifest,
    ) -> BTreeMap<String, String> {
        let mut environment = manifest.env.clone();
        for called in &manifest.calls {
            if let Some(other) = self.functions.iter().find(|other| other.name == *called) {
                let url = format!("http://{}", self.address(called, other.port));
                environment.insert(Manifest::url_variable(called), url);
            }
        }
        environment.insert("MESH_CALLERS".to_owned(), self.callers(&function.name));
        environment.extend(
            [
                ("PORT", function.port.to_string()),
                ("K_SERVICE", function.name.clone()),
                ("K_REVISION", format!("{}-local", function.name)),
                ("K_CONFIGURATION", function.name.clone()),
                ("GOOGLE_CLOUD_PROJECT", self.project.clone()),
                ("FIRESTORE_EMULATOR_HOST", self.address(FIRESTORE, self.firestore_port())),
                ("PUBSUB_EMULATOR_HOST", self.address(PUBSUB, self.pubsub_port())),
                ("FIREBASE_AUTH_EMULATOR_HOST", self.address(AUTH, self.auth_port())),
                ("GCE_METADATA_HOST", self.address(BRIDGE, function.metadata_port)),
                ("MONITORING_EMULATOR_HOST", self.address(BRIDGE, self.bridge_port())),
                ("CLOUD_ASSET_EMULATOR_HOST", self.address(BRIDGE, self.bridge_port())),
                ("MESH_ISSUER", self.issuer()),
                ("MESH_AUDIENCE", Manifest::audience(&function.name)),
                ("MESH_INVOKERS", self.invoker()),
                // What is watched runs beside the functions.
                ("CHECK_PRIVATE_RANGES", self.network.ranges().to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        environment
    }

    /// Where the description of the stack is kept.
    #[must_use]
    pub fn file(state: &Path) -> PathBuf {
        state.join("stack.json")
    }

    /// Writes the description into the state folder.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn save(&self) -> io::Result<()> {
        fs::create_dir_all(&self.state)?;
        fs::write(Self::file(&self.state), serde_json::to_vec_pretty(self)?)
    }

    /// Reads the description from a state folder.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn load(state: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(Self::file(state))?)?)
    }
}
