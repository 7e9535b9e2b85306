//! `mesh bridge`: what the supervisor starts as a process of its own.

use std::path::PathBuf;

use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

use crate::{
    failure::{Failure, chain},
    stack::Stack,
};

/// Runs the bridge of a stack; `mesh up` starts it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder of the stack's state
    #[arg(long, value_name = "FOLDER")]
    state: PathBuf,
}

/// Runs the bridge until SIGTERM.
pub fn run(args: Args) -> Result<(), Failure> {
    let stack = Stack::load(&args.state).map_err(|error| {
        let path = Stack::file(&args.state);
        Failure::unavailable(format!("cannot read `{}`: {error}", path.display()))
    })?;
    serve(stack)
}

/// Runs the bridge of a stack until it is asked to end.
pub fn serve(stack: Stack) -> Result<(), Failure> {
    telemetry::init(telemetry::Settings {
        project: stack.project.clone(),
        service: "bridge".to_owned(),
        revision: "bridge-local".to_owned(),
        filter: std::env::var("MESH_LOG").ok().filter(|filter| !filter.is_empty()),
    });
    // Many deliveries at once: more than one thread is worth its memory here.
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Failure::internal)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::internal)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::internal)?;
        let shutdown = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        let result = crate::bridge::run(stack, shutdown).await;
        result.map_err(|error| Failure::internal(chain(&error)))
    })
}
