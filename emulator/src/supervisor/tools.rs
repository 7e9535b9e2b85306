//! Finding the programs that Mesh does not bring along.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where Google's packages put the emulators.
const PLATFORM: &str = "/usr/lib/google-cloud-sdk/platform";
const FIRESTORE_JAR: &str = "cloud-firestore-emulator/cloud-firestore-emulator.jar";
const PUBSUB_FOLDER: &str = "pubsub-emulator/lib";
/// `gcloud info` starts Python; longer than this it is stuck.
const GCLOUD_TIMEOUT_SECONDS: &str = "30";

/// The programs of others that a stack runs.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Runs Google's emulators.
    pub java: PathBuf,
    /// The Firestore emulator.
    pub firestore_jar: PathBuf,
    /// The Pub/Sub emulator.
    pub pubsub_jar: PathBuf,
    /// Runs the Auth emulator; absent when that is not wanted.
    pub node: Option<PathBuf>,
    /// Ties the life of every child to ours.
    pub setpriv: PathBuf,
}

/// Something that has to be installed first.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not installed")]
pub struct Missing {
    /// What it is, with the places that were looked at.
    pub what: String,
}

impl Tools {
    /// Finds everything, or says what is missing.
    ///
    /// `JAVA_HOME`, `FIRESTORE_EMULATOR_JAR` and `PUBSUB_EMULATOR_JAR` go before
    /// the usual places.
    ///
    /// # Errors
    /// The first thing that is missing.
    pub fn find(root: &Path, auth: bool) -> Result<Self, Missing> {
        let java = match env::var_os("JAVA_HOME") {
            Some(home) => existing(Path::new(&home).join("bin/java")),
            None => in_path("java"),
        };
        let java = java.ok_or_else(|| missing("Java (`JAVA_HOME`, then `PATH`)"))?;
        let setpriv = in_path("setpriv").ok_or_else(|| missing("`setpriv` (of util-linux)"))?;
        let firestore_jar = jar("FIRESTORE_EMULATOR_JAR", |platform| {
            existing(platform.join(FIRESTORE_JAR))
        })
        .ok_or_else(|| {
            missing("the Firestore emulator (`FIRESTORE_EMULATOR_JAR`, then the Google Cloud SDK)")
        })?;
        let pubsub_jar = jar("PUBSUB_EMULATOR_JAR", newest_pubsub).ok_or_else(|| {
            missing("the Pub/Sub emulator (`PUBSUB_EMULATOR_JAR`, then the Google Cloud SDK)")
        })?;
        let node = if auth { Some(find_node(root)?) } else { None };
        Ok(Self { java, firestore_jar, pubsub_jar, node, setpriv })
    }
}

/// Finds Node together with what the Auth emulator needs.
fn find_node(root: &Path) -> Result<PathBuf, Missing> {
    let node = in_path("node").ok_or_else(|| missing("Node.js"))?;
    let auth = super::programs::auth_folder(root);
    for file in ["server.js", "node_modules/firebase-tools/package.json"] {
        existing(auth.join(file)).ok_or_else(|| {
            missing(&format!("the Auth emulator (`{}`)", auth.join(file).display()))
        })?;
    }
    Ok(node)
}

fn missing(what: &str) -> Missing {
    Missing { what: what.to_owned() }
}

fn existing(file: PathBuf) -> Option<PathBuf> {
    file.is_file().then_some(file)
}

fn in_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| existing(folder.join(program)))
}

/// Finds a jar where the variable says, or in a Google Cloud SDK.
fn jar(variable: &str, find: impl Fn(&Path) -> Option<PathBuf>) -> Option<PathBuf> {
    match env::var_os(variable) {
        // A variable that leads nowhere is a mistake, not a wish for another jar.
        Some(path) => existing(path.into()),
        None => {
            find(Path::new(PLATFORM)).or_else(|| find(&PathBuf::from(sdk_root()?).join("platform")))
        }
    }
}

/// Asks `gcloud` where it lives; only when the usual place does not have the jar.
fn sdk_root() -> Option<String> {
    let gcloud = in_path("gcloud")?;
    let output = Command::new("timeout")
        .arg(GCLOUD_TIMEOUT_SECONDS)
        .arg(gcloud)
        .args(["info", "--format=value(installation.sdk_root)"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let root = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!root.is_empty()).then_some(root)
}

/// The jar's name holds its version, so the last name is taken.
fn newest_pubsub(platform: &Path) -> Option<PathBuf> {
    let jars = fs::read_dir(platform.join(PUBSUB_FOLDER)).ok()?.flatten().map(|entry| entry.path());
    jars.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("cloud-pubsub-emulator-") && name.ends_with("-all.jar")
    })
    .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let error = find_node(Path::new("/nowhere")).expect_err("nothing is there").to_string();
        assert!(error.starts_with("the Auth emulator (`/nowhere/emulator/auth/"), "{error}");
    }

    #[test]
    fn the_pubsub_jar_is_found_by_its_shape() {
        let platform = std::env::temp_dir().join(format!("mesh-sdk-{}", uuid::Uuid::now_v7()));
        let folder = platform.join(PUBSUB_FOLDER);
        fs::create_dir_all(&folder).expect("a folder");
        assert_eq!(newest_pubsub(&platform), None);
        for name in [
            "cloud-pubsub-emulator-0.8.19-all.jar",
            "cloud-pubsub-emulator-0.8.20-all.jar",
            "z.jar",
        ] {
            fs::write(folder.join(name), "").expect("a file");
        }
        let found = newest_pubsub(&platform).expect("two are there");
        assert!(found.ends_with("cloud-pubsub-emulator-0.8.20-all.jar"));
        fs::remove_dir_all(&platform).expect("was there");
    }
}
