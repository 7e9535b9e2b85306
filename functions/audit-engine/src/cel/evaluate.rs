//! Evaluating a compiled expression.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value as Json;
use smallvec::SmallVec;

use super::{
    Value, duration,
    node::{Comparison, Conversion, Fault, Fold, Node, Slot, TextTest},
    operator::calculate,
};

type Result<'a, T> = std::result::Result<T, Fault<'a>>;

/// The values that an expression reads, by their slots.
pub(super) struct Scope<'s, 'a> {
    variables: &'s [Option<Value<'a>>],
    /// What macros iterate over. A list on the heap would cost as much as a short expression,
    /// and few are nested deeper than this.
    elements: SmallVec<[Value<'a>; 2]>,
}

impl<'s, 'a> Scope<'s, 'a> {
    pub(super) fn new(variables: &'s [Option<Value<'a>>]) -> Self {
        Self { variables, elements: SmallVec::new() }
    }

    fn get(&self, slot: Slot) -> Option<&Value<'a>> {
        match slot.checked_sub(self.variables.len()) {
            None => self.variables.get(slot)?.as_ref(),
            Some(place) => self.elements.get(place),
        }
    }

    fn set(&mut self, slot: Slot, value: Value<'a>) {
        let place = slot.saturating_sub(self.variables.len());
        if let Some(element) = self.elements.get_mut(place) {
            *element = value;
            return;
        }
        self.elements.resize(place, Value::Unknown);
        self.elements.push(value);
    }
}

pub(super) fn evaluate<'a>(node: &'a Node, scope: &mut Scope<'_, 'a>) -> Result<'a, Value<'a>> {
    match value(node, scope)? {
        Value::Unknown => Err(Fault::Missing(node)),
        value => Ok(value),
    }
}

fn value<'a>(node: &'a Node, scope: &mut Scope<'_, 'a>) -> Result<'a, Value<'a>> {
    match node {
        Node::Constant(value) => Ok(value.clone()),
        Node::Variable(slot) => scope.get(*slot).cloned().ok_or(Fault::Missing(node)),
        Node::Unset(_) => Err(Fault::Missing(node)),
        Node::Select(of, field) => match evaluate(of, scope)? {
            Value::Json(Json::Object(map)) => {
                map.get(field).map(Value::of).ok_or(Fault::Missing(node))
            }
            _ => Err(Fault::Unfit(of)),
        },
        Node::Has(of, field) => match evaluate(of, scope)? {
            Value::Json(Json::Object(map)) => match map.get(field).map(Value::of) {
                Some(Value::Unknown) => Err(Fault::Missing(node)),
                found => Ok(Value::Bool(found.is_some())),
            },
            _ => Err(Fault::Unfit(of)),
        },
        Node::Index(two) => index(node, two, scope),
        Node::Not(of) => truth(of, scope).map(|value| Value::Bool(!value)),
        Node::Negate(of) => match evaluate(of, scope)? {
            Value::Int(value) => value.checked_neg().map(Value::Int).ok_or(Fault::Unfit(of)),
            Value::Double(value) => Ok(Value::Double(-value)),
            Value::Duration(value) => {
                value.checked_neg().map(Value::Duration).ok_or(Fault::Unfit(of))
            }
            _ => Err(Fault::Unfit(of)),
        },
        Node::And(_) | Node::Or(_) | Node::Fold(Fold::All | Fold::Exists, ..) => {
            truth(node, scope).map(Value::Bool)
        }
        Node::Fold(Fold::ExistsOne, slot, two) => exists_one(*slot, two, scope),
        Node::Choose(three) => {
            let [condition, one, another] = &**three;
            if truth(condition, scope)? { evaluate(one, scope) } else { evaluate(another, scope) }
        }
        Node::Compare(comparison, two) => compare(node, *comparison, two, scope),
        Node::In(two) => contained(two, scope),
        Node::Arithmetic(operation, two) => {
            let [one, another] = &**two;
            let (one, another) = (evaluate(one, scope)?, evaluate(another, scope)?);
            calculate(*operation, &one, &another).ok_or(Fault::Unfit(node))
        }
        Node::List(nodes) => {
            let values = nodes.iter().map(|node| evaluate(node, scope));
            Ok(Value::List(values.collect::<Result<'_, _>>()?))
        }
        Node::Map(slot, two, guard) => map(*slot, two, guard.as_deref(), scope),
        Node::Text(test, two) => {
            let [of, what] = &**two;
            match (evaluate(of, scope)?, evaluate(what, scope)?) {
                (Value::Text(of), Value::Text(what)) => Ok(Value::Bool(match test {
                    TextTest::Contains => of.contains(&*what),
                    TextTest::StartsWith => of.starts_with(&*what),
                    TextTest::EndsWith => of.ends_with(&*what),
                })),
                _ => Err(Fault::Unfit(of)),
            }
        }
        Node::Matches(of, pattern) => match evaluate(of, scope)? {
            Value::Text(text) => Ok(Value::Bool(pattern.is_match(&text))),
            _ => Err(Fault::Unfit(of)),
        },
        Node::Convert(conversion, of) => {
            let value = evaluate(of, scope)?;
            // Where one element is unknown, there may be more of them.
            if *conversion == Conversion::Size && !value.is_known() {
                return Err(Fault::Missing(of));
            }
            convert(*conversion, &value).ok_or(Fault::Unfit(of))
        }
    }
}

/// Evaluates what has to be true or false.
fn truth<'a>(node: &'a Node, scope: &mut Scope<'_, 'a>) -> Result<'a, bool> {
    match node {
        // A fault on one side does not matter when the other one decides.
        Node::And(two) => decide(two, false, scope),
        Node::Or(two) => decide(two, true, scope),
        Node::Fold(fold @ (Fold::All | Fold::Exists), slot, two) => {
            let [range, body] = &**two;
            let decisive = *fold == Fold::Exists;
            let mut fault = None;
            for element in elements(range, scope)? {
                scope.set(*slot, element);
                match truth(body, scope) {
                    Ok(value) if value == decisive => return Ok(decisive),
                    Ok(_) => {}
                    Err(other) => fault = fault.or(Some(other)),
                }
            }
            fault.map_or(Ok(!decisive), Err)
        }
        _ => match evaluate(node, scope)? {
            Value::Bool(value) => Ok(value),
            _ => Err(Fault::Unfit(node)),
        },
    }
}

fn decide<'a>(two: &'a [Node; 2], decisive: bool, scope: &mut Scope<'_, 'a>) -> Result<'a, bool> {
    let [one, another] = two;
    match truth(one, scope) {
        Ok(value) if value == decisive => Ok(decisive),
        Ok(_) => truth(another, scope),
        Err(fault) => match truth(another, scope) {
            Ok(value) if value == decisive => Ok(decisive),
            _ => Err(fault),
        },
    }
}

fn index<'a>(
    node: &'a Node,
    two: &'a [Node; 2],
    scope: &mut Scope<'_, 'a>,
) -> Result<'a, Value<'a>> {
    let [of, at] = two;
    let (value, at) = (evaluate(of, scope)?, evaluate(at, scope)?);
    let found = match (&value, &at) {
        (Value::Json(Json::Object(map)), Value::Text(key)) => map.get(&**key).map(Value::of),
        (Value::Json(Json::Array(list)), Value::Int(at)) => {
            usize::try_from(*at).ok().and_then(|at| list.get(at)).map(Value::of)
        }
        (Value::List(list), Value::Int(at)) => {
            usize::try_from(*at).ok().and_then(|at| list.get(at)).cloned()
        }
        (Value::Joined(joined), Value::Int(at)) => {
            usize::try_from(*at).ok().and_then(|at| joined.values().nth(at))
        }
        _ => return Err(Fault::Unfit(of)),
    };
    found.ok_or(Fault::Missing(node))
}

fn compare<'a>(
    node: &'a Node,
    comparison: Comparison,
    two: &'a [Node; 2],
    scope: &mut Scope<'_, 'a>,
) -> Result<'a, Value<'a>> {
    let [one, another] = two;
    let (one, another) = (evaluate(one, scope)?, evaluate(another, scope)?);
    if !(one.is_known() && another.is_known()) {
        return Err(Fault::Missing(node));
    }
    let ordering = || one.compare(&another).ok_or(Fault::Unfit(node));
    Ok(Value::Bool(match comparison {
        Comparison::Equal => one.equals(&another),
        Comparison::NotEqual => !one.equals(&another),
        Comparison::Less => ordering()?.is_lt(),
        Comparison::LessOrEqual => ordering()?.is_le(),
        Comparison::Greater => ordering()?.is_gt(),
        Comparison::GreaterOrEqual => ordering()?.is_ge(),
    }))
}

fn contained<'a>(two: &'a [Node; 2], scope: &mut Scope<'_, 'a>) -> Result<'a, Value<'a>> {
    let [what, of] = two;
    let what = evaluate(what, scope)?;
    // The list of a source is not made anew for each asset.
    if let Node::Constant(Value::List(list)) = of {
        return Ok(Value::Bool(list.iter().any(|one| one.equals(&what))));
    }
    match (evaluate(of, scope)?, &what) {
        (Value::Json(Json::Object(map)), Value::Text(key)) => {
            Ok(Value::Bool(map.contains_key(&**key)))
        }
        (Value::Json(Json::Object(_)), _) => Err(Fault::Unfit(of)),
        (list, what) => {
            let mut elements = list.elements().ok_or(Fault::Unfit(of))?;
            match elements.any(|one| one.equals(what)) {
                false if !list.is_known() => Err(Fault::Missing(of)),
                found => Ok(Value::Bool(found)),
            }
        }
    }
}

fn exists_one<'a>(
    slot: Slot,
    two: &'a [Node; 2],
    scope: &mut Scope<'_, 'a>,
) -> Result<'a, Value<'a>> {
    let [range, body] = two;
    let mut count = 0_usize;
    for element in elements(range, scope)? {
        scope.set(slot, element);
        count += usize::from(truth(body, scope)?);
    }
    Ok(Value::Bool(count == 1))
}

fn map<'a>(
    slot: Slot,
    two: &'a [Node; 2],
    guard: Option<&'a Node>,
    scope: &mut Scope<'_, 'a>,
) -> Result<'a, Value<'a>> {
    let [range, body] = two;
    let mut taken = Vec::new();
    for element in elements(range, scope)? {
        scope.set(slot, element);
        if guard.map_or(Ok(true), |guard| truth(guard, scope))? {
            taken.push(evaluate(body, scope)?);
        }
    }
    Ok(Value::List(Arc::from(taken)))
}

fn elements<'a>(
    range: &'a Node,
    scope: &mut Scope<'_, 'a>,
) -> Result<'a, impl Iterator<Item = Value<'a>> + use<'a>> {
    evaluate(range, scope)?.elements().ok_or(Fault::Unfit(range))
}

fn convert<'a>(conversion: Conversion, value: &Value<'a>) -> Option<Value<'a>> {
    #[expect(clippy::cast_precision_loss, reason = "as CEL converts numbers")]
    match (conversion, value) {
        (Conversion::Size, Value::Text(text)) => int(text.chars().count()),
        (Conversion::Size, Value::Json(Json::Array(list))) => int(list.len()),
        (Conversion::Size, Value::Json(Json::Object(map))) => int(map.len()),
        (Conversion::Size, Value::List(list)) => int(list.len()),
        (Conversion::Size, Value::Joined(joined)) => int(joined.values().count()),
        (Conversion::Text, Value::Text(_))
        | (Conversion::Int, Value::Int(_))
        | (Conversion::Double, Value::Double(_))
        | (Conversion::Timestamp, Value::Timestamp(_))
        | (Conversion::Duration, Value::Duration(_)) => Some(value.clone()),
        (Conversion::Text, Value::Int(number)) => Some(Value::Text(number.to_string().into())),
        (Conversion::Text, Value::UInt(number)) => Some(Value::Text(number.to_string().into())),
        (Conversion::Text, Value::Double(number)) => Some(Value::Text(number.to_string().into())),
        (Conversion::Text, Value::Bool(value)) => Some(Value::Text(value.to_string().into())),
        (Conversion::Int, Value::Text(text)) => text.parse().ok().map(Value::Int),
        (Conversion::Double, Value::Text(text)) => text.parse().ok().map(Value::Double),
        (Conversion::Double, Value::Int(number)) => Some(Value::Double(*number as f64)),
        (Conversion::Timestamp, Value::Text(text)) => text.parse().ok().map(Value::Timestamp),
        (Conversion::Timestamp, Value::Int(seconds)) => {
            Timestamp::from_second(*seconds).ok().map(Value::Timestamp)
        }
        (Conversion::Duration, Value::Text(text)) => duration::parse(text).map(Value::Duration),
        _ => None,
    }
}

fn int<'a>(size: usize) -> Option<Value<'a>> {
    i64::try_from(size).ok().map(Value::Int)
}
