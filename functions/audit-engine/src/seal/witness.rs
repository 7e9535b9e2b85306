//! Asking the witness to cosign checkpoints.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use function::{Peer, PeerAnswer, PeerRequest};
use model::{LogCheckpointId, Timestamp, log::LogCheckpoint};
use store::Cause;
use tlog::{AddCheckpoint, Checkpoint, VerifierKey, tiles_for_consistency};
use tokio::time::Instant;
use tracing::{debug, error, warn};

use super::{SealError, Sealer, sealer::lock};

/// How often the witness is asked while records keep coming.
const PAUSE: Duration = Duration::from_millis(250);

/// The witness: how it is called, and the key that it signs with.
#[derive(Clone)]
pub struct Witness {
    peer: Peer,
    key: VerifierKey,
}

/// What this instance knows of the witness.
#[derive(Default)]
pub(super) struct Cosigned {
    /// How large the log was when the witness last saw it.
    size: u64,
    /// When it was last asked.
    asked: Option<Instant>,
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, thiserror::Error)]
enum Unwitnessed {
    #[error("the witness cannot be reached")]
    Away,
    #[error("the witness answers {0}: {1}")]
    Refused(StatusCode, String),
    #[error("the witness has seen {0} entries, more than there are")]
    AheadOfUs(u64),
    #[error("the witness answers with no cosignature of its key")]
    NoSignature,
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Witness {
    /// Names the witness.
    #[must_use]
    pub fn new(peer: Peer, key: VerifierKey) -> Self {
        Self { peer, key }
    }
}

impl Sealer {
    /// Asks the witness to cosign the latest checkpoint of this instance, again while there
    /// are later ones, at most four times a second. One caller asks for all. A witness that is away
    /// or refuses is told in the log: records are sealed all the same.
    pub async fn cosign(&self, cause: &Cause) {
        let Some(witness) = &self.inner.witness else { return };
        let Ok(mut cosigned) = self.inner.cosigned.try_lock() else { return };
        loop {
            let latest = lock(&self.inner.latest).clone();
            let Some(latest) = latest.filter(|latest| latest.size > cosigned.size) else { return };
            if let Some(since) = cosigned.asked.map(|asked| asked.elapsed())
                && since < PAUSE
            {
                tokio::time::sleep(PAUSE - since).await;
                continue;
            }
            cosigned.asked = Some(Instant::now());
            match self.ask((cause, witness), &latest, cosigned.size).await {
                Ok(()) => cosigned.size = latest.size,
                Err(failure) => return tell(&failure, latest.size),
            }
        }
    }

    /// Has a checkpoint cosigned anew, so that it says that there is no later one.
    pub(super) async fn refresh(&self, cause: &Cause, latest: &LogCheckpoint) {
        let Some(witness) = &self.inner.witness else { return };
        let mut cosigned = self.inner.cosigned.lock().await;
        cosigned.asked = Some(Instant::now());
        match self.ask((cause, witness), latest, cosigned.size).await {
            Ok(()) => cosigned.size = latest.size,
            Err(failure) => tell(&failure, latest.size),
        }
    }

    /// Asks for a cosignature and keeps it. `old` is what the witness is believed to know; it
    /// says so when it knows otherwise.
    async fn ask(
        &self,
        (cause, witness): (&Cause, &Witness),
        latest: &LogCheckpoint,
        old: u64,
    ) -> Result<(), Unwitnessed> {
        let mut answer = self.add_checkpoint(witness, latest, old).await?;
        if let Some(known) = size_of(&answer).filter(|known| *known != old) {
            if known > latest.size {
                return Err(Unwitnessed::AheadOfUs(known));
            }
            debug!(known, old, "the witness knows another checkpoint");
            answer = self.add_checkpoint(witness, latest, known).await?;
        }
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status != StatusCode::OK {
            return Err(Unwitnessed::Refused(answer.status, text));
        }
        self.keep((cause, witness), latest, &text).await
    }

    async fn add_checkpoint(
        &self,
        witness: &Witness,
        latest: &LogCheckpoint,
        old: u64,
    ) -> Result<PeerAnswer, Unwitnessed> {
        let wanted = tiles_for_consistency(old, latest.size);
        let tiles = store::log::tiles(&self.inner.store, wanted).await.map_err(SealError::from)?;
        let proof = tiles.consistency(old, latest.size).map_err(SealError::from)?;
        let body = AddCheckpoint { old, proof, note: latest.note.clone() }.to_text();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        let request = PeerRequest {
            method: Method::POST,
            path: "/add-checkpoint".into(),
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, text)]),
            body: Some(Bytes::from(body)),
        };
        witness.peer.exchange(request).await.map_err(|_| Unwitnessed::Away)
    }

    /// Keeps a cosignature with its checkpoint, once it is found good.
    async fn keep(
        &self,
        (cause, witness): (&Cause, &Witness),
        latest: &LogCheckpoint,
        lines: &str,
    ) -> Result<(), Unwitnessed> {
        let key = &witness.key;
        let line = lines.lines().find(|line| line.starts_with(&format!("— {} ", key.name())));
        let line = format!("{}\n", line.ok_or(Unwitnessed::NoSignature)?);
        let id = &LogCheckpointId::of_size(latest.size);
        let now = Timestamp::from(jiff::Timestamp::now());
        let line = &line;
        let kept = self.inner.store.transact(cause, |tx| async move {
            let stored = tx.get::<LogCheckpoint>(id).await?.map(|stored| stored.document);
            let Some(stored) = stored else { return Ok(None) };
            let note = replace_signature(&stored.note, key.name(), line);
            let opened = Checkpoint::open(&note, std::slice::from_ref(key));
            if opened.is_err() {
                return Ok(None);
            }
            let witnessed_size = Some(stored.size);
            let checkpoint = LogCheckpoint { note, at: now, witnessed_size, ..stored };
            tx.keep(id, &checkpoint)?;
            Ok::<_, SealError>(Some(()))
        });
        kept.await?.ok_or(Unwitnessed::NoSignature)
    }
}

/// Puts a signature into a note, in the place of an earlier one of the same name.
fn replace_signature(note: &str, name: &str, line: &str) -> String {
    let own = format!("— {name} ");
    let others = note.split_inclusive('\n').filter(|line| !line.starts_with(&own));
    others.chain([line]).collect()
}

/// Returns the size that the witness says it knows instead.
fn size_of(answer: &PeerAnswer) -> Option<u64> {
    (answer.status == StatusCode::CONFLICT)
        .then(|| String::from_utf8_lossy(&answer.body).trim().parse().ok())?
}

fn tell(failure: &Unwitnessed, size: u64) {
    match failure {
        // Whoever trusts the witness sees that its signature is missing.
        Unwitnessed::Away | Unwitnessed::Seal(SealError::Store(_)) => warn!(
            event_name = "checkpoint-unwitnessed",
            log_size = size,
            "checkpoint {size} has no witness: {failure}"
        ),
        _ => error!(
            event_name = "checkpoint-refused",
            log_size = size,
            "checkpoint {size} is not cosigned: {failure}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_cosignature_takes_the_place_of_the_older() {
        let note = "l\n1\nx\n\n— l AA\n— w BB\n— v CC\n";
        assert_eq!(replace_signature(note, "w", "— w DD\n"), "l\n1\nx\n\n— l AA\n— v CC\n— w DD\n");
    }
}
