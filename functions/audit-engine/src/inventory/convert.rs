//! From the messages of Cloud Asset Inventory to the shape of its exports.
//!
//! Source: <https://protobuf.dev/programming-guides/json>.

use base64::{Engine, prelude::BASE64_STANDARD};
use gcloud_sdk::{
    google::{
        cloud::asset::v1 as proto,
        iam::v1::{self as iam, audit_log_config::LogType},
        r#type::Expr,
    },
    prost_types::{self, value::Kind},
};
use model::asset::{Asset, Binding, IamPolicy, Resource};
use serde_json::{Map, Number, Value, json};

/// The largest whole number that a double holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

pub(super) fn asset(asset: proto::Asset) -> Asset {
    Asset {
        name: asset.name,
        asset_type: asset.asset_type,
        ancestors: asset.ancestors,
        update_time: asset.update_time.and_then(|time| timestamp(&time)),
        resource: asset.resource.map(resource),
        iam_policy: asset.iam_policy.map(policy),
        other: Map::new(),
    }
}

fn timestamp(time: &prost_types::Timestamp) -> Option<String> {
    jiff::Timestamp::new(time.seconds, time.nanos).ok().map(|time| time.to_string())
}

fn resource(resource: proto::Resource) -> Resource {
    let texts = [
        ("version", resource.version),
        ("discoveryDocumentUri", resource.discovery_document_uri),
        ("discoveryName", resource.discovery_name),
        ("resourceUrl", resource.resource_url),
        ("parent", resource.parent),
        ("location", resource.location),
    ];
    Resource {
        data: resource.data.map(object).unwrap_or_default(),
        other: present(texts.map(|(name, text)| (name, Value::String(text)))),
    }
}

/// Leaves out what JSON leaves out: fields that are empty.
fn present<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let is_there = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Number(number) => number.as_i64() != Some(0),
        other => !other.is_null(),
    };
    let fields = fields.into_iter().filter(|(_, value)| is_there(value));
    fields.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn object(fields: prost_types::Struct) -> Map<String, Value> {
    fields.fields.into_iter().map(|(name, field)| (name, value(field))).collect()
}

fn value(from: prost_types::Value) -> Value {
    match from.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::NumberValue(number)) => whole(number)
            .map(Value::from)
            .or_else(|| Number::from_f64(number).map(Value::Number))
            .unwrap_or_else(|| Value::String(number.to_string())),
        Some(Kind::StringValue(text)) => Value::String(text),
        Some(Kind::BoolValue(flag)) => Value::Bool(flag),
        Some(Kind::StructValue(fields)) => Value::Object(object(fields)),
        Some(Kind::ListValue(list)) => list.values.into_iter().map(value).collect(),
    }
}

/// Returns a number that is whole as JSON has it: without a point.
fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() <= EXACT_MAX;
    // Exact: checked above.
    #[expect(clippy::cast_possible_truncation)]
    is_whole.then_some(number as i64)
}

fn policy(policy: iam::Policy) -> IamPolicy {
    IamPolicy {
        bindings: policy.bindings.into_iter().map(binding).collect(),
        other: present([
            ("version", policy.version.into()),
            ("etag", BASE64_STANDARD.encode(policy.etag).into()),
            ("auditConfigs", policy.audit_configs.into_iter().map(audit_config).collect()),
        ]),
    }
}

fn binding(binding: iam::Binding) -> Binding {
    Binding {
        role: binding.role,
        members: binding.members,
        other: present([("condition", binding.condition.map_or(Value::Null, condition))]),
    }
}

fn condition(expression: Expr) -> Value {
    let texts = [
        ("expression", expression.expression),
        ("title", expression.title),
        ("description", expression.description),
        ("location", expression.location),
    ];
    Value::Object(present(texts.map(|(name, text)| (name, Value::String(text)))))
}

fn audit_config(config: iam::AuditConfig) -> Value {
    let logs = config.audit_log_configs.into_iter().map(|log| {
        let log_type = LogType::try_from(log.log_type).unwrap_or_default().as_str_name();
        Value::Object(present([
            ("logType", log_type.into()),
            ("exemptedMembers", log.exempted_members.into()),
        ]))
    });
    json!({"service": config.service, "auditLogConfigs": logs.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_stay_whole() {
        let number = |number| value(prost_types::Value { kind: Some(Kind::NumberValue(number)) });
        assert_eq!(number(300.0), json!(300));
        assert_eq!(number(-1.0), json!(-1));
        assert_eq!(number(0.5), json!(0.5));
        assert_eq!(number(1e300), json!(1e300));
        assert_eq!(number(f64::NAN), json!("NaN"));
    }
}
