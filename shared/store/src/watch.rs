//! A collection as it changes.
//!
//! Source: <https://firebase.google.com/docs/firestore/query-data/listen>.

use std::{marker::PhantomData, time::Duration};

use firestore::{
    FirestoreDb, FirestoreListener, FirestoreListenerParams, FirestoreListenerTarget,
    FirestoreMemListenStateStorage,
};
use gcloud_sdk::google::firestore::v1::{
    listen_response::ResponseType, target_change::TargetChangeType,
};
use model::{Document, DocumentId};
use tokio::sync::mpsc;

use crate::{Store, StoreError, Stored, document::relative_path, index::group};

/// How long a broken stream waits before it is opened again.
const RETRY: Duration = Duration::from_secs(1);
/// Changes that a slow reader may be behind; then the stream waits for it.
const BEHIND_MAX: usize = 64;
/// A listener has one target.
const TARGET: u32 = 1;

/// What became of a watched collection.
#[derive(Debug)]
pub enum Seen<D: Document> {
    /// A document is there, or has changed.
    Written(Box<Stored<D>>),
    /// A document cannot be read; says what is wrong with it.
    Unreadable(String),
    /// A document is gone.
    Removed(D::Id),
    /// Everything that was there has been told.
    Current,
}

/// A collection that is watched, until it is dropped.
pub struct Watch<D> {
    seen: mpsc::Receiver<ResponseType>,
    _listener: FirestoreListener<FirestoreDb, FirestoreMemListenStateStorage>,
    kind: PhantomData<fn() -> D>,
}

impl Store {
    /// Watches a whole collection: every document as it is, and then every change. A broken
    /// connection is made anew; then documents may be told again.
    ///
    /// # Errors
    /// When the database was never reached.
    pub async fn watch<D: Document>(&self) -> Result<Watch<D>, StoreError> {
        let what = || format!("watch `{}`", D::COLLECTION);
        let failed = |error| StoreError::request(what(), error);
        let database = self.database().await?;
        let parameters = FirestoreListenerParams::new().with_retry_delay(RETRY);
        let storage = FirestoreMemListenStateStorage::new();
        let mut listener =
            database.create_listener_with_params(storage, parameters).await.map_err(failed)?;
        let select = database.fluent().select().from(group(D::COLLECTION));
        let target = FirestoreListenerTarget::new(TARGET);
        select.listen().add_target(target, &mut listener).map_err(failed)?;
        let (tell, seen) = mpsc::channel(BEHIND_MAX);
        let telling = move |event| {
            let tell = tell.clone();
            async move {
                // Nobody watching any more ends the listener as well.
                let _ = tell.send(event).await;
                Ok(())
            }
        };
        listener.start(telling).await.map_err(failed)?;
        Ok(Watch { seen, _listener: listener, kind: PhantomData })
    }
}

impl<D: Document> Watch<D> {
    /// Waits for what happens next; `None` when the listener has ended for good.
    pub async fn next(&mut self) -> Option<Seen<D>> {
        loop {
            let seen = match self.seen.recv().await? {
                ResponseType::DocumentChange(change) => {
                    change.document.map(|raw| match Stored::parse(&raw) {
                        Ok(stored) => Seen::Written(Box::new(stored)),
                        Err(error) => Seen::Unreadable(error.to_string()),
                    })
                }
                ResponseType::DocumentDelete(gone) => removed(&gone.document),
                ResponseType::DocumentRemove(gone) => removed(&gone.document),
                ResponseType::TargetChange(change) => {
                    let current = change.target_change_type == TargetChangeType::Current as i32;
                    current.then_some(Seen::Current)
                }
                ResponseType::Filter(_) => None,
            };
            if seen.is_some() {
                return seen;
            }
        }
    }
}

fn removed<D: Document>(name: &str) -> Option<Seen<D>> {
    D::Id::from_path(relative_path(name)).ok().map(Seen::Removed)
}
