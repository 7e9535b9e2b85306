//! An HTTP address answers as it should.

use std::time::Duration;

use model::check::{HttpMethod, HttpProbe};
use reqwest::{Client, Method, Response, Url, header, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};

use super::{Answer, Reach, reach::Unreachable};

/// How much of a body is looked at.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a connection is kept that nobody uses: until the next run of most checks.
const IDLE: Duration = Duration::from_secs(90);

/// Asks over HTTP; one client keeps connections between ticks.
#[derive(Clone)]
pub struct HttpProber {
    client: Client,
    /// Speaks HTTP/2 also without encryption, which gRPC does.
    pub(super) http2: Client,
    reach: Reach,
}

impl HttpProber {
    pub(super) fn new(reach: Reach, roots: &RootCertStore) -> Result<Self, String> {
        let client = |http2: bool| {
            let mut tls = ClientConfig::builder_with_provider(super::tls::provider())
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(roots.clone())
                .with_no_client_auth();
            let http1: &[&[u8]] = if http2 { &[] } else { &[b"http/1.1"] };
            tls.alpn_protocols =
                [b"h2".as_slice()].iter().chain(http1).map(|p| p.to_vec()).collect();
            let client = Client::builder()
                .tls_backend_preconfigured(tls)
                // Each hop is checked here, so the client follows none itself.
                .redirect(Policy::none())
                .dns_resolver(reach.clone())
                .no_proxy()
                .pool_idle_timeout(IDLE)
                .user_agent("mesh-destine-root");
            let client = if http2 { client.http2_prior_knowledge() } else { client };
            client.build().map_err(|error| error.to_string())
        };
        Ok(Self { client: client(false)?, http2: client(true)?, reach })
    }

    /// Asks an address, and follows redirects as far as the check says.
    pub(super) async fn ask(&self, probe: &HttpProbe, url: &str) -> Answer {
        let Ok(mut url) = Url::parse(url) else { return Answer::bad("the address is none") };
        for _ in 0..=probe.redirects_max {
            if let Err(reason) = self.admit(&url) {
                return Answer::bad(reason);
            }
            let method = match probe.method {
                HttpMethod::Get => Method::GET,
                HttpMethod::Head => Method::HEAD,
            };
            let response = match self.client.request(method, url.clone()).send().await {
                Ok(response) => response,
                Err(error) => return Answer::bad(reason(&error)),
            };
            match next(&url, &response).filter(|_| probe.redirects_max > 0) {
                Some(next) => url = next,
                None => return judge(probe, response).await,
            }
        }
        Answer::bad(format!("redirects more than {} times", probe.redirects_max))
    }

    /// Tells whether checks may go to an address. That of a name is judged when it is
    /// resolved; one that is written in figures is not resolved.
    pub(super) fn admit(&self, url: &Url) -> Result<(), String> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err("the address is not an HTTP address".to_owned());
        }
        let Some(port) = url.port_or_known_default() else {
            return Err("the address is not an HTTP address".to_owned());
        };
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        match host.parse() {
            Ok(ip) => self
                .reach
                .admit(std::net::SocketAddr::new(ip, port))
                .map_err(|error| error.to_string()),
            Err(_) => Ok(()),
        }
    }
}

/// Returns where a response redirects to, if it does.
fn next(url: &Url, response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    url.join(location).ok()
}

async fn judge(probe: &HttpProbe, response: Response) -> Answer {
    let status = response.status();
    let seen = format!("answered {status}");
    let good = if probe.statuses.is_empty() {
        status.is_success()
    } else {
        probe.statuses.contains(&status.as_u16())
    };
    if !good {
        return Answer::bad(seen);
    }
    if let Some(wanted) = &probe.header {
        let mut values = response.headers().get_all(&wanted.name).iter();
        let holds = |value: &header::HeaderValue| {
            value.to_str().is_ok_and(|value| value.contains(&wanted.contains))
        };
        if !values.any(holds) {
            return Answer::bad(format!("{seen}, without the header `{}` as wanted", wanted.name));
        }
    }
    let Some(wanted) = &probe.body_contains else { return Answer::good(seen) };
    match body(response).await {
        Ok(body) if contains(&body, wanted.as_bytes()) => Answer::good(seen),
        Ok(_) => Answer::bad(format!("{seen}, and the body does not hold what is wanted")),
        Err(error) => Answer::bad(reason(&error)),
    }
}

/// Reads the beginning of a body.
async fn body(mut response: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let place = BODY_BYTES_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(place)]);
        if body.len() == BODY_BYTES_MAX {
            break;
        }
    }
    Ok(body)
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    body.windows(wanted.len().max(1)).any(|window| window == wanted)
}

/// Says why there was no answer, without the address, which may hold credentials.
pub(super) fn reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if let Some(unreachable) = inner.downcast_ref::<Unreachable>() {
            return unreachable.to_string();
        }
        cause = inner.source();
    }
    let words = match () {
        () if error.is_builder() => "the address is not an HTTP address",
        () if error.is_timeout() => "no answer in time",
        () if error.is_connect() => "no connection",
        () => "the answer broke off",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests;
