//! No expression of the rules is there in vain.

use std::collections::{BTreeMap, BTreeSet};

use model::Role;
use serde_json::Value;
use testkit::Mesh;

use super::{
    client::{Client, Operation, Place},
    collections, furnish,
    people::{Held, Person, Standing},
};

const RULES: &str = include_str!("../../../terraform/firestore.rules");

/// What an expression came to.
#[derive(Debug, Default)]
struct Seen {
    reached: bool,
    conditions: BTreeSet<bool>,
}

/// Collects what every expression came to, by its first and its last byte.
///
/// An expression that was passed over has an empty value, and one that waits for a document
/// or fails has an `undefined` one.
fn collect(node: &Value, seen: &mut BTreeMap<(usize, usize), Seen>) {
    let offset = |name: &str| {
        let offset = node["sourcePosition"][name].as_u64().expect("an expression has a place");
        usize::try_from(offset).unwrap()
    };
    let expression = seen.entry((offset("currentOffset"), offset("endOffset"))).or_default();
    for value in node["values"].as_array().into_iter().flatten() {
        let value = value["value"].as_object().expect("an expression has values");
        expression.reached |= value.keys().any(|kind| kind != "undefined");
        expression.conditions.extend(value.get("boolValue").and_then(Value::as_bool));
    }
    for child in node["children"].as_array().into_iter().flatten() {
        collect(child, seen);
    }
}

/// The fewest people between whom every condition is once true and once false.
fn people() -> Vec<Person> {
    let mut people = vec![
        Person::new(Held::Nothing, Standing::Good),
        Person::new(Held::Nothing, Standing::NoToken),
        Person::new(Held::Role(Role::Owner), Standing::Good),
        Person::new(Held::Role(Role::Owner), Standing::Disabled),
        Person::new(Held::Role(Role::Owner), Standing::SessionEnded),
        Person::new(Held::Role(Role::Owner), Standing::FactorShown),
        Person::new(Held::Elevation(Role::Owner), Standing::FactorMissing),
    ];
    people.extend(Role::ALL.map(|role| Person::new(Held::Elevation(role), Standing::Good)));
    people
}

#[tokio::test]
async fn every_condition_of_the_rules_is_once_true_and_once_false() {
    let mesh = Mesh::start("coverage", &[]).await;
    let people = people();
    furnish(&mesh, &people).await;
    let client = Client::new(&mesh);
    client.load_rules().await;
    for person in &people {
        for collection in collections() {
            client.ask(person, collection, Operation::Get(Place::Others)).await;
        }
        for (collection, _) in model::access::rules::OWN {
            client.ask(person, collection, Operation::Get(Place::Own)).await;
        }
    }

    let coverage = client.coverage().await;
    let mut seen = BTreeMap::new();
    for expression in coverage["report"].as_array().expect("a report") {
        collect(expression, &mut seen);
    }
    let mut missing = Vec::new();
    for ((first, last), seen) in &seen {
        let text = &RULES[*first..=*last];
        let line = RULES[..*first].lines().count();
        // A condition that is no more than `false` is meant to be nothing else.
        let both = seen.conditions.is_empty() || seen.conditions.len() == 2 || text == "false";
        if !seen.reached || !both {
            missing.push(format!("line {line}: `{text}` was {seen:?}"));
        }
    }
    println!(
        "{} expressions, {} of them conditions",
        seen.len(),
        seen.values().filter(|s| !s.conditions.is_empty()).count()
    );
    assert!(missing.is_empty(), "{missing:#?}");

    // The report leaves out what it has no expression for: a line that is not in it at all
    // must not be one that decides.
    for (place, line) in RULES.lines().enumerate() {
        let decides = ["return ", "&& ", "|| ", "allow "]
            .iter()
            .any(|word| line.trim_start().starts_with(word));
        // The emulator does not report constants.
        let constant = line.trim_end().ends_with("if false;");
        let start = RULES.lines().take(place).map(|line| line.len() + 1).sum::<usize>();
        let reported = seen.keys().any(|(first, _)| (start..start + line.len()).contains(first));
        assert!(!decides || constant || reported, "line {}: `{line}`", place + 1);
    }
}
