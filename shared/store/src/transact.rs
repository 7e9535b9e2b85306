//! Running a transaction until it commits, and once for each event.

use std::{future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use firestore::{
    FirestoreConsistencySelector, FirestoreDb, FirestoreTransaction, FirestoreTransactionData,
    FirestoreTransactionMode, FirestoreTransactionOptions, errors::FirestoreError,
};
use gcloud_sdk::google::firestore::v1::Write;
use jiff::SignedDuration;
use model::{Actor, CorrelationId, EventId, Timestamp, delivery::Delivery};
use problem::{Code, Coded};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};
use tracing::debug;

use crate::{Store, StoreError, Transaction, numbers::Numbers};

/// How long a contended transaction is tried. Below the deadline of every
/// function, so that the caller hears `Aborted` and not a timeout.
const CONTENTION_DEADLINE: Duration = Duration::from_secs(20);
/// The first pause after a lost race; about the time of one transaction.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// The longest pause after a lost race.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// How long an event is remembered. Pub/Sub redelivers for at most 7 days.
const LEDGER_TTL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why documents change; goes into every journal record.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Who caused it.
    pub actor: Actor,
    /// What it shares with other changes.
    pub correlation: CorrelationId,
    /// The W3C trace context of the work that causes them, if it has one.
    pub traceparent: Option<String>,
    /// When it happened.
    pub time: Timestamp,
    /// The event that is being handled, if any.
    pub event: Option<Origin>,
}

/// The event that is being handled, and by whom.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The event.
    pub event: EventId,
    /// The function.
    pub function: String,
    /// The trigger.
    pub trigger: String,
}

/// What came of an effect that must happen once for each event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once<T> {
    /// It happened now.
    Done(T),
    /// It had happened before; nothing was changed.
    Repeated,
}

impl Store {
    /// Runs `work` in a transaction and commits what it staged.
    ///
    /// A lost race runs `work` again, with growing pauses and few of those that lost at a
    /// time, until a deadline of 20 s.
    ///
    /// # Errors
    /// What `work` returns, or why the commit failed.
    pub async fn transact<T, E, W, F>(&self, cause: &Cause, work: W) -> Result<T, E>
    where
        W: Fn(Transaction) -> F,
        F: Future<Output = Result<T, E>>,
        E: From<StoreError> + Coded,
    {
        let database = self.database().await?;
        let started = Instant::now();
        let contended = || E::from(StoreError::Contended { seconds: started.elapsed().as_secs() });
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSE_MIN)
            .with_max_delay(PAUSE_MAX)
            .with_jitter()
            .without_max_times()
            .build();
        let (mut retry, mut turn) = (None, None);
        loop {
            match attempt((database, self.numbers()), cause, &work, &mut retry).await {
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(error) => return Err(error),
                Attempt::LostRace => {}
            }
            drop(turn.take());
            let pause = pauses.next().unwrap_or(PAUSE_MAX);
            debug!(pause_ms = pause.as_millis(), "lost a race; tries the transaction again");
            let again = async {
                tokio::time::sleep(pause).await;
                self.retries().acquire().await
            };
            let again = timeout_at(started + CONTENTION_DEADLINE, again).await;
            turn = Some(again.map_err(|_| contended())?);
        }
    }

    /// Runs `work` as [`Store::transact`] does, unless the event's effect is committed
    /// already. The ledger entry commits together with the effect.
    ///
    /// # Errors
    /// As [`Store::transact`]. A cause without an event is a mistake of ours.
    pub async fn once<T, E, W, F>(&self, cause: &Cause, work: W) -> Result<Once<T>, E>
    where
        W: Fn(Transaction) -> F,
        F: Future<Output = Result<T, E>>,
        E: From<StoreError> + Coded,
    {
        let origin = cause.event.as_ref();
        assert!(origin.is_some(), "only an event's effect can happen once");
        self.transact(cause, |tx| {
            let running = work(tx.clone());
            async move {
                let Some(origin) = origin else { return Ok(Once::Repeated) };
                if tx.get::<Delivery>(&origin.event).await?.is_some() {
                    return Ok(Once::Repeated);
                }
                let value = running.await?;
                let entry = Delivery {
                    function: origin.function.clone(),
                    trigger: origin.trigger.clone(),
                    event_time: cause.time,
                    expires_at: cause.time.plus(LEDGER_TTL),
                };
                tx.measure(&origin.event, &entry)?;
                Ok(Once::Done(value))
            }
        })
        .await
    }
}

enum Attempt<T, E> {
    Done(T),
    Failed(E),
    LostRace,
}

/// Runs one attempt. `retry` carries the first attempt's id, which lets Firestore
/// favour a transaction that has lost before.
async fn attempt<T, E, W, F>(
    (database, numbers): (&FirestoreDb, &Numbers),
    cause: &Cause,
    work: &W,
    retry: &mut Option<Vec<u8>>,
) -> Attempt<T, E>
where
    W: Fn(Transaction) -> F,
    F: Future<Output = Result<T, E>>,
    E: From<StoreError> + Coded,
{
    let failed = |action: &str, error| -> Attempt<T, E> {
        let error = StoreError::request(action.to_owned(), error);
        if error.code() == Code::Aborted {
            Attempt::LostRace
        } else {
            Attempt::Failed(error.into())
        }
    };
    let mut options = FirestoreTransactionOptions::new();
    if let Some(first) = retry.clone() {
        options = options.with_mode(FirestoreTransactionMode::ReadWriteRetry(first));
    }
    let opened = match database.begin_transaction_with_options(options).await {
        Ok(opened) => opened,
        Err(error) => return failed("begin a transaction", error),
    };
    let id = opened.transaction_id().clone();
    retry.get_or_insert_with(|| id.clone());
    let open = Open { database: database.clone(), data: Some(opened.into_data()) };
    let reads = FirestoreConsistencySelector::Transaction(id);
    let tx = Transaction::new(database.clone_with_consistency_selector(reads), cause.clone());

    match work(tx.clone()).await {
        Ok(value) => {
            let mut taken = numbers.taking();
            let writes = match tx.writes(&mut taken) {
                Ok(writes) => writes,
                Err(error) => {
                    open.rollback().await;
                    return Attempt::Failed(error.into());
                }
            };
            match open.commit(writes).await {
                Ok(()) => {
                    taken.used();
                    Attempt::Done(value)
                }
                Err(error) => failed("commit", error),
            }
        }
        Err(error) => {
            open.rollback().await;
            if error.code() == Code::Aborted { Attempt::LostRace } else { Attempt::Failed(error) }
        }
    }
}

/// A transaction that is open at the server and holds locks there.
///
/// A handler that is cut off drops it in the middle. Then it is rolled back from here:
/// otherwise its locks would stop the next delivery for as long as Firestore lets a
/// transaction idle, which is a minute.
struct Open {
    database: FirestoreDb,
    data: Option<FirestoreTransactionData>,
}

impl Open {
    async fn commit(mut self, writes: Vec<Write>) -> Result<(), FirestoreError> {
        let Some(data) = self.data.take() else { return Ok(()) };
        let data = FirestoreTransactionData::new(
            data.transaction_id().clone(),
            data.documents_path().clone(),
            data.transaction_span().clone(),
            writes,
        );
        FirestoreTransaction::from_data(&self.database, data).commit().await.map(|_| ())
    }

    async fn rollback(mut self) {
        if let Some(data) = self.data.take() {
            rollback(self.database.clone(), data).await;
        }
    }
}

async fn rollback(database: FirestoreDb, data: FirestoreTransactionData) {
    // A rollback that fails leaves the locks to expire by themselves.
    let _ = FirestoreTransaction::from_data(&database, data).rollback().await;
}

impl Drop for Open {
    fn drop(&mut self) {
        if let (Some(data), Ok(runtime)) = (self.data.take(), Handle::try_current()) {
            // Without an `Open` in it: a runtime that shuts down drops what is spawned at once, and
            // that would begin again here.
            runtime.spawn(rollback(self.database.clone(), data));
        }
    }
}
