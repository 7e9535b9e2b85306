//! `mesh log`: the audit log as files.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use model::log::LogCheckpoint;
use store::{
    Query, Store,
    log::{StoredLog, latest_checkpoint, latest_witnessed},
};
use tlog::{
    Algorithm, Resource, Source, TILE_WIDTH, TileId, VerifierKey, log_origin, witness_name,
};

use super::place::{Place, store};
use crate::{
    bridge::{SECRETS_FILE, Secrets},
    failure::{Failure, chain},
    stack::Stack,
    terminal::say,
};

/// Tile levels end here: above, a log would have more entries than there can be.
const LEVELS: u8 = 8;

/// Downloads the audit log, to verify it offline
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh log download ./log        the log as files, as c2sp.org/tlog-tiles has them
  audit verify --log ./log       computes every tile anew, and compares")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Writes checkpoint, tiles, entries and policy into a folder
    Download {
        /// The folder, which is made
        folder: PathBuf,
    },
}

/// Downloads.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    let Action::Download { folder } = args.action;
    let policy = policy(&stack)?;
    let size = download(&store(&stack), &policy, &folder).await?;
    say(format!("{size} entries are in `{}`", folder.display()));
    Ok(())
}

/// Writes a log's files into a folder; returns how many entries it has.
///
/// # Errors
/// When there is no log, or a file cannot be written.
pub async fn download(store: &Store, policy: &str, folder: &Path) -> Result<u64, Failure> {
    let failed = |error: store::StoreError| Failure::internal(chain(&error));
    let latest = match latest_witnessed(store).await.map_err(failed)? {
        Some(witnessed) => Some(witnessed),
        None => latest_checkpoint(store).await.map_err(failed)?,
    };
    let Some(latest) = latest else {
        return Err(Failure::unavailable("there is no log yet"));
    };
    let source = StoredLog(store.clone());
    for resource in resources(latest.size) {
        let bytes = source.read(resource).await.map_err(failed)?;
        let lacks = || Failure::data(format!("the log lacks `{resource}`"));
        write(&folder.join(resource.to_string()), &bytes.ok_or_else(lacks)?)?;
    }
    let mut next = None;
    loop {
        let query = Query::<LogCheckpoint>::all().after(next);
        let page = store.list(&query).await.map_err(failed)?;
        for stored in page.items.iter().filter(|one| one.document.size <= latest.size) {
            let path = folder.join("checkpoints").join(stored.document.size.to_string());
            write(&path, stored.document.note.as_bytes())?;
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    write(&folder.join("policy"), policy.as_bytes())?;
    // Last, so that a folder with a checkpoint is whole.
    write(&folder.join("checkpoint"), latest.note.as_bytes())?;
    Ok(latest.size)
}

/// Returns every tile and bundle of a log of a size.
fn resources(size: u64) -> impl Iterator<Item = Resource> {
    let tiles = (0..LEVELS).flat_map(move |level| {
        let all = (0..).map(move |number| TileId { level, number });
        all.map(move |id| (id, id.width(size))).take_while(|(_, width)| *width > 0)
    });
    let tiles = tiles.map(|(id, width)| Resource::Tile { id, width: width as u16 });
    let bundles = (0..size.div_ceil(TILE_WIDTH)).map(move |number| {
        let width = TileId { level: 0, number }.width(size);
        Resource::Entries { number, width: width as u16 }
    });
    tiles.chain(bundles)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, bytes))
        .map_err(|error| Failure::internal(format!("cannot write `{}`: {error}", path.display())))
}

/// Returns the policy of who trusts this stack's keys.
fn policy(stack: &Stack) -> Result<String, Failure> {
    let secrets = Secrets::open(&stack.state.join(SECRETS_FILE));
    let key = |secret: &str, name: String, algorithm| {
        let text = secrets.value(secret).map_err(|error| Failure::internal(chain(&error)))?;
        VerifierKey::from_hex(&name, algorithm, &text).map_err(Failure::internal)
    };
    let log = key("audit-public-key", log_origin(&stack.project), Algorithm::Ed25519)?;
    let name = witness_name(&stack.project);
    let witness = key("witness-public-key", name, Algorithm::CosignatureV1)?;
    Ok(format!("log {log}\nwitness witness {witness}\nquorum witness\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_example_has_these_tiles() {
        let paths: Vec<_> = resources(70_000).map(|resource| resource.to_string()).collect();
        assert_eq!(paths.len(), 274 + 2 + 1 + 274);
        for path in
            ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
        {
            assert!(paths.iter().any(|found| found == path), "{path}");
        }
        assert_eq!(resources(0).count(), 0);
    }
}
