use serde_json::{Map, Value as Json, json};

use super::*;

fn compile(source: &str) -> Result<Program, CompileError> {
    let variables = ["resource", "now", "related.keys"].map(str::to_owned);
    let params = json!({"days": 90, "names": ["a", "b"]});
    let Json::Object(params) = params else { unreachable!("an object") };
    Program::compile(source, Vocabulary { variables: &variables, params: &params })
}

fn asset() -> Json {
    json!({
        "name": "invoices", "size": 7, "ratio": 0.5, "open": false, "none": null,
        "labels": {"team": "a"}, "members": ["allUsers", "user:a@b.c"],
        "bindings": [{"role": "viewer", "members": ["x"]}, {"role": "owner"}],
        "created": "2026-01-01T00:00:00Z", "period": "7776000s",
    })
}

/// Evaluates to JSON, or to the words of the fault.
fn ask(source: &str) -> Result<bool, String> {
    let program = compile(source).map_err(|error| error.to_string())?;
    let asset = asset();
    let now = Value::Timestamp("2026-11-23T00:00:00Z".parse().expect("valid"));
    let variables = [Some(Value::of(&asset)), Some(now), None];
    program.holds(&variables).map_err(|fault| fault.to_string())
}

#[test]
fn conditions_hold_or_not() {
    for (source, holds) in [
        ("resource.name == 'invoices' && resource.size > 5", true),
        ("has(resource.labels.team) && !has(resource.labels.owner)", true),
        ("resource.members.exists(m, m in ['allUsers', 'allAuthenticatedUsers'])", true),
        ("resource.members.all(m, m.startsWith('user:'))", false),
        ("resource.bindings.filter(b, b.role == 'owner').size() == 1", true),
        ("resource.bindings.map(b, b.role) == ['viewer', 'owner']", true),
        ("resource.bindings.exists_one(b, has(b.members))", true),
        ("timestamp(resource.created) + duration('8000h') > now", true),
        ("now - timestamp(resource.created) > duration(resource.period)", true),
        ("resource.labels['team'] == 'a' ? resource.ratio < 1 : false", true),
        ("resource.name.matches('^inv.*s$') && 'team' in resource.labels", true),
        ("size(resource.name) + 1 == 9 && resource.size % 2 == 1", true),
        ("params.days == 90 && resource.name in params.names", false),
        ("resource.none == null && resource.size == 7.0", true),
    ] {
        assert_eq!(ask(source), Ok(holds), "{source}");
    }
}

#[test]
fn what_is_missing_is_named_and_does_not_matter_when_the_rest_decides() {
    for (source, fault) in [
        ("resource.encryption.key == 'a'", "`resource.encryption` is missing"),
        (
            "resource.bindings.all(b, b.members.size() > 0)",
            "`resource.bindings[].members` is missing",
        ),
        ("related.keys.exists(k, true)", "`related.keys` is missing"),
        ("resource.name.size == 3", "`resource.name` is not what is expected there"),
        ("resource.size", "`resource.size` is not what is expected there"),
        ("resource.labels['owner'] == 'a'", "`resource.labels.owner` is missing"),
    ] {
        assert_eq!(ask(source), Err(fault.to_owned()), "{source}");
    }
    assert_eq!(ask("resource.absent == 1 || resource.size == 7"), Ok(true));
    assert_eq!(ask("resource.absent == 1 && resource.size == 8"), Ok(false));
    assert_eq!(
        ask("resource.bindings.exists(b, b.members == ['y'] || b.role == 'owner')"),
        Ok(true)
    );
}

#[test]
fn what_cannot_be_compiled_says_where_and_what_would_be_right() {
    for (source, said) in [
        ("resource.a ==", "line 1, column 14"),
        ("true &&\n  assets.b", "line 2, column 3: there is no `assets`; there are `resource`"),
        ("params.hours > 1", "`parameters` has no `hours`"),
        ("resource.a.frobnicate()", "there is no function `frobnicate`"),
        ("resource.a.matches('(')", "the pattern is none"),
        ("resource.a.matches(resource.b)", "a pattern has to be a text of the source"),
    ] {
        let error = compile(source).expect_err(source).to_string();
        assert!(error.contains(said), "{source}: {error}");
    }
}

#[test]
fn nothing_is_read_that_does_not_stand_there() {
    let program = compile("related.keys.size() == 0 || resource.a == 1").expect("compiles");
    assert!(program.reads(0) && program.reads(2) && !program.reads(1));
    let empty = Map::new();
    let none = Vocabulary { variables: &[], params: &empty };
    assert!(Program::compile("resource.a", none).is_err());
}
