//! `mesh meshnet`: what the containers of `emulator/compose.yaml` run.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use super::{bridge, place::store};
use crate::{
    bridge::{SECRETS_FILE, Secrets},
    failure::{Failure, chain},
    meshnet,
    seed::Seed,
    terminal::say,
};

/// A connection inside a container is accepted at once or never.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// Runs the parts of the mesh that stand between containers; `emulator/compose` starts them
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, clap::Subcommand)]
enum Part {
    /// Runs the bridge and the gateway, until SIGTERM
    Bridge(Folders),
    /// Fills a new stack with people, services and an estate
    Seed(Folders),
    /// Prints new secrets, for `docker compose --env-file`
    Secrets(Folders),
    /// Tells by its exit code whether the bridge listens
    Health {
        /// Where it should
        #[arg(long)]
        port: u16,
    },
}

#[derive(Debug, clap::Args)]
struct Folders {
    /// The folder of the repository, as far as it is there
    #[arg(long, value_name = "FOLDER")]
    root: PathBuf,
    /// The folder of what the bridge keeps
    #[arg(long, value_name = "FOLDER")]
    state: PathBuf,
}

/// Runs a part.
pub fn run(args: Args) -> Result<(), Failure> {
    match args.part {
        Part::Bridge(folders) => run_bridge(&folders),
        Part::Seed(folders) => super::on_main_thread(seed(folders)),
        Part::Secrets(folders) => {
            let (_, manifests) = meshnet::stack(&folders.root, &folders.state)?;
            let lines = meshnet::new_secrets(&manifests, &folders.state);
            say(lines.map_err(|error| Failure::internal(chain(&error)))?.trim_end());
            Ok(())
        }
        Part::Health { port } => {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let connected = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT);
            connected.map(|_| ()).map_err(Failure::unavailable)
        }
    }
}

/// The bridge serves the same secrets that Compose gave to the functions.
fn run_bridge(folders: &Folders) -> Result<(), Failure> {
    let (stack, manifests) = meshnet::stack(&folders.root, &folders.state)?;
    std::fs::create_dir_all(&folders.state).map_err(Failure::unavailable)?;
    let secrets = Secrets::open(&folders.state.join(SECRETS_FILE));
    for name in meshnet::secrets(&manifests) {
        let variable = meshnet::secret_variable(&name);
        let value = std::env::var(&variable)
            .map_err(|_| Failure::usage(format!("`{variable}` is not set")))?;
        if secrets.value(&name).ok().as_ref() != Some(&value) {
            let added = secrets.add(&name, value.as_bytes());
            added.map_err(|error| Failure::internal(chain(&error)))?;
        }
    }
    bridge::serve(stack)
}

async fn seed(folders: Folders) -> Result<(), Failure> {
    let (stack, _) = meshnet::stack(&folders.root, &folders.state)?;
    let seed = Seed::read(&stack.root, None)?;
    seed.sow(&store(&stack), &stack, true).await?;
    for person in &seed.people {
        say(format!("{}  {}", person.email, person.password));
    }
    Ok(())
}
