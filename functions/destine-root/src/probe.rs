//! Running a check: what is asked, and what came of it.

mod answer;
#[cfg(test)]
mod certified;
mod dead_letters;
mod der;
mod dns;
mod dns_message;
mod firestore_lag;
mod grpc;
mod heartbeat;
mod http;
mod pubsub;
mod reach;
mod schedule;
mod staleness;
mod tcp;
mod tls;

use std::{sync::Arc, time::Duration};

pub use answer::Answer;
pub(crate) use firestore_lag::echo;
pub use http::HttpProber;
use model::{
    CheckId, Timestamp,
    check::{CheckSpec, Probe},
};
pub use reach::Reach;
use rustls::RootCertStore;
use store::Store;
pub use tls::TlsProber;
use tokio::time::Instant;

use crate::{check::burn::Counts, egress::Egress, monitoring::Monitoring};

/// Runs checks. Cheap to clone; connections are kept between ticks.
#[derive(Clone)]
pub struct Prober {
    store: Store,
    monitoring: Monitoring,
    reach: Reach,
    http: HttpProber,
    tls: TlsProber,
}

/// What a run knows besides its check.
#[derive(Clone, Debug)]
pub struct Known {
    /// The address of the check's service.
    pub service_url: Option<String>,
    /// When somebody last changed the check.
    pub changed_at: Timestamp,
    /// The runs of the check that an objective is about.
    pub counts: Option<Counts>,
    /// The instant that the run was planned for.
    pub at: Timestamp,
}

impl Prober {
    /// Makes a prober that may go where the policy says; `roots` are whom it trusts.
    ///
    /// # Errors
    /// When the platform has no TLS.
    pub fn new(
        store: Store,
        monitoring: Monitoring,
        egress: Egress,
        roots: Arc<RootCertStore>,
    ) -> Result<Self, String> {
        let reach = Reach::new(Arc::new(egress));
        Ok(Self {
            store,
            monitoring,
            http: HttpProber::new(reach.clone(), &roots)?,
            tls: TlsProber::new(reach.clone(), roots)?,
            reach,
        })
    }

    /// Runs a check once, up to its deadline.
    pub async fn run(&self, id: &CheckId, spec: &CheckSpec, known: &Known) -> Answer {
        let started = Instant::now();
        let timeout = Duration::from_secs(spec.timeout_seconds.into());
        let answer = match tokio::time::timeout(timeout, self.ask(id, spec, known)).await {
            Ok(answer) => answer,
            Err(_) => Answer::bad("no answer in time"),
        };
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        answer.timed(latency_ms, spec.degraded_above_ms)
    }

    async fn ask(&self, id: &CheckId, spec: &CheckSpec, known: &Known) -> Answer {
        match &spec.probe {
            Probe::Http(http) => match http.url.as_ref().or(known.service_url.as_ref()) {
                Some(url) => self.http.ask(http, url).await,
                None => Answer::bad("its service is not there"),
            },
            Probe::Tcp(tcp) => tcp::ask(&self.reach, tcp).await,
            Probe::Grpc(grpc) => self.http.ask_grpc(grpc).await,
            Probe::Dns(dns) => dns::ask(&self.reach, dns).await,
            Probe::Tls(tls) => self.tls.ask(tls, known.at).await,
            Probe::Heartbeat(beat) => heartbeat::read(&self.store, id, beat, known).await,
            Probe::Pubsub(pubsub) => pubsub::read(&self.monitoring, pubsub).await,
            Probe::DeadLetters(letters) => dead_letters::read(&self.store, letters).await,
            Probe::FirestoreLag(lag) => firestore_lag::measure(&self.store, id, lag, known).await,
            Probe::Staleness(stale) => staleness::read(&self.store, stale, known).await,
            Probe::Schedule(run) => schedule::read(&self.store, run, known).await,
            Probe::Slo(slo) => {
                let judged = known.counts.as_ref().and_then(|c| c.judge(slo.target_ppm, known.at));
                match judged {
                    Some((verdict, detail)) => Answer::new(verdict, detail),
                    None => Answer::unknown(format!("`{}` did not run for an hour", slo.of)),
                }
            }
        }
    }
}
