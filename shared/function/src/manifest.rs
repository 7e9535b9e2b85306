//! What a function says about itself: how it is called and what it may do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod pattern;
mod rules;

pub use pattern::DocumentPattern;

/// A `function.yaml`: the only place where a function says how it is called and
/// what it may do. `functions/function.schema.json` says the same for editors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The function's name: its folder, crate, image and account.
    pub name: String,
    /// One sentence on what it does.
    pub summary: String,
    /// The size of an instance and how many there may be.
    pub service: ServiceShape,
    /// What calls it. The key is the delivery path, the handler and the Terraform key.
    pub triggers: BTreeMap<String, Trigger>,
    /// The topics it may publish to.
    #[serde(default)]
    pub publishes: Vec<String>,
    /// The functions that it calls over HTTP.
    #[serde(default)]
    pub calls: Vec<String>,
    /// The IAM roles of its service account.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Environment variables filled from Secret Manager: variable to secret.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Environment variables with their values.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// The size of an instance and how many there may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceShape {
    /// Virtual CPUs.
    pub cpu: u32,
    /// Memory.
    pub memory_mib: u32,
    /// How long a request may take before Cloud Run cuts it off.
    pub timeout_seconds: u32,
    /// Requests that one instance serves at a time; more are turned away.
    pub concurrency: u32,
    /// How many instances there are.
    pub instances: Instances,
}

/// How many instances there are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instances {
    /// Kept warm.
    pub min: u32,
    /// At the most.
    pub max: u32,
}

/// One way in which a function is called: exactly one of the four kinds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Requests, at `/`.
    pub http: Option<Http>,
    /// Changes of Firestore documents, through Eventarc.
    pub firestore: Option<Firestore>,
    /// Messages of a topic, pushed.
    pub pubsub: Option<Pubsub>,
    /// Times, through Cloud Scheduler.
    pub schedule: Option<Schedule>,
    /// How the transport tries again.
    #[serde(default)]
    pub retry: Retry,
}

/// Requests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Who may call.
    pub callers: Vec<Callers>,
}

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Callers {
    /// People, by Firebase ID token.
    Users,
    /// Functions that say in their manifest that they call this one, by Google OIDC token.
    /// In `x-mesh-person` they pass on the ID token of the person they call for.
    Services,
    /// Anybody: web hooks with a signature of their own. Together with `users`, whoever
    /// shows no token comes in as nobody, and only as far as a route needs nobody.
    Public,
}

/// Changes of documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firestore {
    /// The kind of change.
    pub event: DocumentEvent,
    /// The pattern of the document's path, such as `assets/{asset}`.
    pub document: DocumentPattern,
}

/// A kind of document change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentEvent {
    /// The document did not exist before.
    Created,
    /// The document existed and exists.
    Updated,
    /// The document no longer exists.
    Deleted,
    /// Any of the three.
    Written,
}

impl DocumentEvent {
    /// Returns the CloudEvents type that Eventarc gives such events.
    ///
    /// Source: <https://cloud.google.com/eventarc/docs/reference/supported-events>.
    #[must_use]
    pub fn cloud_event_type(self) -> &'static str {
        match self {
            Self::Created => "google.cloud.firestore.document.v1.created",
            Self::Updated => "google.cloud.firestore.document.v1.updated",
            Self::Deleted => "google.cloud.firestore.document.v1.deleted",
            Self::Written => "google.cloud.firestore.document.v1.written",
        }
    }
}

/// Messages of a topic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pubsub {
    /// The topic's name in the project.
    pub topic: String,
    /// Which messages, in Pub/Sub's filter language; all when absent.
    pub filter: Option<String>,
    /// Whether messages of one ordering key come one after another.
    #[serde(default)]
    pub ordered: bool,
}

/// Times.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five fields: minute, hour, day of month, month, day of week.
    pub cron: String,
    /// An IANA time zone, such as `Etc/UTC`.
    pub time_zone: String,
}

/// How often a delivery is tried before it becomes a dead letter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// Attempts in all; Pub/Sub accepts 5 to 100.
    pub attempts_max: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts_max: 10 }
    }
}

/// The kind of a trigger, and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// Requests.
    Http(&'a Http),
    /// Document changes.
    Firestore(&'a Firestore),
    /// Messages.
    Pubsub(&'a Pubsub),
    /// Times.
    Schedule(&'a Schedule),
}

impl Kind<'_> {
    /// Returns the kind as the manifest spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Firestore(_) => "firestore",
            Self::Pubsub(_) => "pubsub",
            Self::Schedule(_) => "schedule",
        }
    }
}

impl Trigger {
    /// Returns the trigger's kind; `None` unless there is exactly one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind<'_>> {
        let mut kinds = [
            self.http.as_ref().map(Kind::Http),
            self.firestore.as_ref().map(Kind::Firestore),
            self.pubsub.as_ref().map(Kind::Pubsub),
            self.schedule.as_ref().map(Kind::Schedule),
        ]
        .into_iter()
        .flatten();
        let kind = kinds.next();
        kind.filter(|_| kinds.next().is_none())
    }
}

impl Manifest {
    /// Reads a manifest and checks everything that the schema and Google Cloud demand.
    ///
    /// # Errors
    /// Every mistake, each as one line that names the key and what would be right.
    pub fn parse(yaml: &str) -> Result<Self, Vec<String>> {
        let manifest: Self = serde_saphyr::from_str(yaml)
            .map_err(|error| vec![format!("the manifest cannot be read: {error}")])?;
        let mistakes = rules::mistakes(&manifest);
        if mistakes.is_empty() { Ok(manifest) } else { Err(mistakes) }
    }

    /// Returns the path that a trigger's deliveries are posted to.
    #[must_use]
    pub fn delivery_path(trigger: &str) -> String {
        format!("/events/{trigger}")
    }

    /// Returns the audience of tokens for a function: Terraform's custom audience.
    #[must_use]
    pub fn audience(function: &str) -> String {
        format!("https://{function}.mesh.internal")
    }

    /// Returns the variable that holds the base URL of a function that is called.
    #[must_use]
    pub fn url_variable(function: &str) -> String {
        format!("MESH_URL_{}", function.to_uppercase().replace('-', "_"))
    }

    /// Returns the address of the function's service account in a project.
    #[must_use]
    pub fn service_account(&self, project: &str) -> String {
        format!("{}@{project}.iam.gserviceaccount.com", self.name)
    }
}
