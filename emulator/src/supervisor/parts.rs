//! Which parts a stack has, and how each is treated.

use std::{collections::BTreeMap, fs, net::TcpListener, sync::Arc, time::Duration};

use function::manifest::Manifest;

use super::{Plan, exports, keeper::Part, programs, readiness::Probe};
use crate::{
    bridge::{SECRETS_FILE, Secrets, SecretsError},
    failure::{Failure, chain},
};

/// The Firestore emulator.
pub const FIRESTORE: &str = "firestore";
/// The Pub/Sub emulator.
pub const PUBSUB: &str = "pubsub";
/// The Auth emulator.
pub const AUTH: &str = "auth";
/// The bridge.
pub const BRIDGE: &str = "bridge";
/// The parts that others need to the very end.
pub const EMULATORS: [&str; 3] = [FIRESTORE, PUBSUB, AUTH];

/// Java starts in 4 s on a free machine; many stacks may start at once.
const EMULATOR_READY: Duration = Duration::from_secs(90);
/// The Auth emulator compiles for 12 s of a processor's time.
const AUTH_READY: Duration = Duration::from_secs(180);
/// The bridge and the functions are ready when the emulators are.
const READY: Duration = Duration::from_secs(120);
/// The emulators have nothing to finish.
const EMULATOR_GRACE: Duration = Duration::from_secs(5);
/// As long as Cloud Run gives a container.
const GRACE: Duration = Duration::from_secs(10);

/// Lists the parts of a stack.
pub(super) fn all(plan: &Plan, listener: Arc<TcpListener>) -> Result<Vec<Part>, Failure> {
    let Plan { stack, tools, mesh, .. } = plan;
    let mut parts = Vec::new();
    {
        let (stack, tools) = (stack.clone(), tools.clone());
        parts.push(Part {
            name: FIRESTORE.to_owned(),
            port: stack.firestore_port(),
            probe: Probe::Ok,
            ready_timeout: EMULATOR_READY,
            grace: EMULATOR_GRACE,
            // Asked at every start, so that it comes back with the newest documents.
            program: Box::new(move || {
                programs::firestore(&tools, &stack, exports::newest(&stack.state).as_deref())
            }),
        });
    }
    let pubsub = programs::pubsub(tools, stack);
    parts.push(Part {
        name: PUBSUB.to_owned(),
        port: stack.pubsub_port(),
        probe: Probe::Ok,
        ready_timeout: EMULATOR_READY,
        grace: EMULATOR_GRACE,
        program: Box::new(move || pubsub.clone()),
    });
    if let Some(node) = &tools.node {
        let auth = programs::auth(node, stack);
        parts.push(Part {
            name: AUTH.to_owned(),
            port: stack.auth_port(),
            probe: Probe::Answers,
            ready_timeout: AUTH_READY,
            grace: EMULATOR_GRACE,
            program: Box::new(move || auth.clone()),
        });
    }
    let bridge = programs::bridge(mesh, stack, listener);
    parts.push(Part {
        name: BRIDGE.to_owned(),
        port: stack.bridge_port(),
        probe: Probe::Connected,
        ready_timeout: READY,
        grace: GRACE,
        program: Box::new(move || bridge.clone()),
    });
    let secrets = Secrets::open(&stack.state.join(SECRETS_FILE));
    for function in &stack.functions {
        let yaml = fs::read_to_string(&function.manifest).map_err(Failure::internal)?;
        let manifest = Manifest::parse(&yaml).map_err(|mistakes| {
            let path = function.manifest.display();
            Failure::data(format!("`{path}` is not valid: {}", mistakes.join("; ")))
        })?;
        let values =
            secret_values(&secrets, &manifest).map_err(|error| Failure::internal(chain(&error)))?;
        let program = programs::function(stack, function, &manifest, &values);
        parts.push(Part {
            name: function.name.clone(),
            port: function.port,
            probe: Probe::Ready,
            ready_timeout: READY,
            grace: GRACE,
            program: Box::new(move || program.clone()),
        });
    }
    Ok(parts)
}

/// Returns the values of a function's secrets by the variables that hold them.
fn secret_values(
    secrets: &Secrets,
    manifest: &Manifest,
) -> Result<BTreeMap<String, String>, SecretsError> {
    manifest
        .secrets
        .iter()
        .map(|(variable, secret)| {
            secrets.ensure(secret)?;
            Ok((variable.clone(), secrets.value(secret)?))
        })
        .collect()
}
