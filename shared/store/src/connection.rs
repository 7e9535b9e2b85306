//! The lazy connection and reads outside transactions.

use std::{sync::Arc, time::Duration};

use firestore::{FirestoreDb, FirestoreDbOptions, FirestoreDocument};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use model::{Document, DocumentId, Measurement, Timestamp};
use tokio::sync::{OnceCell, Semaphore};
use tracing::debug;

use crate::{
    StoreError, Stored, content_hash,
    document::{Location, encode},
    index::may_expire,
    numbers::Numbers,
    owner::owner,
    parts::whole,
};

/// How long one request may take. Firestore itself gives up after 60 s; a
/// function's deadline is usually far below.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How many transactions that lost a race run at a time. All at once they would lock each
/// other out again and again; one at a time, one that waits for a lock would stop the rest.
const RETRIES_MAX: usize = 4;

/// Which database to use, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    project: String,
    emulator: Option<String>,
}

impl Settings {
    /// Names the default database of a project, and the `host:port` of an emulator
    /// (`FIRESTORE_EMULATOR_HOST`) if there is one.
    pub fn new(project: impl Into<String>, emulator: Option<String>) -> Self {
        Self { project: project.into(), emulator }
    }
}

/// The database. Cheap to clone; connects when it is first used.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    database: OnceCell<FirestoreDb>,
    numbers: Numbers,
    retries: Semaphore,
}

impl Store {
    /// Returns a store that has not connected yet, and so cannot fail.
    #[must_use]
    pub fn connect_lazily(settings: Settings) -> Self {
        let (database, numbers) = (OnceCell::new(), Numbers::new());
        let retries = Semaphore::new(RETRIES_MAX);
        Self { inner: Arc::new(Inner { settings, database, numbers, retries }) }
    }

    /// Where transactions that lost a race wait for their turn.
    pub(crate) fn retries(&self) -> &Semaphore {
        &self.inner.retries
    }

    /// Returns the project of the database.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.inner.settings.project
    }

    pub(crate) fn numbers(&self) -> &Numbers {
        &self.inner.numbers
    }

    pub(crate) async fn database(&self) -> Result<&FirestoreDb, StoreError> {
        self.inner
            .database
            .get_or_try_init(|| async {
                let Settings { project, emulator } = &self.inner.settings;
                let options =
                    FirestoreDbOptions::new(project.clone()).with_request_timeout(REQUEST_TIMEOUT);
                match emulator {
                    Some(host) => {
                        let options = options.with_firebase_api_url(format!("http://{host}"));
                        FirestoreDb::with_options_auth(options, owner()).await
                    }
                    None => FirestoreDb::with_options(options).await,
                }
            })
            .await
            .map_err(StoreError::Unreachable)
    }

    /// Asks the database whether it is there.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.database().await?.ping().await.map_err(StoreError::Unreachable)
    }

    /// Reads one document.
    ///
    /// # Errors
    /// When the database cannot be reached, or the document does not parse.
    pub async fn get<D: Document>(&self, id: &D::Id) -> Result<Option<Stored<D>>, StoreError> {
        let database = self.database().await?;
        match read(database, &id.path()).await? {
            Some(raw) => whole(database, raw).await,
            None => Ok(None),
        }
    }

    /// Writes a measurement by itself, whatever was there.
    ///
    /// # Errors
    /// When the database cannot be reached or cannot hold the document, or the document
    /// expires and its collection is not in [`EXPIRING`](crate::EXPIRING).
    pub async fn measure<D: Measurement>(
        &self,
        id: &D::Id,
        document: &D,
    ) -> Result<(), StoreError> {
        let database = self.database().await?;
        let path = id.path();
        let raw = encode(database, &path, document)?;
        may_expire(D::COLLECTION, &raw.fields)?;
        let location = Location::new(database, &path);
        // The document carries its whole name, which is where it is written to.
        let written = database.fluent().update().in_col(location.collection).document(raw);
        let written = written.execute().await.map(drop);
        written.map_err(|error| StoreError::request(format!("write `{path}`"), error))
    }

    /// Deletes a measurement, if it is there.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn forget<D: Measurement>(&self, id: &D::Id) -> Result<(), StoreError> {
        let database = self.database().await?;
        let path = id.path();
        let location = Location::new(database, &path);
        let deleted = database
            .fluent()
            .delete()
            .from(location.collection)
            .parent(&location.parent)
            .document_id(location.id)
            .execute()
            .await;
        deleted.map_err(|error| StoreError::request(format!("delete `{path}`"), error))
    }

    /// Returns a field of the document at a path, if both are there and it is a text.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn text(&self, path: &str, field: &str) -> Result<Option<String>, StoreError> {
        let found = read(self.database().await?, path).await?;
        let value = found.and_then(|mut document| document.fields.remove(field)?.value_type);
        match value {
            Some(ValueType::StringValue(text)) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    /// Returns a field of the document at a path, if both are there and it is a timestamp.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn time(&self, path: &str, field: &str) -> Result<Option<Timestamp>, StoreError> {
        let found = read(self.database().await?, path).await?;
        let value = found.and_then(|mut document| document.fields.remove(field)?.value_type);
        match value {
            Some(ValueType::TimestampValue(time)) => {
                Ok(jiff::Timestamp::new(time.seconds, time.nanos).ok().map(Timestamp::from))
            }
            _ => Ok(None),
        }
    }

    /// Returns the content hash of the document at a path, as the journal has it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn hash_of(&self, path: &str) -> Result<Option<String>, StoreError> {
        let found = read(self.database().await?, path).await?;
        Ok(found.map(|document| content_hash(&document.fields)))
    }
}

/// Reads the raw document at a path, through whatever consistency `database` has.
pub(crate) async fn read(
    database: &FirestoreDb,
    path: &str,
) -> Result<Option<FirestoreDocument>, StoreError> {
    debug!(document = path, "reads");
    let location = Location::new(database, path);
    database
        .fluent()
        .select()
        .by_id_in(location.collection)
        .parent(&location.parent)
        .one(location.id)
        .await
        .map_err(|error| StoreError::request(format!("read `{path}`"), error))
}
