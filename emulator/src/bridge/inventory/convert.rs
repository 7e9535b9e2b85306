//! From the shape of exports to the messages of Cloud Asset Inventory.
//!
//! Source: <https://protobuf.dev/programming-guides/json>.

use base64::{Engine, prelude::BASE64_STANDARD};
use gcloud_sdk::{
    google::{
        cloud::asset::v1::{Asset, ContentType, Resource},
        iam::v1::{AuditConfig, AuditLogConfig, Binding, Policy, audit_log_config::LogType},
        r#type::Expr,
    },
    prost_types::{self, ListValue, Struct, value::Kind},
};
use model::asset;
use serde_json::{Map, Value};

/// Returns an asset with a content; `None` when it has none.
pub(super) fn asset(from: asset::Asset, content: ContentType) -> Option<Asset> {
    let resource = from.resource.filter(|_| content == ContentType::Resource).map(resource);
    let iam_policy = from.iam_policy.filter(|_| content == ContentType::IamPolicy).map(policy);
    (resource.is_some() || iam_policy.is_some()).then(|| Asset {
        name: from.name,
        asset_type: from.asset_type,
        ancestors: from.ancestors,
        update_time: from.update_time.as_deref().and_then(timestamp),
        resource,
        iam_policy,
        ..Asset::default()
    })
}

fn timestamp(text: &str) -> Option<prost_types::Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() })
}

fn text(map: &Map<String, Value>, field: &str) -> String {
    map.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn resource(from: asset::Resource) -> Resource {
    let text = |field| text(&from.other, field);
    Resource {
        version: text("version"),
        discovery_document_uri: text("discoveryDocumentUri"),
        discovery_name: text("discoveryName"),
        resource_url: text("resourceUrl"),
        parent: text("parent"),
        location: text("location"),
        data: Some(object(from.data)),
    }
}

fn object(map: Map<String, Value>) -> Struct {
    Struct { fields: map.into_iter().map(|(name, field)| (name, value(field))).collect() }
}

fn value(from: Value) -> prost_types::Value {
    let kind = match from {
        Value::Null => Kind::NullValue(0),
        Value::Bool(flag) => Kind::BoolValue(flag),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => Kind::StringValue(text),
        Value::Array(list) => {
            Kind::ListValue(ListValue { values: list.into_iter().map(value).collect() })
        }
        Value::Object(map) => Kind::StructValue(object(map)),
    };
    prost_types::Value { kind: Some(kind) }
}

fn policy(from: asset::IamPolicy) -> Policy {
    let other = Value::Object(from.other);
    let number = |field: &str| other.get(field).and_then(Value::as_i64).unwrap_or(0);
    Policy {
        version: number("version").try_into().unwrap_or(0),
        bindings: from.bindings.into_iter().map(binding).collect(),
        audit_configs: items(&other, "auditConfigs").map(audit_config).collect(),
        etag: other
            .get("etag")
            .and_then(|etag| BASE64_STANDARD.decode(etag.as_str()?).ok())
            .unwrap_or_default(),
    }
}

fn binding(from: asset::Binding) -> Binding {
    Binding {
        role: from.role,
        members: from.members,
        condition: from.other.get("condition").and_then(Value::as_object).map(|condition| Expr {
            expression: text(condition, "expression"),
            title: text(condition, "title"),
            description: text(condition, "description"),
            location: text(condition, "location"),
        }),
    }
}

fn audit_config(from: &Value) -> AuditConfig {
    let service = from.get("service").and_then(Value::as_str).unwrap_or_default().to_owned();
    let audit_log_configs = items(from, "auditLogConfigs").map(|log| AuditLogConfig {
        log_type: log
            .get("logType")
            .and_then(|name| LogType::from_str_name(name.as_str()?))
            .unwrap_or_default()
            .into(),
        exempted_members: items(log, "exemptedMembers")
            .filter_map(|member| member.as_str().map(str::to_owned))
            .collect(),
    });
    AuditConfig { service, audit_log_configs: audit_log_configs.collect() }
}
