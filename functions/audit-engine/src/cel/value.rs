//! The values of expressions: borrowed from JSON as far as they can be.

use std::{borrow::Cow, cmp::Ordering, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::estate::Joined;

/// A value of an expression.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Nothing, as JSON has it.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number that is larger than an [`Value::Int`] can be.
    UInt(u64),
    /// Another number.
    Double(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A map or a list that stands in an asset.
    Json(&'a Json),
    /// A list that an expression made.
    List(Arc<[Value<'a>]>),
    /// The assets that one is joined with.
    Joined(Arc<Joined<'a>>),
    /// An instant.
    Timestamp(Timestamp),
    /// The time between two instants.
    Duration(SignedDuration),
    /// Something is there, or may be, and nobody knows what.
    Unknown,
}

/// The only field of the object that stands in an asset where nobody knows what is there;
/// no export has a field of this name.
const UNKNOWN: &str = "\u{0}unknown";

/// Returns what stands in an asset for what nobody knows. Whatever reads it is a fault.
pub(crate) fn unknown() -> Json {
    Json::Object([(UNKNOWN.to_owned(), Json::Null)].into_iter().collect())
}

pub(super) fn is_unknown(json: &Json) -> bool {
    json.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key(UNKNOWN))
}

impl<'a> Value<'a> {
    /// Takes a value from JSON without copying it.
    #[must_use]
    pub fn of(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::String(text) => Self::Text(Cow::Borrowed(text)),
            Json::Object(_) if is_unknown(json) => Self::Unknown,
            Json::Array(_) | Json::Object(_) => Self::Json(json),
            Json::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(int), _) => Self::Int(int),
                (None, Some(uint)) => Self::UInt(uint),
                (None, None) => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
        }
    }

    /// Tells whether nothing of it is unknown, however deep.
    pub(super) fn is_known(&self) -> bool {
        fn known(json: &Json) -> bool {
            match json {
                Json::Array(list) => list.iter().all(known),
                Json::Object(map) => !is_unknown(json) && map.values().all(known),
                _ => true,
            }
        }
        match self {
            Self::Unknown => false,
            Self::Json(json) => known(json),
            Self::List(list) => list.iter().all(Self::is_known),
            Self::Joined(joined) => joined.values().all(|value| value.is_known()),
            _ => true,
        }
    }

    /// Returns the elements of a list.
    pub(super) fn elements(&self) -> Option<Elements<'a>> {
        match self {
            Self::Json(Json::Array(list)) => Some(Elements::Json(list.iter())),
            Self::Json(Json::Object(map)) => Some(Elements::Keys(map.keys())),
            Self::List(list) => Some(Elements::List(Arc::clone(list), 0)),
            Self::Joined(joined) => Some(Elements::Joined(Box::new(joined.values()))),
            _ => None,
        }
    }

    /// Tells whether two values are equal; values of different kinds are not.
    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Json(one), Self::Json(another)) => equal_json(one, another),
            (Self::Json(Json::Object(_)), _) | (_, Self::Json(Json::Object(_))) => false,
            _ => match (self.list(), other.list()) {
                (Some(mut one), Some(mut another)) => loop {
                    match (one.next(), another.next()) {
                        (None, None) => return true,
                        (Some(one), Some(another)) if one.equals(&another) => {}
                        _ => return false,
                    }
                },
                (None, None) => self.compare(other) == Some(Ordering::Equal),
                _ => false,
            },
        }
    }

    fn list(&self) -> Option<Elements<'a>> {
        if matches!(self, Self::Json(Json::Object(_))) { None } else { self.elements() }
    }

    /// Orders two values of one kind; numbers are ordered whatever their types.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        #[expect(clippy::cast_precision_loss, reason = "as CEL compares numbers")]
        match (self, other) {
            (Self::Int(one), Self::Int(another)) => Some(one.cmp(another)),
            (Self::UInt(one), Self::UInt(another)) => Some(one.cmp(another)),
            // What is held as `UInt` is larger than every `Int`.
            (Self::UInt(_), Self::Int(_)) => Some(Ordering::Greater),
            (Self::Int(_), Self::UInt(_)) => Some(Ordering::Less),
            (Self::Double(one), Self::Double(another)) => one.partial_cmp(another),
            (Self::Int(one), Self::Double(another)) => (*one as f64).partial_cmp(another),
            (Self::Double(one), Self::Int(another)) => one.partial_cmp(&(*another as f64)),
            (Self::UInt(one), Self::Double(another)) => (*one as f64).partial_cmp(another),
            (Self::Double(one), Self::UInt(another)) => one.partial_cmp(&(*another as f64)),
            (Self::Text(one), Self::Text(another)) => Some(one.cmp(another)),
            (Self::Bool(one), Self::Bool(another)) => Some(one.cmp(another)),
            (Self::Timestamp(one), Self::Timestamp(another)) => Some(one.cmp(another)),
            (Self::Duration(one), Self::Duration(another)) => Some(one.cmp(another)),
            _ => None,
        }
    }
}

fn equal_json(one: &Json, another: &Json) -> bool {
    match (one, another) {
        (Json::Object(one), Json::Object(another)) => {
            one.len() == another.len()
                && one.iter().all(|(key, value)| {
                    another.get(key).is_some_and(|other| equal_json(value, other))
                })
        }
        (Json::Array(one), Json::Array(another)) => {
            one.len() == another.len()
                && one.iter().zip(another).all(|(one, another)| equal_json(one, another))
        }
        (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => false,
        _ => Value::of(one).equals(&Value::of(another)),
    }
}

/// The elements of a list, or the keys of a map.
pub(super) enum Elements<'a> {
    Json(std::slice::Iter<'a, Json>),
    Keys(serde_json::map::Keys<'a>),
    List(Arc<[Value<'a>]>, usize),
    Joined(Box<dyn Iterator<Item = Value<'a>> + 'a>),
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match self {
            Self::Json(list) => list.next().map(Value::of),
            Self::Keys(keys) => keys.next().map(|key| Value::Text(Cow::Borrowed(key))),
            Self::List(list, next) => {
                *next += 1;
                list.get(*next - 1).cloned()
            }
            Self::Joined(values) => values.next(),
        }
    }
}
