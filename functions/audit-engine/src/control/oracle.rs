//! Conditions come to what the interpreter of the crate `cel` comes to, on the fixtures of
//! all controls and on whatever becomes of these at random.

use std::{collections::HashMap, sync::Arc};

use cel::{Context, Program as Interpreted, Value as Oracle};
use model::Timestamp;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IteratorRandom};
use serde_json::{Map, Value as Json, json};

use super::{
    Control,
    file::{ControlFile, VARIABLES},
    fixtures::{files, fixtures},
};
use crate::{
    cel::Value,
    estate::{Estate, Subject},
};

/// How often each fixture is changed at random.
const CHANGES: usize = 8;

fn of_json(json: &Json) -> Oracle {
    match json {
        Json::Null => Oracle::Null,
        Json::Bool(value) => Oracle::Bool(*value),
        Json::String(text) => Oracle::String(Arc::new(text.clone())),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Oracle::Int(int),
            (None, Some(uint)) => Oracle::UInt(uint),
            (None, None) => Oracle::Float(number.as_f64().expect("a number")),
        },
        Json::Array(list) => Oracle::from(list.iter().map(of_json).collect::<Vec<_>>()),
        Json::Object(map) => map_of(map.iter().map(|(key, json)| (key.clone(), of_json(json)))),
    }
}

fn map_of(fields: impl Iterator<Item = (String, Oracle)>) -> Oracle {
    Oracle::from(fields.collect::<HashMap<_, _>>())
}

fn of_value(value: &Value<'_>) -> Oracle {
    match value {
        Value::Json(json) => of_json(json),
        Value::Text(text) => Oracle::String(Arc::new(text.to_string())),
        Value::List(list) => Oracle::from(list.iter().map(of_value).collect::<Vec<_>>()),
        Value::Joined(joined) => {
            Oracle::from(joined.values().map(|v| of_value(&v)).collect::<Vec<_>>())
        }
        Value::Timestamp(at) => {
            let program = Interpreted::compile(&format!("timestamp('{at}')")).expect("compiles");
            program.execute(&Context::default()).expect("an instant")
        }
        other => panic!("no variable is {other:?}"),
    }
}

/// Evaluates a condition both ways; `None` stands for a fault.
fn both(
    file: &ControlFile,
    control: &Control,
    source: &Interpreted,
    subject: &Subject,
    estate: &Estate,
    now: Timestamp,
) -> [Option<bool>; 2] {
    let facts = subject.at(now);
    let (variables, _) = control.variables(&facts, estate);
    // The other interpreter knows nothing that is there and that nobody knows.
    let is_unknown = |value: &Value<'_>| matches!(value, Value::Unknown);
    let unsure = |value: &Value<'_>| matches!(value, Value::Joined(joined) if joined.values().any(|one| is_unknown(&one)));
    if variables.iter().flatten().any(unsure) {
        return [None, None];
    }
    let ours = control.condition.as_ref().expect("a condition").holds(&variables).ok();
    let mut context = Context::default();
    let set = file.parameters.iter().filter(|(_, value)| !value.is_null());
    let params = map_of(set.map(|(name, value)| (name.clone(), of_json(value))));
    context.add_variable_from_value("params", params);
    for (name, value) in VARIABLES.iter().zip(variables.iter()) {
        if let Some(value) = value {
            context.add_variable_from_value(*name, of_value(value));
        }
    }
    let joined = file.related.keys().zip(variables.iter().skip(VARIABLES.len()));
    let related =
        joined.filter_map(|(name, value)| Some((name.clone(), of_value(value.as_ref()?))));
    context.add_variable_from_value("related", map_of(related));
    let theirs = match source.execute(&context) {
        Ok(Oracle::Bool(holds)) => Some(holds),
        _ => None,
    };
    [ours, theirs]
}

/// Changes one place of a value: takes it away, or puts something else there.
fn change(json: &mut Json, random: &mut StdRng) {
    let deeper = random.random_ratio(4, 5);
    match json {
        Json::Object(map) if !map.is_empty() => {
            let key = map.keys().choose(random).expect("a key").clone();
            match map.get_mut(&key) {
                Some(value) if deeper => change(value, random),
                _ => drop(map.remove(&key)),
            }
        }
        Json::Array(list) if !list.is_empty() => {
            let at = random.random_range(0..list.len());
            match list.get_mut(at) {
                Some(value) if deeper => change(value, random),
                _ => drop(list.remove(at)),
            }
        }
        other => {
            let others = [
                json!(null),
                json!(true),
                json!(false),
                json!(-1),
                json!(90),
                json!(1e300),
                json!(0.5),
                json!("x"),
                json!(""),
                json!("2026-11-01T00:00:00Z"),
                json!("86400s"),
                json!([]),
                json!({}),
                json!([{"a": 1}]),
                json!({"allUsers": ["allUsers"]}),
            ];
            *other = others.into_iter().choose(random).expect("one");
        }
    }
}

#[test]
fn conditions_come_to_what_another_interpreter_comes_to() {
    let mut random = StdRng::seed_from_u64(7);
    let (mut asked, mut faults, mut different) = (0, 0, Vec::new());
    for (_, file) in files() {
        let Some(condition) = &file.condition else { continue };
        let source = Interpreted::compile(condition).expect("compiles");
        for fixture in fixtures(&file).into_values().flatten() {
            let mut file = file.clone();
            file.parameters.extend(fixture.parameters.clone());
            let control = file.clone().compile().expect("compiles");
            let now = fixture.now.unwrap_or("2026-11-23T00:00:00Z".parse().expect("valid"));
            for round in 0..=CHANGES {
                let (mut asset, mut related) = (fixture.asset.clone(), fixture.related.clone());
                if round > 0 {
                    let parts = ["resource", "iamPolicy"];
                    let target = related.iter_mut().chain([&mut asset]).choose(&mut random);
                    let fields = target.and_then(Json::as_object_mut).expect("an asset");
                    let part = fields.iter_mut().filter(|(name, _)| parts.contains(&name.as_str()));
                    if let Some((_, part)) = part.choose(&mut random) {
                        change(part, &mut random);
                    }
                }
                let subject = Subject::new(asset).expect("an asset");
                let related = related.into_iter().map(|json| Subject::new(json).expect("one"));
                let estate: Estate = related.chain([subject.clone()]).collect();
                let [ours, theirs] = both(&file, &control, &source, &subject, &estate, now.into());
                asked += 1;
                faults += usize::from(ours.is_none());
                if ours != theirs {
                    let asset = subject.json();
                    different.push(format!("{}: {ours:?}, not {theirs:?}, of {asset}", file.id));
                }
            }
        }
    }
    assert!(asked > 5_000 && faults * 20 > asked, "{asked} asked, {faults} faults");
    assert!(different.is_empty(), "{} of {asked}: {}", different.len(), different.join("\n"));
}

#[test]
fn numbers_and_durations_are_those_of_another_interpreter() {
    let empty = Map::new();
    let vocabulary = crate::cel::Vocabulary { variables: &[], params: &empty };
    for source in [
        "1 + 2 * 3 - 4 / 2 % 3 == 5",
        "9223372036854775807 + 1 > 0",
        "1 / 0 == 0",
        "1.0 == 1 && 1 < 1.5 && 18446744073709551615u > 1",
        "duration('1h30m') == duration('5400s') && duration('1.5s') > duration('1499ms')",
        "duration('1d') > duration('1s')",
        "timestamp('2026-01-01T00:00:00Z') + duration('24h') == timestamp('2026-01-02T00:00:00Z')",
        "timestamp('not one') > timestamp('2026-01-01T00:00:00Z')",
        "size('äöü') == 3 && size([1, 2]) == 2 && 'abc'.size() == 3",
        "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]",
        "[1, 2, 3].exists_one(x, x > 2) && ![].exists(x, true) && [].all(x, false)",
        "[1, 'a'].exists(x, x > 0) || false",
        "[0, 'a'].exists(x, x > 0)",
        "[true, 1].all(x, x)",
        "[false, 1].all(x, x)",
        "(1 > 0 || 'a' > 1) && !('a' > 1 && 1 > 2)",
        "'a' < 'b' && 'abc'.matches('^a.c$') && 'a' in ['a']",
        "int('7') == 7 && string(7) == '7' && double('0.5') == 0.5",
        "true ? 1 == 1 : 1 / 0 == 0",
        "-(-3) == 3 && !false",
    ] {
        let ours = crate::cel::Program::compile(source, vocabulary).expect(source);
        let theirs = Interpreted::compile(source).expect(source).execute(&Context::default());
        let theirs = match theirs {
            Ok(Oracle::Bool(holds)) => Some(holds),
            _ => None,
        };
        assert_eq!(ours.holds(&[]).ok(), theirs, "{source}");
    }
}
