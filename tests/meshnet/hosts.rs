//! Hosts on a network that leads nowhere: a network namespace each, inside that of the test.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

/// The network of `emulator/compose.yaml`, without its last part.
const NETWORK: &str = "172.31.250";
/// The first address of a host; before it are the test's own and what Docker keeps for itself.
const FIRST: usize = 10;

/// Hosts that find each other by name.
pub struct Hosts {
    addresses: BTreeMap<String, String>,
}

impl Hosts {
    /// Makes a host for each name. All of it ends with the test's own namespaces.
    pub fn make(folder: &Path, names: &[String]) -> Self {
        fs::create_dir_all("/run/netns").expect("a folder");
        run("mount", &["-t", "tmpfs", "tmpfs", "/run/netns"]);
        ip("link set lo up");
        ip("link add mesh0 type bridge");
        ip(&format!("addr add {NETWORK}.2/24 dev mesh0"));
        ip("link set mesh0 up");
        let mut addresses = BTreeMap::new();
        let mut lines = "127.0.0.1 localhost\n".to_owned();
        for (index, name) in names.iter().enumerate() {
            let address = format!("{NETWORK}.{}", FIRST + index);
            ip(&format!("netns add {name}"));
            ip(&format!("link add mesh-{index} type veth peer name eth0 netns {name}"));
            ip(&format!("link set mesh-{index} master mesh0 up"));
            ip(&format!("-netns {name} addr add {address}/24 dev eth0"));
            ip(&format!("-netns {name} link set eth0 up"));
            ip(&format!("-netns {name} link set lo up"));
            lines.push_str(&format!("{address} {name}\n"));
            addresses.insert(name.clone(), address);
        }
        let file = folder.join("hosts");
        fs::write(&file, lines).expect("a file");
        run("mount", &["--bind", file.to_str().expect("UTF-8"), "/etc/hosts"]);
        Self { addresses }
    }

    /// Returns a host's address.
    pub fn address(&self, name: &str) -> &str {
        &self.addresses[name]
    }
}

fn ip(words: &str) {
    run("ip", &words.split(' ').collect::<Vec<_>>());
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect(program);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
}
