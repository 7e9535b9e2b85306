//! Messages between functions: each Pub/Sub topic has one type.

mod given_up;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{Actor, AuditId, LetterId, Timestamp, audit::Scope};

/// A message as Pub/Sub delivers it, whoever published it.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a> {
    /// What it says, in Base64.
    pub data: &'a str,
    /// What the publisher added.
    pub attributes: &'a BTreeMap<String, String>,
    /// Names the message.
    pub message_id: &'a str,
    /// When it was published.
    pub publish_time: Timestamp,
    /// The subscription that brings it, as `projects/<project>/subscriptions/<name>`.
    pub subscription: Option<&'a str>,
}

/// A message that belongs to exactly one topic.
pub trait Message: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The topic's name in the project.
    const TOPIC: &'static str;

    /// Returns what a text that is no JSON means, if it may be one: what others publish begins
    /// with a greeting.
    #[must_use]
    fn of_text(_text: &str) -> Option<Self> {
        None
    }

    /// Returns what a message means that Pub/Sub itself moved to this topic.
    #[must_use]
    fn of_moved(_raw: &Raw<'_>) -> Option<Self> {
        None
    }

    /// Returns what a subscription may filter by.
    fn attributes(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A request for a full run of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRequested {
    /// The id that the run shall have.
    pub audit: AuditId,
    /// Who asks.
    pub requested_by: Actor,
    /// Why.
    pub reason: String,
    /// What it shall look at.
    #[serde(default)]
    pub scope: Scope,
}

impl Message for AuditRequested {
    const TOPIC: &'static str = "audit-requested";
}

/// A full run of the audit has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditCompleted {
    /// The run.
    pub audit: AuditId,
    /// How many controls fail.
    pub failures: u64,
}

impl Message for AuditCompleted {
    const TOPIC: &'static str = "audit-completed";
}

/// A delivery that the transport gave up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryExhausted {
    /// The function that it was meant for.
    pub function: String,
    /// The trigger that it was meant for.
    pub trigger: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The last answer, such as `503` or `connection refused`.
    pub last_answer: String,
    /// The request's headers that make the event, without credentials.
    pub headers: BTreeMap<String, String>,
    /// The body, in Base64.
    pub body: String,
}

impl Message for DeliveryExhausted {
    const TOPIC: &'static str = "dead-letters";

    fn of_moved(raw: &Raw<'_>) -> Option<Self> {
        given_up::read(raw)
    }
}

/// A request to handle a dead letter again. The function that the letter was meant for
/// subscribes with a filter on the attribute `function`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayRequested {
    /// The letter.
    pub letter: LetterId,
    /// The function that the letter was meant for.
    pub function: String,
}

impl Message for ReplayRequested {
    const TOPIC: &'static str = "replay-requested";

    fn attributes(&self) -> Vec<(&'static str, String)> {
        vec![("function", self.function.clone())]
    }
}
