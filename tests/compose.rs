//! `emulator/compose.yaml` says what the manifests say, and lets nobody do more than they must.
//!
//! The file is made by the emulator's code; this reads both as YAML and compares them anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The services that are no functions.
const OTHERS: [&str; 5] = ["auth", "bridge", "firestore", "pubsub", "seed"];
/// What every function is told of its place.
const PLACE: [&str; 14] = [
    "CHECK_PRIVATE_RANGES",
    "CLOUD_ASSET_EMULATOR_HOST",
    "FIREBASE_AUTH_EMULATOR_HOST",
    "FIRESTORE_EMULATOR_HOST",
    "GCE_METADATA_HOST",
    "GOOGLE_CLOUD_PROJECT",
    "K_CONFIGURATION",
    "K_REVISION",
    "K_SERVICE",
    "MESH_AUDIENCE",
    "MESH_CALLERS",
    "MESH_INVOKERS",
    "MESH_ISSUER",
    "MONITORING_EMULATOR_HOST",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(repository().join(path)).expect(path);
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn compose() -> Value {
    yaml("emulator/compose.yaml")
}

fn services(compose: &Value) -> BTreeMap<&str, &Value> {
    let services = compose["services"].as_object().expect("services");
    services.iter().map(|(name, service)| (name.as_str(), service)).collect()
}

/// Returns the manifests as they are written, by name.
fn manifests() -> BTreeMap<String, Value> {
    let entries = fs::read_dir(repository().join("functions")).expect("functions/");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let with_file = names
        .filter(|name| repository().join("functions").join(name).join("function.yaml").is_file());
    with_file.map(|name| (name.clone(), yaml(&format!("functions/{name}/function.yaml")))).collect()
}

fn map(value: &Value) -> BTreeMap<String, String> {
    let fields = value.as_object().into_iter().flatten();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    fields.map(|(name, value)| (name.clone(), text(value))).collect()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn secret(name: &str) -> String {
    let variable = name.to_uppercase().replace('-', "_");
    format!("${{MESH_SECRET_{variable}:?emulator/compose makes it}}")
}

#[test]
fn every_function_is_a_service_and_nothing_else_is() {
    let (compose, manifests) = (compose(), manifests());
    let wanted: BTreeSet<_> = manifests.keys().map(String::as_str).chain(OTHERS).collect();
    let found: BTreeSet<_> = services(&compose).into_keys().collect();
    assert_eq!(found, wanted);
    for name in manifests.keys() {
        let build = &services(&compose)[name.as_str()]["build"];
        assert_eq!(build["args"]["FUNCTION"], name.as_str());
        assert_eq!((&build["context"], &build["target"]), (&"..".into(), &"function".into()));
    }
}

#[test]
fn the_environment_of_a_function_is_its_manifests_and_its_place() {
    let (compose, manifests) = (compose(), manifests());
    for (name, manifest) in &manifests {
        let mut found = map(&services(&compose)[name.as_str()]["environment"]);
        for (variable, of) in map(&manifest["secrets"]) {
            assert_eq!(found.remove(&variable), Some(secret(&of)), "{name}: {variable}");
        }
        for called in texts(&manifest["calls"]) {
            let variable = format!("MESH_URL_{}", called.to_uppercase().replace('-', "_"));
            let url = format!("http://{called}:8080");
            assert_eq!(found.remove(&variable), Some(url), "{name}: {variable}");
        }
        for (variable, value) in map(&manifest["env"]) {
            let found = found.remove(&variable);
            // What the place decides goes before the manifest's value.
            let decided = PLACE.contains(&variable.as_str());
            assert!(found.is_some(), "{name}: no {variable}");
            assert!(decided || found == Some(value), "{name}: {variable} is {found:?}");
        }
        let callers = manifests.iter().filter(|(_, m)| texts(&m["calls"]).contains(&name.as_str()));
        let callers = callers.map(|(c, _)| format!("{c}@demo-mesh.iam.gserviceaccount.com"));
        let callers = callers.collect::<Vec<_>>().join(",");
        assert_eq!(found["MESH_CALLERS"], callers, "{name}");
        assert_eq!(found["MESH_AUDIENCE"], format!("https://{name}.mesh.internal"));
        assert_eq!(found["K_SERVICE"], *name);
        for variable in PLACE.iter().chain(&["PORT", "PUBSUB_EMULATOR_HOST", "WEB_EMULATORS_HOST"])
        {
            found.remove(*variable);
        }
        assert!(found.is_empty(), "{name}: no manifest asks for {found:?}");
    }
}

#[test]
fn no_two_functions_have_one_identity() {
    let (compose, manifests) = (compose(), manifests());
    let host = |name: &String| {
        let environment = map(&services(&compose)[name.as_str()]["environment"]);
        environment["GCE_METADATA_HOST"].clone()
    };
    let hosts: BTreeSet<_> = manifests.keys().map(host).collect();
    assert_eq!(hosts.len(), manifests.len(), "{hosts:?}");
    assert!(hosts.iter().all(|host| host.starts_with("bridge:")), "{hosts:?}");
}

/// Says what fires a trigger, from the manifest as it is written.
fn fired_by(trigger: &Value) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let of = |kind: &str| trigger.get(kind);
    if let Some(http) = of("http") {
        format!("http {}", texts(&http["callers"]).join(" "))
    } else if let Some(firestore) = of("firestore") {
        format!("firestore {} {}", text(&firestore["event"]), text(&firestore["document"]))
    } else if let Some(pubsub) = of("pubsub") {
        let filter = pubsub.get("filter").map(|filter| format!(" {}", text(filter)));
        format!("pubsub {}{}", text(&pubsub["topic"]), filter.unwrap_or_default())
    } else {
        let schedule = of("schedule").expect("a kind");
        format!("schedule {} {}", text(&schedule["cron"]), text(&schedule["time_zone"]))
    }
}

#[test]
fn the_triggers_of_a_service_are_those_of_its_manifest() {
    let (compose, mut compared) = (compose(), 0);
    for (name, manifest) in manifests() {
        let found = map(&services(&compose)[name.as_str()]["labels"]);
        let triggers = manifest["triggers"].as_object().expect("triggers").iter();
        let wanted: BTreeMap<_, _> =
            triggers.map(|(id, of)| (format!("mesh.trigger.{id}"), fired_by(of))).collect();
        assert_eq!(found, wanted, "{name}");
        compared += wanted.len();
    }
    assert!(compared > 20, "{compared} triggers");
}

#[test]
fn the_bridge_has_every_secret_and_every_manifest() {
    let (compose, manifests) = (compose(), manifests());
    let bridge = services(&compose)["bridge"];
    let names: BTreeSet<_> =
        manifests.values().flat_map(|manifest| map(&manifest["secrets"]).into_values()).collect();
    let found: BTreeSet<_> = map(&bridge["environment"]).into_values().collect();
    assert_eq!(found, names.iter().map(|name| secret(name)).collect());
    assert!(texts(&bridge["volumes"]).contains(&"../functions:/mesh/functions:ro"));
}

#[test]
fn nobody_may_more_than_they_must() {
    let compose = compose();
    let known =
        ["build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image"];
    let more = ["labels", "mem_limit", "networks", "pids_limit", "ports", "read_only", "restart"];
    let rest = ["security_opt", "stop_grace_period", "tmpfs", "user", "volumes"];
    let known: BTreeSet<_> = known.into_iter().chain(more).chain(rest).collect();
    for (name, service) in services(&compose) {
        for key in service.as_object().expect("a service").keys() {
            assert!(known.contains(key.as_str()), "{name}: nobody has judged `{key}`");
        }
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
        let user = service["user"].as_str().and_then(|user| user.split(':').next());
        assert!(user.is_some_and(|user| user.parse::<u32>().is_ok_and(|id| id >= 1000)), "{name}");
        let (ports, networks) = (texts(&service["ports"]), texts(&service["networks"]));
        match name {
            "bridge" => {
                assert_eq!(ports, ["127.0.0.1:8080:8080"]);
                assert_eq!(networks, ["meshnet", "gateway"]);
            }
            _ => {
                assert!(ports.is_empty(), "{name} can be reached from outside");
                assert_eq!(networks, ["meshnet"], "{name}");
            }
        }
        for volume in texts(&service["volumes"]) {
            let (source, rest) = volume.split_once(':').expect("a source");
            let path = repository().join("emulator").join(source);
            let is_read = source.starts_with("../") && rest.ends_with(":ro") && path.exists();
            assert!(is_read || source == "state", "{name}: `{volume}`");
        }
    }
    assert_eq!(compose["networks"]["meshnet"]["internal"], true);
}

#[test]
fn whatever_is_waited_for_can_be_healthy() {
    let compose = compose();
    let services = services(&compose);
    for (name, service) in &services {
        for (other, of) in service["depends_on"].as_object().into_iter().flatten() {
            assert_eq!(of["condition"], "service_healthy", "{name}");
            let test = texts(&services[other.as_str()]["healthcheck"]["test"]);
            assert_eq!(test.first(), Some(&"CMD"), "{name} waits for `{other}` for ever");
        }
        if let Some(build) = service.get("build") {
            let context = build["context"].as_str().expect("a context");
            let recipe = build["dockerfile"].as_str().expect("a recipe");
            let path = repository().join("emulator").join(context).join(recipe);
            assert!(path.is_file(), "{name}: {}", path.display());
        }
    }
}

/// Returns the command of a client that is there: Compose 2, else its predecessor.
fn client() -> Option<Vec<&'static str>> {
    let works = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        let output = command.args(&words[1..]).arg("version").output();
        output.is_ok_and(|output| output.status.success())
    };
    [vec!["docker", "compose"], vec!["docker-compose"]].into_iter().find(|words| works(words))
}

#[test]
fn compose_takes_the_file_and_refuses_to_run_it_without_secrets() {
    let Some(client) = client() else {
        return println!("skipped: neither `docker compose` nor `docker-compose` is there");
    };
    let config = |secrets: &str| {
        let file = env::temp_dir().join(format!("mesh-compose-{}", uuid::Uuid::now_v7()));
        fs::write(&file, secrets).expect("a file");
        let mut command = Command::new(client[0]);
        command.args(&client[1..]).args(["--project-name", "mesh", "--env-file"]).arg(&file);
        command.args(["--file", "emulator/compose.yaml", "config"]).current_dir(repository());
        let output = command.output().expect("the client runs");
        fs::remove_file(&file).expect("it was there");
        output
    };
    let names = manifests();
    let names = names.values().flat_map(|manifest| map(&manifest["secrets"]).into_values());
    let lines =
        names.map(|name| format!("MESH_SECRET_{}=x\n", name.to_uppercase().replace('-', "_")));
    let output = config(&lines.collect::<String>());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("text");
    let printed: Value = serde_saphyr::from_str(&printed).expect("YAML");
    let compose = compose();
    let names: Vec<_> = services(&printed).into_keys().collect();
    assert_eq!(names, services(&compose).into_keys().collect::<Vec<_>>());
    assert_eq!(printed["services"]["audit-engine"]["environment"]["AUDIT_SIGNING_KEY"], "x");
    let refused = config("OTHER=x\n");
    assert!(!refused.status.success(), "a mesh without secrets would start");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("emulator/compose makes it"));
}
