//! Asking a part whether it is ready.

use std::time::Duration;

use serde::Deserialize;

/// How long one question may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long between two questions; fine enough that nobody waits for it.
pub const PROBE_PAUSE: Duration = Duration::from_millis(100);

/// How a part says that it is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// `GET /` answers `Ok`, as Google's emulators do.
    Ok,
    /// `GET /` answers anything.
    Answers,
    /// `GET /ready` answers 2xx.
    Ready,
    /// `GET /admin/status` says that both emulators are connected, so that no event is lost.
    Connected,
}

#[derive(Deserialize)]
struct Connected {
    firestore_registered: bool,
    pubsub_created: bool,
}

impl Probe {
    /// Asks the part on a port of this machine once.
    pub async fn ask(self, http: &reqwest::Client, port: u16) -> bool {
        let path = match self {
            Self::Ok | Self::Answers => "/",
            Self::Ready => "/ready",
            Self::Connected => "/admin/status",
        };
        let url = format!("http://127.0.0.1:{port}{path}");
        let Ok(answer) = http.get(url).timeout(PROBE_TIMEOUT).send().await else { return false };
        let good = answer.status().is_success();
        match self {
            Self::Answers => true,
            Self::Ready => good,
            Self::Ok => good && answer.text().await.is_ok_and(|text| text.trim() == "Ok"),
            Self::Connected => {
                good && answer.json::<Connected>().await.is_ok_and(|connected| {
                    connected.firestore_registered && connected.pubsub_created
                })
            }
        }
    }
}
