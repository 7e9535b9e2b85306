//! A planned resource in the shape of its service.

use serde_json::{Map, Value as Json, json};

use super::{Resource, table::Mapping};
use crate::cel::unknown;

/// Blocks that may stand more than once: they stay lists. Others are objects in the
/// services' own shape, and lists of one in Terraform's.
const REPEATED: [&str; 9] = [
    "containers",
    "env",
    "exclusions",
    "http_headers",
    "lifecycle_rule",
    "matching_criteria",
    "ports",
    "traffic",
    "volumes",
];
/// Attributes whose fields are names that people chose.
const MAPS: [&str; 7] = [
    "annotations",
    "attribute_mapping",
    "attributes",
    "effective_annotations",
    "effective_labels",
    "headers",
    "labels",
];

/// A planned asset.
#[derive(Debug)]
pub(super) struct Planned<'p> {
    pub mapping: &'static Mapping,
    /// Where the plan has it.
    pub address: &'p str,
    /// The resource that it is made of; absent when only grants tell of it.
    pub resource: Option<&'p Resource>,
    /// The name after the host, as far as it is known.
    pub path: Option<String>,
    pub data: Map<String, Json>,
    /// The bindings that the plan makes.
    pub bindings: Vec<Json>,
    /// Whether there are no others.
    pub complete: bool,
    /// Whether the service has policies for it at all.
    pub has_policy: bool,
}

pub(super) fn asset<'p>(resource: &'p Resource, mapping: &'static Mapping) -> Planned<'p> {
    let change = &resource.change;
    let mut data = match converted("", &change.after, &change.after_unknown) {
        Some(Json::Object(data)) => data,
        _ => Map::new(),
    };
    let path = filled(mapping.name, |field| resource.text(field));
    for (from, to) in mapping.moved {
        if let Some(value) = data.remove(*from) {
            put(&mut data, to, value);
        }
    }
    for (field, value) in mapping.fixed {
        data.insert((*field).to_owned(), json!(value));
    }
    for field in mapping.decided_later {
        put(&mut data, field, unknown());
    }
    let name = path.as_ref().map_or_else(unknown, |path| json!(path));
    data.insert("name".to_owned(), name);
    if mapping.kind == "google_service_account"
        && let Some(email) = path.as_ref().and_then(|path| path.rsplit('/').next())
    {
        // The service makes it so; plans call it unknown.
        data.insert("email".to_owned(), json!(email));
    }
    Planned {
        mapping,
        address: &resource.address,
        resource: Some(resource),
        path,
        data,
        bindings: Vec::new(),
        complete: resource.is_new(),
        has_policy: !mapping.grants_by.is_empty(),
    }
}

impl Planned<'_> {
    /// Returns the asset as an export has it.
    pub(super) fn into_json(mut self) -> Json {
        let host = self.mapping.host();
        // What is named by the service is told by its address.
        let path = self.path.as_deref().unwrap_or(self.address);
        let mut asset = json!({
            "name": format!("//{host}/{path}"),
            "assetType": self.mapping.asset_type,
        });
        if let Some(resource) = self.resource {
            let location = self.data.get("location").and_then(Json::as_str).map(str::to_owned);
            asset["resource"] = json!({"data": self.data});
            let parent = filled(self.mapping.parent, |field| resource.text(field));
            if let Some(parent) = parent.filter(|parent| !parent.is_empty()) {
                asset["resource"]["parent"] = json!(format!("//{host}/{parent}"));
            }
            if let Some(location) = location {
                asset["resource"]["location"] = json!(location);
            }
        }
        if self.has_policy {
            let mut policy = Map::new();
            if !self.complete {
                self.bindings.push(unknown());
                policy.insert("auditConfigs".to_owned(), unknown());
            }
            policy.insert("bindings".to_owned(), Json::Array(self.bindings));
            asset["iamPolicy"] = Json::Object(policy);
        }
        asset
    }
}

/// Fills in the fields of a template; `None` when one of them is not known.
pub(super) fn filled<'v>(
    template: &str,
    field: impl Fn(&str) -> Option<&'v str>,
) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(field(name)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Converts one value; `None` when it is not set.
pub(super) fn converted(name: &str, after: &Json, later: &Json) -> Option<Json> {
    if later == &Json::Bool(true) {
        return Some(unknown());
    }
    match after {
        Json::Object(fields) => Some(Json::Object(object(name, fields, later))),
        Json::Array(list) => self::list(name, list, later),
        Json::Null if later.is_array() => self::list(name, &[], later),
        Json::Null if later.is_object() => {
            Some(Json::Object(object(name, &Map::new(), later))).filter(|json| json != &json!({}))
        }
        Json::Null => None,
        // The services leave out what is empty.
        Json::String(text) if text.is_empty() => None,
        scalar => Some(scalar.clone()),
    }
}

fn list(name: &str, list: &[Json], later: &Json) -> Option<Json> {
    let later = later.as_array().map_or(&[][..], Vec::as_slice);
    let at = |of: &'_ [Json], index: usize| of.get(index).cloned().unwrap_or_default();
    let mut elements: Vec<_> = (0..list.len().max(later.len()))
        .filter_map(|index| converted(name, &at(list, index), &at(later, index)))
        .collect();
    let block = list.iter().chain(later).any(Json::is_object);
    match elements.len() {
        0 => None,
        1 if block && !REPEATED.contains(&name) => elements.pop(),
        _ => Some(Json::Array(elements)),
    }
}

fn object(name: &str, fields: &Map<String, Json>, later: &Json) -> Map<String, Json> {
    let empty = Map::new();
    let later = later.as_object().unwrap_or(&empty);
    let mut object = Map::new();
    for (field, value) in fields {
        let unknown = later.get(field).unwrap_or(&Json::Null);
        if let Some(value) = converted(field, value, unknown) {
            object.insert(cased(name, field), value);
        }
    }
    // What is not known yet often does not stand among what is.
    for (field, unknown) in later.iter().filter(|(field, _)| !fields.contains_key(*field)) {
        if let Some(value) = converted(field, &Json::Null, unknown) {
            object.insert(cased(name, field), value);
        }
    }
    object
}

fn cased(of: &str, field: &str) -> String {
    if MAPS.contains(&of) { field.to_owned() } else { camel(field) }
}

fn camel(snake: &str) -> String {
    let mut parts = snake.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Puts a value at a path; what is not there on the way is made.
fn put(data: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => drop(data.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = data.entry(first.to_owned()).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}
