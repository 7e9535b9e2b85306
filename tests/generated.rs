//! Files that are made from the code are as the code makes them.
//!
//! `MESH_WRITE=1 cargo test -p tests --test generated` makes them anew.

use std::{fmt::Write, fs, path::Path};

use model::{
    Permission, Role,
    access::{Fields, rules::firestore_rules},
};
use serde_json::json;
use store::firestore_indexes;

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
    let matrix = json!({ "permissions": permissions.collect::<Vec<_>>() });
    let text = serde_json::to_string_pretty(&matrix).expect("JSON");
    check("functions/dashboard/web/src/access/matrix.json", &format!("{text}\n"));
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
