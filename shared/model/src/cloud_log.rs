//! Google's own audit log: entries of Cloud Audit Logs as a log sink publishes them, as far as
//! Mesh reads them.
//!
//! Source: <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry> and
//! <https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, topic::Message};

/// An entry of a log. Requests, answers and addresses of callers are not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloudLogEntry {
    /// The log, such as `projects/p/logs/cloudaudit.googleapis.com%2Factivity`.
    pub log_name: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened; absent in entries of other logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proto_payload: Option<AuditLog>,
    /// Where it happened.
    #[serde(default)]
    pub resource: MonitoredResource,
    /// The operation that the entry belongs to, if it takes long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
}

impl Message for CloudLogEntry {
    const TOPIC: &'static str = "audit-logs";
}

/// What an API did for somebody: `google.cloud.audit.AuditLog`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditLog {
    /// The API, such as `run.googleapis.com`.
    pub service_name: String,
    /// What was called.
    pub method_name: String,
    /// What it was called on, in the API's own words.
    pub resource_name: String,
    /// What came of it; absent or without a code when it succeeded.
    pub status: Status,
    /// Who called.
    pub authentication_info: AuthenticationInfo,
}

/// What came of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// A code of `google.rpc.Code`; 0 when it succeeded.
    #[serde(default)]
    pub code: i32,
}

/// Who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationInfo {
    /// The address of the person or the account; some services leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_email: Option<String>,
}

/// What an entry is about, as Cloud Monitoring names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitoredResource {
    /// Its parts, such as `location`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// Of which operation an entry is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Whether the entry is the operation's first.
    #[serde(default)]
    pub first: bool,
}
