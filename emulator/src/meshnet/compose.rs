//! `emulator/compose.yaml`, made from the manifests.

use std::{collections::BTreeMap, path::Path};

use function::manifest::{Callers, DocumentEvent, Kind, Manifest};
use serde::Serialize;

use super::{
    secret_variable, secrets,
    service::{Build, Service},
};
use crate::{
    failure::Failure,
    network::SUBNET,
    stack::{LocalFunction, Stack},
    supervisor::{
        parts::{AUTH, BRIDGE, FIRESTORE, PUBSUB},
        programs,
        tools::Tools,
    },
};

/// The file, in the repository.
pub const COMPOSE_FILE: &str = "emulator/compose.yaml";

/// Google's own image of its emulators, and where it has them.
const EMULATORS: &str = "gcr.io/google.com/cloudsdktool/google-cloud-cli:549.0.0-emulators";
const PLATFORM: &str = "/google-cloud-sdk/platform";
/// The users of the images: Google's `cloudsdk`, Node's `node`, and `nonroot`.
const CLOUDSDK: &str = "1000:1000";
const NODE: &str = "1000:1000";
const NONROOT: &str = "65532:65532";

/// What the bridge and the seed read of the repository.
const ROOT: &str = "/mesh";
/// The folder of `nonroot`, which a new volume takes its owner from.
const STATE: &str = "/home/nonroot";

const HEAD: &str = "\
# The whole mesh under Docker Compose, on the network `meshnet`, which leads nowhere else. Only the gateway can be reached
# from this machine: http://127.0.0.1:8080. `emulator/compose up` makes the secrets that it wants, builds, and starts it.
#
# Made from the manifests: `MESH_WRITE=1 cargo test -p tests --test generated` makes it anew.
";

#[derive(Serialize)]
struct File {
    services: BTreeMap<String, Service>,
    networks: BTreeMap<&'static str, Network>,
    volumes: BTreeMap<&'static str, BTreeMap<String, String>>,
}

#[derive(Default, Serialize)]
struct Network {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    internal: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipam: Option<Ipam>,
}

#[derive(Serialize)]
struct Ipam {
    config: [BTreeMap<&'static str, &'static str>; 1],
}

/// Makes the file of a stack on `meshnet`.
///
/// # Errors
/// When it cannot be written as YAML.
pub fn compose(stack: &Stack, manifests: &[Manifest]) -> Result<String, Failure> {
    let mut services = BTreeMap::from([
        (FIRESTORE.to_owned(), firestore(stack)),
        (PUBSUB.to_owned(), pubsub(stack)),
        (AUTH.to_owned(), auth(stack)),
        (BRIDGE.to_owned(), bridge(stack, manifests)),
        ("seed".to_owned(), seed(manifests)),
    ]);
    for (function, manifest) in stack.functions.iter().zip(manifests) {
        services.insert(function.name.clone(), of_function(stack, function, manifest));
    }
    let subnet = Ipam { config: [BTreeMap::from([("subnet", SUBNET)])] };
    let networks = BTreeMap::from([
        // The gateway's way out of its container; an internal network has none.
        ("gateway", Network::default()),
        ("meshnet", Network { internal: true, ipam: Some(subnet) }),
    ]);
    let volumes = BTreeMap::from([("state", BTreeMap::new())]);
    let file = File { services, networks, volumes };
    let body = serde_saphyr::to_string(&file).map_err(Failure::internal)?;
    Ok(format!("{HEAD}{body}"))
}

/// Where things are inside the containers.
fn tools() -> Tools {
    Tools {
        java: "java".into(),
        firestore_jar: format!("{PLATFORM}/cloud-firestore-emulator/cloud-firestore-emulator.jar")
            .into(),
        // The jar's name has its version; a shell finds it.
        pubsub_jar: format!("{PLATFORM}/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar")
            .into(),
        node: None,
        setpriv: "setpriv".into(),
    }
}

fn inside(stack: &Stack) -> Stack {
    Stack { root: ROOT.into(), state: STATE.into(), ..stack.clone() }
}

fn firestore(stack: &Stack) -> Service {
    let mut service = Service::new(EMULATORS, CLOUDSDK, 1024);
    service.command = ["java".to_owned()]
        .into_iter()
        .chain(programs::firestore(&tools(), &inside(stack), None).arguments)
        .collect();
    let rules = "terraform/firestore.rules";
    service.volumes = vec![format!("../{rules}:{ROOT}/{rules}:ro")];
    service.tmpfs = vec!["/tmp"];
    answers(service, stack.firestore_port())
}

fn pubsub(stack: &Stack) -> Service {
    let mut service = Service::new(EMULATORS, CLOUDSDK, 512);
    let words = programs::pubsub(&tools(), &inside(stack)).arguments.join(" ");
    service.command = vec!["bash".to_owned(), "-c".to_owned(), format!("exec java {words}")];
    service.tmpfs = vec!["/tmp"];
    answers(service, stack.pubsub_port())
}

/// An emulator of Google's is healthy when it answers at all; its image has curl.
fn answers(service: Service, port: u16) -> Service {
    service.healthy(&["curl", "--fail", "--silent", &format!("http://127.0.0.1:{port}/")])
}

fn auth(stack: &Stack) -> Service {
    let mut service = Service::new("mesh/auth-emulator:local", NODE, 512);
    service.build = Some(Build {
        context: "auth",
        dockerfile: "Dockerfile",
        target: None,
        args: BTreeMap::new(),
    });
    let port = stack.auth_port().to_string();
    let words = ["--host", "0.0.0.0", "--port", &port, "--project", &stack.project];
    service.command = words.map(str::to_owned).to_vec();
    service.tmpfs = vec!["/tmp"];
    let ask = format!("fetch('http://127.0.0.1:{port}/').catch(() => process.exit(1))");
    service.healthy(&["node", "--eval", &ask])
}

/// One of ours: every image is the same recipe with another program.
fn ours(name: &str, program: &str, memory_mib: u32) -> Service {
    let mut service = Service::new(&format!("mesh/{name}:local"), NONROOT, memory_mib);
    service.build = Some(Build {
        context: "..",
        dockerfile: "functions/Dockerfile",
        target: Some("function"),
        args: BTreeMap::from([("FUNCTION", program.to_owned())]),
    });
    service
}

/// The program `mesh`, with the manifests and the seed to read and a volume to write to.
fn mesh(command: &str) -> Service {
    let mut service = ours(BRIDGE, "mesh", 512);
    service.command =
        ["meshnet", command, "--root", ROOT, "--state", STATE].map(str::to_owned).to_vec();
    let read = |path: &str| format!("../{path}:{}:ro", Path::new(ROOT).join(path).display());
    service.volumes = vec![read("functions"), read("emulator/seed"), format!("state:{STATE}")];
    service
}

fn bridge(stack: &Stack, manifests: &[Manifest]) -> Service {
    let mut service = mesh("bridge");
    let port = stack.gateway_port();
    service.ports = vec![format!("127.0.0.1:{port}:{port}")];
    service.networks.push("gateway");
    service.environment = secrets(manifests)
        .iter()
        .map(|secret| (secret_variable(secret), passed_on(secret)))
        .collect();
    service.after(&[FIRESTORE, PUBSUB, AUTH]).healthy(&[
        "/function",
        "meshnet",
        "health",
        "--port",
        &stack.bridge_port().to_string(),
    ])
}

/// Fills a new stack, once.
fn seed(manifests: &[Manifest]) -> Service {
    let mut service = mesh("seed");
    service.restart = "on-failure";
    let functions: Vec<_> = manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    service.after(&[BRIDGE]).after(&functions)
}

fn of_function(stack: &Stack, function: &LocalFunction, manifest: &Manifest) -> Service {
    let mut service = ours(&function.name, &function.name, manifest.service.memory_mib);
    service.environment = stack.environment(function, manifest);
    for (variable, secret) in &manifest.secrets {
        service.environment.insert(variable.clone(), passed_on(secret));
    }
    if manifest.triggers.values().any(is_page) {
        // Browsers are outside, where only the gateway is.
        let gateway = format!("127.0.0.1:{}", stack.gateway_port());
        service.environment.insert("WEB_EMULATORS_HOST".to_owned(), gateway);
    }
    service.labels = labels(manifest);
    service.after(&[BRIDGE]).healthy(&["/function", "health"])
}

/// Whether a trigger is open to everybody and nobody signs in: a page, or web hooks.
fn is_page(trigger: &function::manifest::Trigger) -> bool {
    trigger.http.as_ref().is_some_and(|http| http.callers == [Callers::Public])
}

/// A value that whoever runs Compose has to have made.
fn passed_on(secret: &str) -> String {
    format!("${{{}:?emulator/compose makes it}}", secret_variable(secret))
}

/// Says of each trigger what fires it, for whoever looks at a container.
fn labels(manifest: &Manifest) -> BTreeMap<String, String> {
    let label = |id: &String| format!("mesh.trigger.{id}");
    let triggers = manifest.triggers.iter();
    triggers.filter_map(|(id, trigger)| Some((label(id), fired_by(trigger.kind()?)))).collect()
}

fn fired_by(kind: Kind<'_>) -> String {
    match kind {
        Kind::Http(http) => {
            let name = |callers: &Callers| match callers {
                Callers::Users => "users",
                Callers::Services => "services",
                Callers::Public => "public",
            };
            format!("http {}", http.callers.iter().map(name).collect::<Vec<_>>().join(" "))
        }
        Kind::Firestore(of) => {
            let event = match of.event {
                DocumentEvent::Created => "created",
                DocumentEvent::Updated => "updated",
                DocumentEvent::Deleted => "deleted",
                DocumentEvent::Written => "written",
            };
            format!("firestore {event} {}", of.document.as_str())
        }
        Kind::Pubsub(of) => match &of.filter {
            Some(filter) => format!("pubsub {} {filter}", of.topic),
            None => format!("pubsub {}", of.topic),
        },
        Kind::Schedule(of) => format!("schedule {} {}", of.cron, of.time_zone),
    }
}
