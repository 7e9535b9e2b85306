//! The tables fit the code that writes the lines, and Terraform's files the lines.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use telemetry::registry::{ALERTS, FACTS, Level, OUTCOMES, dashboard};

use crate::{entry::fold, files, golden, query::Query, series::point};

/// Every line of the tables, as it is written, and who writes it.
fn lines() -> Vec<String> {
    let outcomes = OUTCOMES.iter().map(|outcome| golden::outcome(outcome, "api"));
    let facts = FACTS.iter().map(golden::fact);
    let others = [golden::checks_ran(9), golden::forbidden(), golden::unauthenticated()];
    outcomes.chain(facts).chain(others).collect()
}

#[test]
fn every_filter_selects_lines_and_leaves_others() {
    for metric in files::metrics() {
        let query = Query::parse(&metric.filter);
        let selected: Vec<_> = lines()
            .iter()
            .map(|line| fold(line, "a-function"))
            .filter(|entry| query.matches(entry))
            .collect();
        assert!(!selected.is_empty(), "`{}` selects no line: {}", metric.name, metric.filter);
        for entry in &selected {
            let labels = point(&metric, entry, 0, 1).labels;
            let empty = labels.iter().find(|(_, value)| value.is_empty());
            let is_old = metric.name == "mesh/errors" || metric.name == "mesh/denials";
            assert!(empty.is_none() || is_old, "`{}` has no {empty:?} in {entry}", metric.name);
        }
        let plain = fold(&golden::plain(), "a-function");
        assert!(!query.matches(&plain), "`{}` selects everything", metric.name);
    }
}

#[test]
fn every_outcome_and_every_fact_is_counted() {
    let metrics = files::metrics();
    let named = |name: &str| metrics.iter().find(|metric| metric.name == name).expect("a metric");
    let counted = |metric: &files::Metric, line: &str, label: &str| {
        let entry = fold(line, "a-function");
        assert!(Query::parse(&metric.filter).matches(&entry), "`{}`: {line}", metric.name);
        point(metric, &entry, 0, 1).labels[&format!("metric.labels.{label}")].clone()
    };
    for outcome in OUTCOMES {
        let line = golden::outcome(outcome, "api");
        assert_eq!(counted(named("mesh/invocations"), &line, "outcome"), outcome.name);
        assert_eq!(counted(named("mesh/latency"), &line, "trigger"), "api");
    }
    for fact in FACTS {
        assert_eq!(counted(named("mesh/facts"), &golden::fact(fact), "fact"), fact.name);
    }
}

#[test]
fn turned_away_are_those_who_may_not() {
    let metrics = files::metrics();
    let denials = metrics.iter().find(|metric| metric.name == "mesh/denials").expect("a metric");
    let query = Query::parse(&denials.filter);
    let is_denial = |line: &str| query.matches(&fold(line, "a-function"));
    assert!(is_denial(&golden::forbidden()) && is_denial(&golden::unauthenticated()));
    assert!(!OUTCOMES.iter().any(|outcome| is_denial(&golden::outcome(outcome, "api"))));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

/// Returns the Rust files of functions and libraries, each with its crate's name.
fn sources() -> Vec<(String, String)> {
    let (mut found, mut open) = (Vec::new(), vec![root().join("functions"), root().join("shared")]);
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
            let skipped =
                ["node_modules", "web", "registry"].iter().any(|name| path.ends_with(name));
            if path.is_dir() && !skipped {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let below = path.strip_prefix(root()).expect("below").components().nth(1);
                let name = below.expect("a crate").as_os_str().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found
}

/// Finds what stands behind `member = "`, with the level of the macro around it.
fn written(member: &str) -> BTreeSet<(String, String, Level)> {
    let mut all = BTreeSet::new();
    let opening = format!("{member} = \"");
    for (name, text) in sources() {
        for (place, _) in text.match_indices(&opening) {
            let value = text[place + opening.len()..].split('"').next().expect("a text ends");
            let before = &text[..place];
            let levels =
                [("info!(", Level::Info), ("warn!(", Level::Warning), ("error!(", Level::Error)];
            let nearest = levels
                .iter()
                .filter_map(|(words, level)| Some((before.rfind(words)?, *level)))
                .max_by_key(|(place, _)| *place);
            let (_, level) = nearest.expect("within a macro");
            all.insert((name.clone(), value.to_owned(), level));
        }
    }
    all
}

#[test]
fn the_code_writes_exactly_the_facts_of_the_table() {
    let table: BTreeSet<_> = FACTS
        .iter()
        .map(|fact| (fact.writer.to_owned(), fact.name.to_owned(), fact.level))
        .collect();
    let found = written("event_name");
    let missing: Vec<_> = table.difference(&found).collect();
    let unknown: Vec<_> = found.difference(&table).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "nobody writes {missing:?}; the table lacks {unknown:?}"
    );
    assert_eq!(table.len(), FACTS.len(), "a fact is there twice");
}

#[test]
fn the_edges_write_exactly_the_outcomes_of_the_table() {
    let of_edges = written("outcome").into_iter().filter(|(name, ..)| name == "function");
    let found: BTreeSet<_> = of_edges.map(|(_, outcome, _)| outcome).collect();
    let table: BTreeSet<_> = OUTCOMES.iter().map(|outcome| outcome.name.to_owned()).collect();
    assert_eq!(found, table);
}

#[test]
fn whatever_somebody_must_act_on_is_an_alert() {
    let policies = files::policies();
    for fact in FACTS.iter().filter(|fact| fact.level == Level::Error) {
        let label = format!("metric.labels.fact=\"{}\"", fact.name);
        let watched = policies.iter().flat_map(|policy| &policy.conditions);
        let watched = watched.map(|clause| &clause.filter).any(|filter| filter.contains(&label));
        assert!(watched, "no alert watches `{}`", fact.name);
    }
}

#[test]
fn every_alert_says_what_to_do_and_has_its_own_name() {
    let names: BTreeSet<_> = ALERTS.iter().map(|alert| alert.id).collect();
    assert_eq!(names.len(), ALERTS.len());
    for policy in files::policies() {
        for part in ["**Look**\n\n1. ", "**Act**\n\n1. "] {
            assert!(policy.documentation.contains(part), "`{}` lacks {part}", policy.id);
        }
        // Cloud Monitoring takes no longer one.
        assert!(policy.documentation.len() <= 8 * 1024, "`{}` says too much", policy.id);
    }
}

#[test]
fn every_metric_is_looked_at() {
    let (shown, policies) = (dashboard::shown(), files::policies());
    for metric in files::metrics() {
        let named = format!("metric.type=\"logging.googleapis.com/user/{}\"", metric.name);
        let mut clauses = policies.iter().flat_map(|policy| &policy.conditions);
        let watched = clauses.any(|clause| clause.filter.contains(&named));
        let is_shown = shown.iter().any(|shown| shown.name == metric.name);
        assert!(watched || is_shown, "nobody looks at `{}`", metric.name);
        assert!(files::dashboard().to_string().contains(&metric.name) == is_shown);
    }
}
