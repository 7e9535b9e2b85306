//! `cloudbuild.yaml` and `terraform/delivery/apply.yaml`, as files.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
};

use serde_json::Value;

use crate::{read, repository};

const BUILDS: [&str; 2] = ["cloudbuild.yaml", "terraform/delivery/apply.yaml"];
/// What Cloud Build itself substitutes in a build that a trigger starts.
const BUILT_IN: [&str; 3] = ["PROJECT_ID", "BUILD_ID", "COMMIT_SHA"];

fn build(file: &str) -> Value {
    serde_saphyr::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn steps(build: &Value) -> &Vec<Value> {
    build["steps"].as_array().expect("steps")
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns every text of a value, keys left out.
fn all_texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(all_texts).collect(),
        Value::Object(fields) => fields.values().flat_map(all_texts).collect(),
        _ => Vec::new(),
    }
}

/// Returns the names of substitutions in a text. `$$` is a dollar sign.
fn substitutions(text: &str) -> Vec<String> {
    let text = text.replace("$$", "");
    let names = text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    });
    names.collect()
}

/// Returns the steps that have ended when a step begins, by their names.
fn before(build: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut before = BTreeMap::<String, BTreeSet<String>>::new();
    for step in steps(build) {
        let id = step["id"].as_str().expect("an id");
        let direct: Vec<String> = match texts(&step["waitFor"])[..] {
            ["-"] => Vec::new(),
            [] => before.keys().cloned().collect(),
            ref named => named.iter().map(|&name| name.to_owned()).collect(),
        };
        let mut all = BTreeSet::new();
        for name in direct {
            let earlier = before.get(&name);
            all.extend(earlier.unwrap_or_else(|| panic!("`{id}` waits for `{name}`")).clone());
            all.insert(name);
        }
        assert!(before.insert(id.to_owned(), all).is_none(), "there are two steps `{id}`");
    }
    before
}

#[test]
fn the_builds_are_what_cloud_build_takes() {
    let schema = serde_json::from_str(&read("tests/delivery/build.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for file in BUILDS {
        let build = build(file);
        let errors: Vec<_> =
            validator.iter_errors(&build).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{file}: {errors:#?}");
        // A build with an account of its own has no bucket for logs unless it names one.
        assert_eq!(build["options"]["logging"], "CLOUD_LOGGING_ONLY", "{file}");
    }
    let good = read("cloudbuild.yaml");
    let edits = [
        ("waitFor:", "waitsFor:"),
        ("timeout: 5400s", "timeout: 90m"),
        ("E2_HIGHCPU_32", "E2_HUGE"),
        ("  _STATE:", "  STATE:"),
        ("location: gs://", "location: s3://"),
        ("name: mesh-builder", "image: mesh-builder"),
    ];
    for (from, to) in edits {
        assert!(good.contains(from), "{from}");
        let bad: Value = serde_saphyr::from_str(&good.replace(from, to)).expect("YAML");
        assert!(!validator.is_valid(&bad), "the schema accepts `{to}`");
    }
}

#[test]
fn every_substitution_is_declared_and_used() {
    for file in BUILDS {
        let build = build(file);
        let declared: BTreeSet<_> =
            build["substitutions"].as_object().expect("some").keys().cloned().collect();
        let used: BTreeSet<_> = all_texts(&build).into_iter().flat_map(substitutions).collect();
        for name in &used {
            let known = declared.contains(name) || BUILT_IN.contains(&name.as_str());
            assert!(known, "{file}: nobody says what `{name}` is");
        }
        for name in declared {
            assert!(used.contains(&name), "{file}: nothing uses `{name}`");
        }
    }
}

#[test]
fn every_script_and_file_that_a_build_names_is_there() {
    let mut found = BTreeSet::new();
    for file in BUILDS {
        let build = build(file);
        let words = all_texts(&build).into_iter().flat_map(str::split_whitespace);
        let ours = words
            .filter(|w| ["terraform/delivery", ".ci/run"].iter().any(|own| w.starts_with(own)));
        for word in ours {
            let path = repository().join(word);
            let meta = path.metadata().unwrap_or_else(|error| panic!("{file}: `{word}`: {error}"));
            let runs = meta.is_dir() || meta.permissions().mode() & 0o111 != 0;
            assert!(runs, "{file}: `{word}` cannot be run");
            found.insert(word.to_owned());
        }
    }
    let wanted = [
        "terraform/delivery",
        "terraform/delivery/images",
        "terraform/delivery/plan",
        "terraform/delivery/release",
        ".ci/run",
    ];
    for script in wanted {
        assert!(found.contains(script), "no build runs `{script}`: {found:?}");
    }
}

#[test]
fn nothing_is_pushed_untested_or_applied_unplanned() {
    let release = before(&build("cloudbuild.yaml"));
    for (step, earlier) in [
        ("push", &["test", "build"][..]),
        ("plan", &["push"]),
        ("keep", &["plan"]),
        ("hand-over", &["keep", "plan", "push", "test", "build"]),
    ] {
        for name in earlier {
            assert!(release[step].contains(*name), "`{step}` does not wait for `{name}`");
        }
    }
    let apply = before(&build("terraform/delivery/apply.yaml"));
    assert!(apply["release"].contains("fetch") && apply["release"].contains("terraform"));
    // Only the second build applies, so that approval can stand before it.
    assert!(!read("terraform/delivery/plan").contains(" apply "));
    let scripts = all_texts(&build("cloudbuild.yaml")).join(" ");
    assert!(!scripts.contains("terraform/delivery/release"), "the first build applies");
}

#[test]
fn the_builder_has_the_toolchains_of_the_images() {
    let versions = |file: &str| {
        let text = read(file);
        let lines =
            text.lines().filter(|l| l.starts_with("ARG RUST=") || l.starts_with("ARG NODE="));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let images = versions("functions/Dockerfile");
    assert_eq!(images.len(), 2);
    assert_eq!(versions("terraform/delivery/Dockerfile"), images);
}
