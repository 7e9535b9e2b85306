#![doc = include_str!("../README.md")]

use std::{collections::HashMap, sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use gcloud_sdk::{
    GoogleApi, GoogleAuthMiddleware, RequestTimeouts,
    google::pubsub::v1::{PublishRequest, PubsubMessage, publisher_client::PublisherClient},
    google_cloud_auth::credentials::anonymous,
    tonic,
};
use model::{CorrelationId, topic::Message};
use problem::{Code, Coded};
use tokio::sync::OnceCell;
use tracing::debug;

/// The attribute that names the event, the same for every publish of the same fact.
pub const EVENT_ID: &str = "event_id";
/// The attribute that carries the correlation id.
pub const CORRELATION_ID: &str = "correlation_id";
/// The attribute that carries the W3C trace context.
pub const TRACEPARENT: &str = "traceparent";

/// The largest message. Pub/Sub takes 10 MB; a push wraps the data in Base64,
/// and the result has to stay below the runtime's body limit.
pub const MESSAGE_BYTES_MAX: usize = 7 * 1024 * 1024;

/// How long one publish may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a publish is tried again; the event that caused it is redelivered after that.
const RETRIES: usize = 3;

const PUBSUB: &str = "https://pubsub.googleapis.com";

type Publisher = GoogleApi<PublisherClient<GoogleAuthMiddleware>>;

/// Which project's topics to use, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    project: String,
    emulator: Option<String>,
}

impl Settings {
    /// Names a project, and the `host:port` of an emulator (`PUBSUB_EMULATOR_HOST`) if there is one.
    pub fn new(project: impl Into<String>, emulator: Option<String>) -> Self {
        Self { project: project.into(), emulator }
    }
}

/// What goes with a message.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Names the event; must be the same when the same fact is published again.
    pub id: String,
    /// What the message shares with its cause.
    pub correlation: CorrelationId,
    /// The trace that the message continues.
    pub traceparent: Option<String>,
}

/// Why a message was not published.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// There is no connection.
    #[error("cannot reach Pub/Sub")]
    Unreachable(#[source] gcloud_sdk::error::Error),
    /// Pub/Sub refused the message.
    #[error("cannot publish to `{topic}`")]
    Refused {
        /// The topic.
        topic: &'static str,
        /// The answer.
        #[source]
        status: Box<tonic::Status>,
    },
    /// The message is larger than a push can deliver.
    #[error("a message for `{topic}` has {bytes} bytes, more than {MESSAGE_BYTES_MAX}")]
    TooLarge {
        /// The topic.
        topic: &'static str,
        /// The message's size.
        bytes: usize,
    },
    /// The message cannot be written as JSON.
    #[error("a message for `{topic}` is not JSON")]
    Unwritable {
        /// The topic.
        topic: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Coded for BusError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable(_) => Code::Unavailable,
            Self::Refused { status, .. } => match status.code() {
                tonic::Code::InvalidArgument => Code::InvalidArgument,
                tonic::Code::ResourceExhausted => Code::ResourceExhausted,
                tonic::Code::NotFound | tonic::Code::PermissionDenied => Code::Internal,
                _ => Code::Unavailable,
            },
            Self::TooLarge { .. } => Code::OutOfRange,
            Self::Unwritable { .. } => Code::Internal,
        }
    }
}

/// The topics of a project. Cheap to clone; connects when it is first used.
#[derive(Clone)]
pub struct Bus {
    settings: Settings,
    publisher: Arc<OnceCell<Publisher>>,
}

impl Bus {
    /// Returns a bus that has not connected yet, and so cannot fail.
    #[must_use]
    pub fn connect_lazily(settings: Settings) -> Self {
        Self { settings, publisher: Arc::default() }
    }

    /// Publishes a message to its topic and waits until Pub/Sub has it.
    ///
    /// # Errors
    /// When Pub/Sub cannot be reached or refuses the message.
    pub async fn publish<M: Message>(
        &self,
        message: &M,
        envelope: &Envelope,
    ) -> Result<(), BusError> {
        let data = serde_json::to_vec(message)
            .map_err(|source| BusError::Unwritable { topic: M::TOPIC, source })?;
        if data.len() > MESSAGE_BYTES_MAX {
            return Err(BusError::TooLarge { topic: M::TOPIC, bytes: data.len() });
        }
        let publisher = self.publisher().await?;
        let request = PublishRequest {
            topic: format!("projects/{}/topics/{}", self.settings.project, M::TOPIC),
            messages: vec![PubsubMessage {
                data,
                attributes: attributes(message, envelope),
                ..PubsubMessage::default()
            }],
        };
        (|| async { publisher.get().publish(request.clone()).await })
            .retry(ExponentialBuilder::default().with_jitter().with_max_times(RETRIES))
            .when(|status| {
                matches!(
                    status.code(),
                    tonic::Code::Unavailable | tonic::Code::Aborted | tonic::Code::Unknown
                )
            })
            .await
            .map_err(|status| BusError::Refused { topic: M::TOPIC, status: Box::new(status) })?;
        debug!(topic = M::TOPIC, event = envelope.id, "published");
        Ok(())
    }

    async fn publisher(&self) -> Result<&Publisher, BusError> {
        self.publisher
            .get_or_try_init(|| async {
                let api = match &self.settings.emulator {
                    Some(host) => {
                        GoogleApi::from_function_with_credentials(
                            PublisherClient::new,
                            format!("http://{host}"),
                            None,
                            anonymous::Builder::new().build(),
                        )
                        .await
                    }
                    None => GoogleApi::from_function(PublisherClient::new, PUBSUB, None).await,
                };
                let timeouts = RequestTimeouts::new().with_total(REQUEST_TIMEOUT);
                api.map(|api| api.with_request_timeouts(timeouts))
            })
            .await
            .map_err(BusError::Unreachable)
    }
}

fn attributes(message: &impl Message, envelope: &Envelope) -> HashMap<String, String> {
    let own = message.attributes().into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut attributes: HashMap<_, _> = own.collect();
    attributes.insert(EVENT_ID.to_owned(), envelope.id.clone());
    attributes.insert(CORRELATION_ID.to_owned(), envelope.correlation.to_string());
    if let Some(traceparent) = &envelope.traceparent {
        attributes.insert(TRACEPARENT.to_owned(), traceparent.clone());
    }
    attributes
}
