//! Files that are made from the code are as the code makes them.
//!
//! `MESH_WRITE=1 cargo test -p tests --test generated` makes them anew.

use std::{fmt::Write, fs, path::Path};

use cronexpr::MakeTimestamp;
use emulator::meshnet;
use function::manifest::{Kind, Manifest};
use jiff::Timestamp;
use model::{
    Permission, Role,
    access::{Fields, rules::firestore_rules},
};
use serde_json::json;
use store::firestore_indexes;
use telemetry::registry::{self, Heartbeat};

/// What stands around a part of a file that is made from the code.
const OPEN: &str = "<!-- made from shared/model: permissions -->\n";
const CLOSE: &str = "<!-- /made -->\n";

/// Compares a file with what it should be, or makes it so.
fn check(path: &str, wanted: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let found = fs::read_to_string(&file).unwrap_or_default();
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("MESH_WRITE").is_some(),
        "`{path}` is not what the code makes of it: run \
         `MESH_WRITE=1 cargo test -p tests --test generated` and look at the difference"
    );
    fs::write(&file, wanted).expect("the file can be written");
}

#[test]
fn the_security_rules_are_made_from_the_permissions() {
    check("terraform/firestore.rules", &firestore_rules());
}

#[test]
fn the_indexes_are_made_from_the_store() {
    check("terraform/firestore.indexes.json", &firestore_indexes());
}

#[test]
fn the_compose_file_is_made_from_the_manifests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made = meshnet::stack(&root, &root)
        .and_then(|(stack, manifests)| meshnet::compose(&stack, &manifests));
    let made = made.unwrap_or_else(|failure| panic!("{failure}"));
    check(meshnet::COMPOSE_FILE, &made);
}

#[test]
fn what_is_watched_is_made_from_the_registry() {
    let made = |name: &str, text: &str| {
        check(&format!("terraform/modules/monitoring/registry/{name}.json"), text);
    };
    made("metrics", &registry::as_json(&registry::METRICS));
    made("outcomes", &registry::as_json(&registry::OUTCOMES));
    made("objectives", &registry::as_json(&registry::OBJECTIVES));
    made("policies", &registry::as_json(&registry::policies()));
    made("dashboard", &registry::as_json(&registry::dashboard::dashboard()));
    made("heartbeats", &registry::as_json(&heartbeats()));
    check("terraform/RUNBOOK.md", &registry::runbook::book());
}

/// Returns what is expected of every schedule in the manifests.
fn heartbeats() -> Vec<Heartbeat> {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let folders = fs::read_dir(functions).expect("functions/ exists").flatten();
    let mut files: Vec<_> = folders.map(|entry| entry.path().join("function.yaml")).collect();
    files.retain(|file| file.is_file());
    files.sort();
    let mut heartbeats = Vec::new();
    for file in files {
        let manifest = Manifest::parse(&fs::read_to_string(file).expect("text"));
        let manifest = manifest.expect("a manifest");
        for (id, trigger) in &manifest.triggers {
            let Some(Kind::Schedule(schedule)) = trigger.kind() else { continue };
            let gap = longest_gap(&format!("{} {}", schedule.cron, schedule.time_zone));
            heartbeats.push(Heartbeat::of(&manifest.name, id, gap));
        }
    }
    heartbeats
}

/// Returns the longest time in a week between two runs of a schedule.
fn longest_gap(crontab: &str) -> u64 {
    let crontab = cronexpr::parse_crontab(crontab).expect("a schedule");
    // A Monday, so that what is due on some days of the week is due in it.
    let begin: Timestamp = "2026-01-05T00:00:00Z".parse().expect("a time");
    let end = begin.as_second() + 8 * 24 * 60 * 60;
    let (mut longest, mut last) = (0, None);
    let mut now = begin;
    while now.as_second() < end {
        let next = crontab.find_next(MakeTimestamp(now)).expect("it is due again").timestamp();
        if let Some(last) = last {
            longest = longest.max(next.as_second() - last);
        }
        (last, now) = (Some(next.as_second()), next);
    }
    u64::try_from(longest).unwrap_or_default()
}

#[test]
fn the_page_knows_the_permissions() {
    let permissions = Permission::ALL.iter().map(|permission| {
        let roles = Role::ALL.iter().filter(|role| role.holds(*permission));
        let whole = permission.reads().iter().filter(|reads| reads.fields == Fields::All);
        json!({
            "id": permission.name(),
            "roles": roles.map(|role| role.name()).collect::<Vec<_>>(),
            "reads": whole.map(|reads| reads.collection).collect::<Vec<_>>(),
        })
    });
    let matrix = json!({ "apart": apart(), "permissions": permissions.collect::<Vec<_>>() });
    let text = serde_json::to_string_pretty(&matrix).expect("JSON");
    check("functions/dashboard/web/src/access/matrix.json", &format!("{text}\n"));
}

/// The pairs of roles that nobody holds together, each once.
fn apart() -> Vec<[&'static str; 2]> {
    let all = Role::ALL.iter().enumerate();
    all.flat_map(|(at, one)| {
        let later = Role::ALL[at + 1..].iter();
        later
            .filter(|other| one.conflicts().contains(*other))
            .map(|other| [one.name(), other.name()])
    })
    .collect()
}

#[test]
fn the_readme_shows_the_permissions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(path).expect("README.md");
    let (before, rest) = readme.split_once(OPEN).expect("README.md has the table's beginning");
    let (_, after) = rest.split_once(CLOSE).expect("README.md has the table's end");
    check("README.md", &format!("{before}{OPEN}{}{CLOSE}{after}", table()));
}

fn table() -> String {
    let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
    let mut table = format!("| permission | {} |\n|---|", names.join(" | "));
    table.push_str(&":-:|".repeat(names.len()));
    table.push('\n');
    for permission in Permission::ALL {
        let _ = write!(table, "| `{permission}` |");
        for role in Role::ALL {
            table.push_str(if role.holds(*permission) { " ● |" } else { " |" });
        }
        table.push('\n');
    }
    table
}
