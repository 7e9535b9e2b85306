//! Dead letters: keeping a delivery that cannot be processed.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use model::{
    EventId, LetterId, LetterPartId,
    dead_letter::{DeadLetter, LetterPart},
};
use store::{Cause, Store, StoreError};

/// How much of a body one document holds. In Base64 this is 700 KiB of the
/// 1 MiB that a Firestore document may have.
pub const LETTER_PART_BYTES: usize = 512 * 1024;

/// What is buried, and why.
#[derive(Clone, Debug)]
pub struct Burial {
    /// The function that the delivery was meant for.
    pub function: String,
    /// The trigger that it was meant for.
    pub trigger: String,
    /// The event.
    pub event: EventId,
    /// The canonical code of the failure.
    pub code: String,
    /// What went wrong, for operators.
    pub reason: String,
    /// The headers that make the event, without credentials.
    pub headers: BTreeMap<String, String>,
}

/// Keeps a delivery in `dead_letters`; burying it again changes nothing.
///
/// # Errors
/// When the database cannot be written to; then the delivery must not be acknowledged.
pub async fn bury(
    store: &Store,
    cause: &Cause,
    burial: &Burial,
    body: &[u8],
) -> Result<LetterId, StoreError> {
    let id = LetterId::new(burial.event.as_str());
    // Parts first and one by one: a body may be larger than a commit, and a letter
    // that is there must be whole.
    let mut parts = 0;
    for (index, bytes) in (0..).zip(body.chunks(LETTER_PART_BYTES)) {
        let part_id = &LetterPartId { letter: id.clone(), index };
        let part = &LetterPart { data: BASE64_STANDARD.encode(bytes) };
        store.transact(cause, |tx| async move { tx.measure(part_id, part) }).await?;
        parts = index + 1;
    }
    let letter = &DeadLetter {
        function: burial.function.clone(),
        trigger: burial.trigger.clone(),
        event: burial.event.clone(),
        code: burial.code.clone(),
        reason: burial.reason.clone(),
        headers: burial.headers.clone(),
        body_bytes: body.len() as u64,
        body_parts: parts,
        buried_at: cause.time,
        replay: None,
    };
    let (id_ref, reason) = (&id, burial.reason.as_str());
    store
        .transact(cause, |tx| async move {
            tx.put(id_ref, letter, "dead_letter.buried", reason).await.map(|_| ())
        })
        .await?;
    Ok(id)
}
