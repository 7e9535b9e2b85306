//! Taking a tick, so that nobody else runs its checks.

use std::time::Duration;

use model::{CheckLeaseId, Timestamp, check::CheckLease};
use store::{Cause, Store};
use tokio::time::Instant;

use crate::{
    RootError,
    check::lease::{Claim, claim},
};

/// How long one tick waits for the one before it: with a minute of starts and the longest
/// run it stays below the function's deadline. After that the tick is delivered again.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// How often it looks.
const POLL: Duration = Duration::from_millis(250);

/// A tick that is ours.
pub(super) struct Taken {
    /// Names us.
    pub(super) holder: String,
    /// Who kept what was learnt last; `None` when that was lost.
    pub(super) before: Option<String>,
}

fn id() -> CheckLeaseId {
    CheckLeaseId::new("tick")
}

/// Takes a tick; `None` when somebody ran it, or a later one.
pub(super) async fn take(
    store: &Store,
    cause: &Cause,
    tick: Timestamp,
) -> Result<Option<Taken>, RootError> {
    let holder = &format!("{:032x}", rand::random::<u128>());
    let started = Instant::now();
    loop {
        let now = &Timestamp::from(jiff::Timestamp::now());
        let claimed = store.transact(cause, |tx| async move {
            let known = tx.get::<CheckLease>(&id()).await?.map(|stored| stored.document);
            let claim = claim(known.as_ref(), tick, holder, *now);
            if let Claim::Ours { lease, .. } = &claim {
                tx.measure(&id(), lease)?;
            }
            Ok::<_, RootError>(claim)
        });
        match claimed.await? {
            Claim::Ours { before, .. } => {
                return Ok(Some(Taken { holder: holder.clone(), before }));
            }
            Claim::Past => return Ok(None),
            Claim::Busy if started.elapsed() > WAIT_MAX => return Err(RootError::Busy),
            Claim::Busy => tokio::time::sleep(POLL).await,
        }
    }
}

/// Says that what a tick learnt is kept.
pub(super) async fn end(store: &Store, cause: &Cause, holder: &str) -> Result<(), RootError> {
    store
        .transact(cause, |tx| async move {
            let known = tx.get::<CheckLease>(&id()).await?.map(|stored| stored.document);
            if let Some(lease) = known.filter(|lease| lease.holder == holder) {
                tx.measure(&id(), &CheckLease { done: true, ..lease })?;
            }
            Ok(())
        })
        .await
}
