//! One asset as conditions read it.

use model::{Timestamp, asset::Asset};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::cel::Value;

/// An asset in the shape that conditions read: `name`, `assetType`, `ancestors`,
/// `updateTime`, `location`, `parent`, `project`, `id`, `resource` (its data), `iam` (its
/// policy) and `labels`. What the export does not have is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject(Json);

/// Why a value is no asset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAsset {
    /// It is no object.
    #[error("an asset must be an object")]
    Shape,
    /// It has no name or no type.
    #[error("`{0}` is missing or empty")]
    Field(&'static str),
    /// It cannot be read.
    #[error("{0}")]
    Json(String),
}

impl Subject {
    /// Takes an asset as Cloud Asset Inventory exports it, in camel or snake case.
    ///
    /// # Errors
    /// When it has no name or type.
    pub fn new(asset: Json) -> Result<Self, NotAnAsset> {
        let Json::Object(mut asset) = asset else { return Err(NotAnAsset::Shape) };
        let mut subject = Map::new();
        for (camel, snake) in [
            ("name", "name"),
            ("assetType", "asset_type"),
            ("ancestors", "ancestors"),
            ("updateTime", "update_time"),
        ] {
            if let Some(value) = asset.remove(camel).or_else(|| asset.remove(snake)) {
                subject.insert(camel.to_owned(), value);
            }
        }
        if let Some(Json::Object(mut resource)) = asset.remove("resource") {
            for field in ["location", "parent"] {
                if let Some(value) = resource.remove(field) {
                    subject.insert(field.to_owned(), value);
                }
            }
            // An export of policies alone has resources without data.
            if let Some(Json::Object(data)) = resource
                .remove("data")
                .filter(|data| data.as_object().is_some_and(|data| !data.is_empty()))
            {
                subject.insert("labels".to_owned(), labels(&data));
                subject.insert("resource".to_owned(), Json::Object(data));
            }
        }
        let policy = asset.remove("iamPolicy").or_else(|| asset.remove("iam_policy"));
        if let Some(policy @ Json::Object(_)) = policy {
            subject.insert("iam".to_owned(), with_bindings(policy));
        }
        for field in ["name", "assetType"] {
            let text = subject.get(field).and_then(Json::as_str);
            if text.is_none_or(|text| text.trim().is_empty()) {
                return Err(NotAnAsset::Field(field));
            }
        }
        let name = subject.get("name").and_then(Json::as_str).unwrap_or_default();
        let last = name.rsplit('/').next().unwrap_or_default().to_owned();
        let project = project_of(name).map(str::to_owned);
        subject.insert("id".to_owned(), Json::String(last));
        if let Some(project) = project {
            subject.insert("project".to_owned(), Json::String(project));
        }
        Ok(Self(Json::Object(subject)))
    }

    /// Takes over what `newer`, another line of the same asset, holds.
    pub fn merge(&mut self, newer: Self) {
        if let (Json::Object(known), Json::Object(newer)) = (&mut self.0, newer.0) {
            known.extend(newer);
        }
    }

    /// Returns the asset in the shape that conditions read.
    #[must_use]
    pub fn json(&self) -> &Json {
        &self.0
    }

    /// Returns the full resource name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("name").unwrap_or_default()
    }

    /// Returns the type.
    #[must_use]
    pub fn asset_type(&self) -> &str {
        self.text("assetType").unwrap_or_default()
    }

    /// Returns the project among the ancestors, which say its number, or else that of the
    /// name, which may be its id: what is in one project agrees in its ancestors.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        let ancestors = self.0.get("ancestors").and_then(Json::as_array).into_iter().flatten();
        let mut above = ancestors.filter_map(Json::as_str).filter_map(project_of);
        above.next().or_else(|| self.text("project"))
    }

    /// Returns the name of what it stands below: as the export says it, or else without the
    /// last two parts of its own name.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.text("parent").or_else(|| self.name().rsplitn(3, '/').nth(2))
    }

    /// Returns the address of an account.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.0.get("resource")?.get("email")?.as_str()
    }

    /// Returns who answers for it, by its label `owner`.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.0.get("labels")?.get("owner")?.as_str()
    }

    /// Returns SHA-256 of what conditions can read, in hexadecimal figures: the same for
    /// the same asset, however its export orders and names its fields.
    #[must_use]
    pub fn hash(&self) -> String {
        // A value of JSON can always be written.
        hex::encode(Sha256::digest(serde_json::to_vec(&self.0).unwrap_or_default()))
    }

    /// Returns what controls are asked with, as of an instant.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Facts<'_> {
        let field = |name| self.0.get(name).map(Value::of);
        let asset = Value::of(&self.0);
        let at = Value::Timestamp(*now);
        let variables = [field("resource"), Some(asset), field("iam"), field("labels"), Some(at)];
        Facts { subject: self, now, variables }
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field)?.as_str()
    }
}

/// An asset as of an instant, ready for any number of controls.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The asset.
    pub subject: &'a Subject,
    /// The instant.
    pub now: Timestamp,
    /// The variables of conditions, in the order of their slots.
    pub(crate) variables: [Option<Value<'a>>; 5],
}

impl TryFrom<&Asset> for Subject {
    type Error = NotAnAsset;

    fn try_from(asset: &Asset) -> Result<Self, NotAnAsset> {
        Self::new(serde_json::to_value(asset).map_err(|_| NotAnAsset::Shape)?)
    }
}

/// Labels stand at the top of a resource, or in the metadata of Knative's.
fn labels(data: &Map<String, Json>) -> Json {
    let labels = data.get("labels").or_else(|| data.get("metadata")?.get("labels"));
    labels.filter(|labels| labels.is_object()).cloned().unwrap_or_else(|| Json::Object(Map::new()))
}

/// A policy without bindings lets nobody in; exports leave the empty list out.
fn with_bindings(mut policy: Json) -> Json {
    if let Some(fields) = policy.as_object_mut() {
        fields.entry("bindings").or_insert_with(|| Json::Array(Vec::new()));
    }
    policy
}

/// The project in the name of a resource.
fn project_of(name: &str) -> Option<&str> {
    let rest = name.split_once("projects/")?.1;
    rest.split('/').next().filter(|id| !id.is_empty())
}
