//! A write comes back through its trigger in time.

use std::time::Duration;

use jiff::SignedDuration;
use model::{
    CanaryId, CheckId, EchoId,
    check::{Canary, Echo, FirestoreLagProbe},
};
use store::Store;
use tokio::time::Instant;

use super::{Answer, Known};

/// How often it is asked whether the write came back.
const POLL: Duration = Duration::from_millis(50);
/// How long a canary is kept; nobody looks at it after its run.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Writes a canary and waits for what its trigger saw.
pub(super) async fn measure(
    store: &Store,
    id: &CheckId,
    probe: &FirestoreLagProbe,
    known: &Known,
) -> Answer {
    let nonce = format!("{:032x}", rand::random::<u128>());
    let canary = Canary { nonce: nonce.clone(), expires_at: known.at.plus(KEPT) };
    let bound = Duration::from_millis(probe.lag_max_ms.into());
    if let Err(error) = store.measure(&CanaryId::new(id.as_str()), &canary).await {
        return Answer::bad(format!("cannot write: {error}"));
    }
    let started = Instant::now();
    while started.elapsed() <= bound {
        match store.get::<Echo>(&EchoId::new(id.as_str())).await {
            Ok(Some(echo)) if echo.document.nonce == nonce => {
                let lag_ms = started.elapsed().as_millis();
                return Answer::good(format!("came back after {lag_ms} ms"));
            }
            Ok(_) => tokio::time::sleep(POLL).await,
            Err(error) => return Answer::bad(format!("cannot read: {error}")),
        }
    }
    Answer::bad(format!("did not come back within {} ms", probe.lag_max_ms))
}

/// Says what the trigger of a canary saw.
pub(crate) fn echo(canary: &Canary) -> Echo {
    Echo { nonce: canary.nonce.clone(), expires_at: canary.expires_at }
}
