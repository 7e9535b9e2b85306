//! One address for the bridges of many projects.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::Response,
    routing::post,
};
use tracing::error;

use super::{Bridge, BridgeError, Core, EVENT_BYTES_MAX, listen, local_address, problem, receive};

/// The bridge of each project.
type Bridges = Arc<Mutex<HashMap<String, Weak<Core>>>>;

/// One address for the events of many projects, for the one address that the
/// Firestore emulator knows.
pub struct Switchboard {
    bridges: Bridges,
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
        let bridges = Bridges::default();
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
    State(bridges): State<Bridges>,
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
