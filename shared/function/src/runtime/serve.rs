//! Listening, readiness, and leaving in good order.

use std::{
    convert::Infallible,
    future::IntoFuture,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    ServiceExt,
    extract::Request,
    response::{IntoResponse, Response},
};
use problem::Code;
use store::Store;
use telemetry::Spans;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{Mutex, oneshot},
    time::Instant,
};
use tracing::{info, warn};

use super::front::{Answers, Front};
use crate::{
    HttpError, Mesh,
    http::{TALLY_EVERY, Tallies},
};

/// How long requests in flight may take after SIGTERM; Cloud Run kills after 10 s.
const DRAIN: Duration = Duration::from_secs(8);
/// How long sending the last spans may take, out of what is left then.
const SEND_SPANS: Duration = Duration::from_millis(1_500);
/// How long a readiness probe waits for the database.
const READY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long an answer to a readiness probe holds, so that probes are no load.
const READY_HOLDS: Duration = Duration::from_secs(1);
/// When a request that was turned away should come again.
pub(super) const RETRY_AFTER_SECONDS: u32 = 1;

/// A function that is ready to serve.
pub(super) struct Server {
    port: u16,
    mesh: Mesh,
    leaving: Leaving,
    pub(super) front: Arc<Front>,
}

/// What is kept in memory, and written when the function leaves.
pub(super) struct Leaving {
    pub(super) tallies: Tallies,
    pub(super) spans: Spans,
}

impl Server {
    pub(super) fn new(
        port: u16,
        concurrency: u32,
        mesh: Mesh,
        leaving: Leaving,
        answers: Answers,
    ) -> Self {
        let readiness = Arc::new(Readiness { mesh: mesh.clone(), last: Mutex::new(None) });
        let front = Arc::new(Front::new(concurrency, readiness, answers));
        Self { port, mesh, leaving, front }
    }

    pub(super) fn serve(self) -> std::io::Result<()> {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(self.listen())
    }

    async fn listen(self) -> std::io::Result<()> {
        let emulator = std::env::var("FIRESTORE_EMULATOR_HOST").ok();
        let host = listen_on(emulator.as_deref());
        let listener = TcpListener::bind(SocketAddr::from((host, self.port))).await?;
        info!(
            event_name = "started",
            port = self.port,
            "`{}` listens on port {}",
            self.mesh.function,
            self.port
        );
        let Leaving { tallies, spans } = self.leaving;
        let (leave, left) = oneshot::channel::<()>();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let front = self.front;
        let service = tower::service_fn(move |request: Request| {
            let front = front.clone();
            async move { Ok::<_, Infallible>(front.answer(request).await) }
        });
        let serving = axum::serve(listener, service.into_make_service())
            .with_graceful_shutdown(async {
                let _ = left.await;
            })
            .into_future();
        tokio::pin!(serving);
        let mut background = Vec::new();
        if self.mesh.documents {
            let store = self.mesh.store.clone();
            background.push(tokio::spawn(write_regularly(tallies.clone(), store)));
            background.push(tokio::spawn(self.mesh.controls.clone().follow()));
        }
        tokio::select! {
            result = &mut serving => return result,
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("`{}` was asked to leave; finishes what is in flight", self.mesh.function);
        let _ = leave.send(());
        background.iter().for_each(tokio::task::JoinHandle::abort);
        let draining = async {
            let result = serving.await;
            if self.mesh.documents {
                tallies.write(&self.mesh.store).await;
            }
            result
        };
        let drained = tokio::time::timeout(DRAIN, draining).await;
        spans.close(SEND_SPANS).await;
        match drained {
            Ok(result) => {
                info!("`{}` has left", self.mesh.function);
                result
            }
            Err(_) => {
                warn!(
                    event_name = "stopped-early",
                    "`{}` leaves with requests in flight", self.mesh.function
                );
                Ok(())
            }
        }
    }
}

/// Beside emulators on this machine nobody else may call: every token is easily had there.
fn listen_on(emulator: Option<&str>) -> Ipv4Addr {
    let host = emulator.map(|address| address.rsplit_once(':').map_or(address, |(host, _)| host));
    let is_here = |host: &str| {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    if host.is_some_and(is_here) { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED }
}

/// Writes what was decided, now and then. Between requests Cloud Run gives no time for
/// it, so that it may come late; what is left is written when the instance leaves.
async fn write_regularly(tallies: Tallies, store: Store) {
    loop {
        tokio::time::sleep(TALLY_EVERY).await;
        tallies.write(&store).await;
    }
}

/// Whether the function can do its work: the database is there, if it needs one.
pub(super) struct Readiness {
    mesh: Mesh,
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    /// Names the controls of which nobody knows any more whether they changed.
    fn stale(&self) -> String {
        let stale = self.mesh.controls.stale();
        let named: Vec<_> = stale
            .iter()
            .map(|(name, age)| match *age {
                i64::MAX => format!("`{name}` (never read)"),
                age => format!("`{name}` ({age} s)"),
            })
            .collect();
        if named.is_empty() { String::new() } else { format!("; STALE: {}", named.join(", ")) }
    }

    pub(super) async fn answer(&self) -> Response {
        if !self.mesh.documents {
            return "ready".into_response();
        }
        let mut last = self.last.lock().await;
        let ready = match *last {
            Some((at, ready)) if at.elapsed() < READY_HOLDS => ready,
            _ => {
                let asked = tokio::time::timeout(READY_TIMEOUT, self.mesh.store.ready()).await;
                let ready = matches!(asked, Ok(Ok(())));
                *last = Some((Instant::now(), ready));
                ready
            }
        };
        if ready {
            "ready".into_response()
        } else {
            let detail = format!("Firestore cannot be reached{}", self.stale());
            HttpError::later(Code::Unavailable, detail, RETRY_AFTER_SECONDS).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_local_emulators_only_this_machine_is_answered() {
        for here in ["127.0.0.1:8081", "localhost:8081", "[::1]:8081", "127.0.0.1"] {
            assert_eq!(listen_on(Some(here)), Ipv4Addr::LOCALHOST, "{here}");
        }
        for elsewhere in [None, Some("firestore:8081"), Some("172.31.250.3:8081")] {
            assert_eq!(listen_on(elsewhere), Ipv4Addr::UNSPECIFIED, "{elsewhere:?}");
        }
    }
}
