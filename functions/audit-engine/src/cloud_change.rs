//! Changes that Google's own audit log tells of, and whether somebody permitted them.

mod name;

use jiff::SignedDuration;
use model::{
    Timestamp,
    asset::Asset,
    cloud_log::CloudLogEntry,
    operator_override::{Override, REMEDIATION, Scope},
};
use serde_json::{Map, Value, json};

/// The type of the assets that tell of a change which nobody permitted.
pub const ASSET_TYPE: &str = "cloudaudit.googleapis.com/Change";
/// How much clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(10);
/// The end of the names of logs that tell of changes (Admin Activity).
const ACTIVITY: &str = "/logs/cloudaudit.googleapis.com%2Factivity";

/// A change of something in the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudChange {
    /// The full resource name of what was changed.
    pub resource: String,
    /// The API that changed it.
    pub service: String,
    /// What was called.
    pub method: String,
    /// Who called it, if the API says so.
    pub principal: Option<String>,
    /// The project, folder or organisation whose log tells of it, such as `projects/p`.
    pub of: String,
    /// When.
    pub at: Timestamp,
}

/// Why nobody can tell what an entry means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is missing: an entry of Cloud Audit Logs says what was changed, and by what")]
pub struct NoChange(&'static str);

impl CloudChange {
    /// Reads an entry; `None` if it tells of no change: it stands in another log, the call
    /// failed, or it goes on with an operation whose first entry told of it.
    ///
    /// # Errors
    /// When it does not say what was changed.
    pub fn of(entry: &CloudLogEntry) -> Result<Option<Self>, NoChange> {
        let Some(of) = entry.log_name.strip_suffix(ACTIVITY) else { return Ok(None) };
        let goes_on = entry.operation.as_ref().is_some_and(|operation| !operation.first);
        let payload = entry.proto_payload.as_ref().ok_or(NoChange("protoPayload"))?;
        if goes_on || payload.status.code != 0 {
            return Ok(None);
        }
        for (field, text) in [
            ("protoPayload.serviceName", &payload.service_name),
            ("protoPayload.methodName", &payload.method_name),
            ("protoPayload.resourceName", &payload.resource_name),
        ] {
            if text.is_empty() {
                return Err(NoChange(field));
            }
        }
        let labels = &entry.resource.labels;
        Ok(Some(Self {
            resource: name::full(&payload.service_name, &payload.resource_name, labels),
            service: payload.service_name.clone(),
            method: payload.method_name.clone(),
            principal: payload.authentication_info.principal_email.clone(),
            of: of.to_owned(),
            at: entry.timestamp,
        }))
    }

    /// Tells whether one of these overrides permitted to change exactly this asset just then.
    #[must_use]
    pub fn is_permitted<'o>(&self, overrides: impl IntoIterator<Item = &'o Override>) -> bool {
        overrides.into_iter().any(|one| {
            let about =
                matches!(&one.change.scope, Scope::Asset { name } if *name == self.resource);
            let ended = one.ended.as_ref().map(|ended| ended.at);
            let end = [ended, one.until].into_iter().flatten().min();
            about
                && one.change.control.as_str() == REMEDIATION
                && one.activated_at.is_some_and(|from| from <= self.at.plus(SKEW))
                && end.is_none_or(|end| self.at <= end.plus(SKEW))
        })
    }

    /// Returns the asset that tells of the change: one for each thing that was changed, with
    /// the last change of it.
    #[must_use]
    pub fn asset(&self) -> Asset {
        let mut data = json!({
            "resource": self.resource, "service": self.service, "method": self.method,
            "time": self.at,
        });
        if let (Some(fields), Some(principal)) = (data.as_object_mut(), &self.principal) {
            fields.insert("principal".to_owned(), Value::String(principal.clone()));
        }
        let resource = json!({"data": data});
        Asset {
            name: format!("//cloudaudit.googleapis.com/{}", self.resource.trim_start_matches('/')),
            asset_type: ASSET_TYPE.to_owned(),
            ancestors: vec![self.of.clone()],
            update_time: Some(self.at.to_string()),
            resource: serde_json::from_value(resource).ok(),
            iam_policy: None,
            other: Map::new(),
        }
    }
}

/// Tells whether a change is no news: what is known is as new.
#[must_use]
pub fn is_known(known: Option<&Asset>, change: &CloudChange) -> bool {
    let at = known.and_then(|known| known.update_time.as_deref()?.parse::<Timestamp>().ok());
    at.is_some_and(|at| change.at <= at)
}

#[cfg(test)]
mod tests;
