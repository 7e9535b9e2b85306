//! The shape of the repository, as `ARCHITECTURE.md` promises it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use function::manifest::{Kind, Manifest};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the folders of functions.
fn functions() -> Vec<String> {
    let entries = fs::read_dir(root().join("functions")).expect("functions/ exists");
    let mut names: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("a plain name"))
        .collect();
    names.sort();
    names
}

fn manifests() -> BTreeMap<String, Manifest> {
    let parse = |name: String| {
        let manifest = Manifest::parse(&read(format!("functions/{name}/function.yaml")));
        let manifest = manifest.unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"));
        (name, manifest)
    };
    functions().into_iter().map(parse).collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        // Packages for other systems need not be there.
        .args(["--filter-platform", &format!("{}-unknown-linux-gnu", std::env::consts::ARCH)])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// What `cargo metadata` says of normal dependencies: package to packages, by name.
struct Graph {
    members: BTreeMap<String, PathBuf>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn load() -> Self {
        let metadata = metadata();
        let packages = metadata["packages"].as_array().expect("packages");
        let name_of: BTreeMap<_, _> = packages
            .iter()
            .map(|package| {
                (package["id"].as_str().expect("id"), package["name"].as_str().expect("name"))
            })
            .collect();
        let is_member = |package: &&Value| package["source"].is_null();
        let members = packages.iter().filter(is_member).map(|package| {
            let manifest = package["manifest_path"].as_str().expect("a path");
            let folder = Path::new(manifest).parent().expect("a folder");
            let folder = folder.strip_prefix(root()).expect("inside the repository");
            (package["name"].as_str().expect("name").to_owned(), folder.to_owned())
        });
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
            let from = name_of[node["id"].as_str().expect("id")];
            let dependencies = node["deps"].as_array().expect("deps").iter().filter(|dependency| {
                let kinds = dependency["dep_kinds"].as_array().expect("kinds");
                kinds.iter().any(|kind| kind["kind"].is_null())
            });
            let names = dependencies.map(|d| name_of[d["pkg"].as_str().expect("pkg")].to_owned());
            edges.entry(from.to_owned()).or_default().extend(names);
        }
        Self { members: members.collect(), edges }
    }

    fn reach(&self, from: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(package) = open.pop() {
            for next in self.edges.get(package).into_iter().flatten() {
                if seen.insert(next.as_str()) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

#[test]
fn model_and_problem_are_pure() {
    let graph = Graph::load();
    for pure in ["model", "problem", "tlog"] {
        let reached = graph.reach(pure);
        for adapter in ["tokio", "axum", "reqwest", "firestore", "gcloud-sdk"] {
            assert!(!reached.contains(adapter), "`{pure}` reaches `{adapter}`");
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("model", &[][..]),
        ("problem", &[]),
        ("identity", &["model", "problem"]),
        ("store", &["model", "problem", "tlog"]),
        ("bus", &["model", "problem"]),
        ("telemetry", &[]),
        ("tlog", &[]),
        ("function", &["bus", "identity", "model", "problem", "store", "telemetry"]),
    ]);
    let shared: BTreeSet<&str> = allowed.keys().copied().collect();
    let graph = Graph::load();
    for (member, folder) in &graph.members {
        let ours = graph.edges[member].iter().filter(|name| graph.members.contains_key(*name));
        for dependency in ours {
            let fits = match allowed.get(member.as_str()) {
                Some(allowed) => allowed.contains(&dependency.as_str()),
                // Functions meet in documents, topics and HTTP; they link only what is shared.
                None if folder.starts_with("functions") => shared.contains(dependency.as_str()),
                // The local stack and tests may see everything.
                None => true,
            };
            assert!(fits, "`{member}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn versions_stand_in_the_workspace_alone() {
    for (member, folder) in Graph::load().members {
        let text = read(folder.join("Cargo.toml"));
        let mut in_dependencies = false;
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.contains("dependencies");
            } else if in_dependencies && line.contains('=') {
                assert!(line.contains("workspace = true"), "{member}: `{line}`");
            }
        }
        assert!(text.contains("[lints]\nworkspace = true"), "{member} sets its own lints");
    }
}

#[test]
fn a_function_is_one_folder_with_the_same_parts() {
    for (name, manifest) in manifests() {
        assert_eq!(manifest.name, name, "functions/{name}/function.yaml names another function");
        let mut parts =
            vec!["Cargo.toml", "README.md", "src/main.rs", "src/lib.rs", "src/context.rs"];
        // What has no rights has nothing that could fail on its way to an answer.
        if !manifest.roles.is_empty() {
            parts.push("src/error.rs");
        }
        for part in parts {
            let path = root().join("functions").join(&name).join(part);
            assert!(path.is_file(), "functions/{name} has no {part}");
        }
        let main = read(format!("functions/{name}/src/main.rs"));
        assert!(main.lines().count() <= 40, "functions/{name}/src/main.rs decides something");
        for trigger in manifest.triggers.keys() {
            assert!(main.contains(&format!("\"{trigger}\"")), "{name} does not bind `{trigger}`");
            let readme = read(format!("functions/{name}/README.md"));
            assert!(readme.contains(&format!("`{trigger}`")), "{name}/README.md: no `{trigger}`");
        }
    }
}

#[test]
fn manifests_match_their_schema() {
    let schema: Value =
        serde_json::from_str(&read("functions/function.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for name in functions() {
        let yaml = read(format!("functions/{name}/function.yaml"));
        let manifest: Value = serde_saphyr::from_str(&yaml).expect("YAML");
        let errors: Vec<_> = validator.iter_errors(&manifest).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "functions/{name}/function.yaml: {errors:#?}");
    }
}

#[test]
fn the_schema_refuses_what_the_runtime_refuses() {
    let schema: Value =
        serde_json::from_str(&read("functions/function.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let good = read("functions/audit-engine/function.yaml");
    assert!(Manifest::parse(&good).is_ok());
    let edits = [
        ("cron:", "corn:"),
        ("{ http: { callers: [services] } }", "{}"),
        ("callers: [services]", "callers: [everybody]"),
        ("[audit-witness]", "[\"audit witness\"]"),
        ("event: written", "event: touched"),
        ("\"assets/{asset}\"", "\"assets\""),
        ("name: audit-engine", "name: Audit"),
        ("nightly: ", "quiz: "),
        ("roles/datastore.user", "datastore.user"),
    ];
    for (from, to) in edits {
        assert!(good.contains(from), "{from}");
        let bad = good.replace(from, to);
        let value: Value = serde_saphyr::from_str(&bad).expect("YAML");
        assert!(!validator.is_valid(&value), "the schema accepts `{to}`");
        assert!(Manifest::parse(&bad).is_err(), "the runtime accepts `{to}`");
    }
}

#[test]
fn every_topic_that_is_read_is_published() {
    let manifests = manifests();
    let published: BTreeSet<_> =
        manifests.values().flat_map(|manifest| manifest.publishes.iter().cloned()).collect();
    for (name, manifest) in &manifests {
        for (id, trigger) in &manifest.triggers {
            if let Some(Kind::Pubsub(pubsub)) = trigger.kind() {
                // Transports publish what they give up, and Google what it knows.
                let others = ["dead-letters", "asset-changes", "audit-logs"]
                    .contains(&pubsub.topic.as_str());
                let known = published.contains(&pubsub.topic) || others;
                assert!(known, "{name}: `{id}` reads `{}`, and nobody publishes it", pubsub.topic);
            }
        }
    }
}

#[test]
fn whoever_handles_events_replays_its_dead_letters() {
    for (name, manifest) in manifests() {
        let topics = manifest.triggers.values().map(|trigger| match trigger.kind() {
            Some(Kind::Pubsub(pubsub)) => Some((pubsub.topic.as_str(), pubsub.filter.as_deref())),
            _ => None,
        });
        let filter = format!("attributes.function = \"{name}\"");
        let replays = topics.flatten().any(|of| of == ("replay-requested", Some(&filter)));
        let handles = manifest.triggers.values().any(|trigger| trigger.http.is_none());
        assert_eq!(replays, handles, "{name}: a trigger of `replay-requested` with `{filter}`");
    }
}

#[test]
fn every_index_serves_a_query() {
    let (mut sources, mut of_the_page) = (Vec::new(), Vec::new());
    let mut open: Vec<_> =
        functions().iter().map(|name| root().join("functions").join(name)).collect();
    while let Some(path) = open.pop() {
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("dist") {
            let entries = fs::read_dir(&path).expect("a folder");
            open.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
        } else if ending == Some("rs") {
            sources.push(read(path));
        } else if ending.is_some_and(|ending| ["ts", "svelte"].contains(&ending)) {
            of_the_page.push(read(path));
        }
    }
    for index in store::INDEXES {
        let last = index.fields.len() - 1;
        let asks = |source: &String| {
            index.fields.iter().enumerate().all(|(place, (field, mode))| {
                source.contains(&match (mode, place == last) {
                    (store::Mode::Contains, _) => format!(".contains(\"{field}\""),
                    (_, true) => format!(".order_by(\"{field}\""),
                    (_, false) => format!(".equals(\"{field}\""),
                })
            })
        };
        // The page names its collection and its fields as words.
        let shows = |source: &String| {
            let named = |field: &str| source.contains(&format!("'{field}'"));
            source.contains(&format!("collection: '{}'", index.collection))
                && index.fields.iter().all(|(field, _)| named(field))
        };
        let needed = sources.iter().any(asks) || of_the_page.iter().any(shows);
        assert!(needed, "no query needs `{index}`: remove it");
    }
}

#[test]
fn the_readme_lists_every_function() {
    let readme = read("README.md");
    for (name, manifest) in manifests() {
        let row = format!("| [{name}](functions/{name}) | {} |", manifest.summary);
        assert!(readme.contains(&row), "README.md lacks the row\n{row}");
    }
}

#[test]
fn every_shared_library_has_a_front_page() {
    for (member, folder) in Graph::load().members {
        if folder.starts_with("shared") {
            let page = root().join(&folder).join("README.md");
            assert!(page.is_file(), "{member} has no README.md");
        }
    }
}

/// Returns the Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// `utoipa` lets the later of two types with one name take the place of the other.
#[test]
fn no_two_types_of_the_api_have_one_name() {
    let mut names = BTreeMap::<String, PathBuf>::new();
    let files: Vec<_> = ["shared", "functions"].map(|one| sources(&root().join(one))).concat();
    for file in files {
        let (mut attributes, text) = (String::new(), read(&file));
        for line in text.lines().map(str::trim) {
            let item =
                line.split(' ').skip_while(|word| word.starts_with("pub")).collect::<Vec<_>>();
            match item[..] {
                ["struct" | "enum", name, ..] if attributes.contains("ToSchema") => {
                    let own = name.split(['<', '(', ';']).next().unwrap_or(name);
                    let named = attributes.split("schema(as = ").nth(1);
                    let name = named.and_then(|rest| rest.split([')', ',']).next()).unwrap_or(own);
                    let other = names.insert(name.to_owned(), file.clone());
                    assert_eq!(other, None, "{} has `{name}` as well", file.display());
                }
                _ if line.starts_with("#[") || !attributes.is_empty() => attributes.push_str(line),
                _ => {}
            }
            if line.is_empty() || line.ends_with('{') || line.ends_with(';') {
                attributes.clear();
            }
        }
    }
    assert!(names.len() > 100, "{} types", names.len());
}
