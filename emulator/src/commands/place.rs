//! Which stack a command is about.

use std::{
    env,
    path::{Path, PathBuf},
};

use store::{Settings, Store};

use crate::{
    failure::Failure,
    stack::Stack,
    supervisor::{
        parts::FIRESTORE,
        record::{Phase, Record},
    },
};

/// Which stack a command is about.
#[derive(Clone, Debug, clap::Args)]
pub struct Place {
    /// The stack's first port; stacks on different port bases run side by side
    #[arg(long, global = true, value_name = "PORT", default_value_t = 8080, env = "MESH_PORT_BASE",
          value_parser = clap::value_parser!(u16).range(1024..=65_000))]
    pub port_base: u16,
    /// The folder of the stack's state [default: .mesh/PORT in the repository]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

impl Place {
    /// Returns the folder of the stack's state.
    pub fn state(&self) -> Result<PathBuf, Failure> {
        let folder = match &self.state {
            Some(folder) => folder.clone(),
            None => root()?.join(".mesh").join(self.port_base.to_string()),
        };
        let folder = std::path::absolute(folder).map_err(Failure::usage)?;
        match folder.to_str() {
            Some(_) => Ok(folder),
            None => Err(Failure::usage(format!("`{}` is not UTF-8", folder.display()))),
        }
    }

    /// Returns the stack that runs here.
    pub fn running(&self) -> Result<Stack, Failure> {
        let state = self.state()?;
        let down = || {
            let reason = format!("no stack runs on port base {}", self.port_base);
            Failure::unavailable(reason)
                .next("Start one with `emulator/up`, or name the one you mean with `--port-base`.")
        };
        let record = Record::running(&state).ok_or_else(down)?;
        if record.phase == Phase::Stopping {
            let reason = format!("the stack on port base {} is stopping", self.port_base);
            return Err(Failure::unavailable(reason).next("Start it again with `emulator/up`."));
        }
        Stack::load(&state).map_err(|error| {
            Failure::internal(format!("cannot read `{}`: {error}", Stack::file(&state).display()))
        })
    }
}

/// Finds the repository around the working folder.
pub fn root() -> Result<PathBuf, Failure> {
    let here = env::current_dir().map_err(Failure::usage)?;
    let found = here.ancestors().find(|folder| is_root(folder)).map(Path::to_owned);
    found.ok_or_else(|| {
        Failure::usage(format!("`{}` is not in the mesh repository", here.display()))
            .next("Change into the repository, or name a `--state` folder.")
    })
}

fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file() && folder.join("functions").is_dir()
}

/// Returns the documents of a stack.
pub fn store(stack: &Stack) -> Store {
    let emulator = stack.address(FIRESTORE, stack.firestore_port());
    Store::connect_lazily(Settings::new(&stack.project, Some(emulator)))
}
