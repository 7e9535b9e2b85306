//! Arithmetic. What overflows has no value.

use std::borrow::Cow;

use super::{Value, node::Operation};

/// Calculates with two values; `None` when the operation does not take them.
pub(super) fn calculate<'a>(
    operation: Operation,
    one: &Value<'a>,
    another: &Value<'a>,
) -> Option<Value<'a>> {
    use Operation::{Add, Divide, Multiply, Remainder, Subtract};
    match (one, another) {
        (Value::Int(one), Value::Int(another)) => match operation {
            Add => one.checked_add(*another),
            Subtract => one.checked_sub(*another),
            Multiply => one.checked_mul(*another),
            Divide => one.checked_div(*another),
            Remainder => one.checked_rem(*another),
        }
        .map(Value::Int),
        (Value::Double(one), Value::Double(another)) => match operation {
            Add => Some(one + another),
            Subtract => Some(one - another),
            Multiply => Some(one * another),
            Divide => Some(one / another),
            Remainder => None,
        }
        .map(Value::Double),
        (Value::Text(one), Value::Text(another)) if operation == Add => {
            Some(Value::Text(Cow::Owned(format!("{one}{another}"))))
        }
        (Value::Timestamp(at), Value::Duration(span)) => match operation {
            Add => at.checked_add(*span).ok(),
            Subtract => at.checked_sub(*span).ok(),
            _ => None,
        }
        .map(Value::Timestamp),
        (Value::Duration(span), Value::Timestamp(at)) if operation == Add => {
            at.checked_add(*span).ok().map(Value::Timestamp)
        }
        (Value::Timestamp(later), Value::Timestamp(earlier)) if operation == Subtract => {
            Some(Value::Duration(later.duration_since(*earlier)))
        }
        (Value::Duration(one), Value::Duration(another)) => match operation {
            Add => one.checked_add(*another),
            Subtract => one.checked_sub(*another),
            _ => None,
        }
        .map(Value::Duration),
        _ if operation == Add => {
            let (one, another) = (one.elements()?, another.elements()?);
            Some(Value::List(one.chain(another).collect()))
        }
        _ => None,
    }
}
