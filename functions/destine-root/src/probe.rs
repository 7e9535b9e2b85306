//! Asking a service over HTTP.

use std::time::{Duration, Instant};

use model::service::Service;
use reqwest::{Client, redirect::Policy};

/// Asks services; one client keeps connections between ticks.
#[derive(Clone)]
pub(crate) struct Prober {
    client: Client,
}

/// What a service answered.
pub(crate) struct Answer {
    pub(crate) passed: bool,
    pub(crate) detail: String,
    pub(crate) latency_ms: u64,
}

impl Prober {
    pub(crate) fn new(timeout: Duration) -> reqwest::Result<Self> {
        // A redirect is an answer like any other that is not 2xx: following it
        // would ask somebody else.
        let client = Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .user_agent("mesh-destine-root")
            .build()?;
        Ok(Self { client })
    }

    pub(crate) async fn ask(&self, service: &Service) -> Answer {
        let started = Instant::now();
        let answer = self.client.get(&service.url).send().await;
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match answer {
            Ok(response) => Answer {
                passed: response.status().is_success(),
                detail: format!("answered {}", response.status()),
                latency_ms,
            },
            Err(error) => Answer { passed: false, detail: reason(&error), latency_ms },
        }
    }
}

/// Says why there was no answer, without the address, which may hold credentials.
fn reason(error: &reqwest::Error) -> String {
    let words = match () {
        () if error.is_builder() => "the address is not an HTTP address",
        () if error.is_timeout() => "no answer in time",
        () if error.is_connect() => "no connection",
        () => "the answer broke off",
    };
    words.to_owned()
}
