//! `mesh up`: starts a stack.

mod detach;
mod plan;

use std::{path::PathBuf, time::Duration};

use super::{
    admin::Admin,
    overview::{self, Counts},
    place::{Place, root, store},
};
use crate::{
    failure::{Failure, chain},
    seed::Seed,
    stack::Stack,
    supervisor::{self, Plan, tools::Tools},
    terminal::{say, tell},
};

/// How long the first audit may take before it is left to end by itself.
const FIRST_AUDIT: Duration = Duration::from_secs(60);
/// What is looked at first, so that a new stack shows something.
const FIRST_LOOKS: [(&str, &str); 2] = [("audit-engine", "nightly"), ("destine-root", "check-due")];

/// Starts everything, and stops it all with Ctrl-C
///
/// Starts the Firestore, Pub/Sub and Auth emulators, the bridge between them, and every function;
/// fills a new stack with people, services and a sample estate; audits it for the first time.
/// Documents, accounts and deliveries outlive the stack: the next start goes on with them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh up                                      until Ctrl-C
  mesh up --detach                             in the background, until `mesh down`
  mesh up --fresh --estate export.ndjson       begin anew on an estate of your own
  mesh up --port-base 9080                     a second stack beside the first
  mesh up --chaos duplicate=0.1,delay=200ms    with transport that misbehaves")]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Returns when everything is ready, and leaves it running
    #[arg(long)]
    detach: bool,
    /// Forgets the documents, accounts and deliveries of the last time
    #[arg(long)]
    fresh: bool,
    /// The estate of a new stack, instead of the sample
    #[arg(long, value_name = "FILE", conflicts_with = "no_seed")]
    estate: Option<PathBuf>,
    /// Faults of the transport, such as duplicate=0.1,reorder=0.1,delay=200ms,drop-ack=0.05
    #[arg(long, value_name = "FAULTS")]
    chaos: Option<String>,
    /// The project id; must start with `demo-`, which keeps everything offline
    #[arg(long, value_name = "ID", default_value = "demo-mesh", value_parser = plan::project)]
    project: String,
    /// Starts without the Auth emulator, so that nobody can sign in
    #[arg(long)]
    no_auth: bool,
    /// Starts with nothing in it: no people, no services, no estate, no first audit
    #[arg(long)]
    no_seed: bool,
    /// Set by `--detach` on the process in the background
    #[arg(long, hide = true, conflicts_with = "detach")]
    detached: bool,
}

/// Starts the stack.
pub async fn run(args: Args) -> Result<(), Failure> {
    let state = args.place.state()?;
    if args.detach {
        return detach::run(&state, args.place.port_base).await;
    }
    let root = root()?;
    let mesh = std::env::current_exe().map_err(Failure::internal)?;
    let tools = Tools::find(&root, !args.no_auth).map_err(|missing| {
        Failure::unavailable(missing).next("Install what is missing with `emulator/install`.")
    })?;
    let stack = plan::stack(&args, root, state, &mesh)?;
    // Whatever is wrong with it shall be said before anything starts.
    let seed = match args.no_seed {
        true => None,
        false => Some(Seed::read(&stack.root, args.estate.as_deref())?),
    };
    let fill = fill(stack.clone(), seed, !args.no_auth, args.detached);
    let fresh = args.fresh;
    supervisor::run(Plan { stack, tools, mesh, detached: args.detached, fresh }, fill).await?;
    say("stopped");
    Ok(())
}

/// Fills a stack that is ready, looks at it for the first time, and says what is there.
async fn fill(stack: Stack, seed: Option<Seed>, auth: bool, detached: bool) -> Result<(), Failure> {
    let store = store(&stack);
    let mut people = Vec::new();
    if let Some(seed) = seed {
        seed.sow(&store, &stack, auth).await?;
        let admin = Admin::of(&stack)?;
        // What was just written is looked at one by one; a full audit beside that would only
        // get in its way.
        let mut looked = admin.drain(FIRST_AUDIT).await;
        for (function, schedule) in FIRST_LOOKS {
            if stack.functions.iter().any(|of| of.name == function) {
                admin.tick(&format!("{function}.{schedule}"), None).await?;
            }
        }
        if looked.is_ok() {
            looked = admin.drain(FIRST_AUDIT).await;
        }
        if let Err(failure) = looked {
            tell(format!("! the first audit goes on: {}", failure.reason));
        }
        people = if auth { seed.people } else { people };
    }
    let counts = match Counts::of(&store).await {
        Ok(counts) => Some(counts),
        Err(error) => {
            tell(format!("! cannot count what is there: {}", chain(&error)));
            None
        }
    };
    overview::show(&stack, auth, &people, counts.as_ref());
    say(match detached {
        true => "Stop it with `emulator/down`.",
        false => "Stop it with Ctrl-C.",
    });
    Ok(())
}
