//! `mesh import`: loads an estate into a stack that runs.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};

use super::place::{Place, store};
use crate::{
    estate::{
        EstateError,
        load::{self, LoadError, Loaded},
        stream::{self, Assets},
    },
    failure::{Failure, chain},
    terminal::say,
};

/// Assets between two signs of life while an export is checked.
const CHECKED_SHOWN: usize = 10_000;

/// Loads an export of Cloud Asset Inventory into a stack that runs
///
/// The whole file is read and checked before anything is written. An asset that is there takes
/// over what the file holds; one that stays the same is not written again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads newline-delimited JSON, an array or a single object, plain or in gzip, however large;
camel case or snake case.
Google exports resources and policies to separate files; import one, then the other:

  gcloud asset export --project=PROJECT --content-type=resource   --output-path=gs://BUCKET/resources.ndjson
  gcloud asset export --project=PROJECT --content-type=iam-policy --output-path=gs://BUCKET/policies.ndjson
  mesh import resources.ndjson
  mesh import policies.ndjson")]
pub struct Args {
    /// The export
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Loads the estate.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    let wrong = |error: EstateError| {
        Failure::data(format!("`{}`, {error}", args.file.display()))
            .next("Nothing was loaded: repair the file and try again.")
    };
    let open = || {
        let unreadable =
            |error| Failure::data(format!("cannot read `{}`: {error}", args.file.display()));
        stream::open(&args.file).map_err(unreadable)
    };
    let interactive = std::io::stderr().is_terminal();
    let show = |text: String| {
        if interactive {
            let _ = write!(std::io::stderr(), "\r{text}");
        }
    };
    let reason = format!("imported from `{}`", args.file.display());
    let store = store(&stack);
    let mut done = 0;
    let again = || stream::open(&args.file).map_err(|error| EstateError::of_file(&error));
    let checked = |assets: usize| {
        if assets.is_multiple_of(CHECKED_SHOWN) {
            show(format!("{assets} assets checked"));
        }
    };
    let scan = stream::scan(again, checked).map_err(wrong)?;
    let (total, repeated) = (scan.assets, scan.repeated);
    let progress = |so_far: usize| {
        done = so_far;
        show(format!("{so_far} of {total} assets"));
    };
    let assets = Assets::new(open()?).map_err(wrong)?;
    let loaded = load::load_each(&store, assets, &reason, progress).await;
    if interactive {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
    match loaded {
        Ok(loaded) => {
            say(summary(loaded, repeated));
            Ok(())
        }
        Err(error) => {
            let reason = format!("{} ({done} of {total} assets are loaded)", chain(&error));
            let failure = match &error {
                LoadError::Store(_) => Failure::unavailable(reason),
                LoadError::Read(_) | LoadError::Merged { .. } => Failure::data(reason),
            };
            Err(failure.next("Import the file again: what is loaded already stays as it is."))
        }
    }
}

fn summary(loaded: Loaded, repeated: usize) -> String {
    let Loaded { new, changed, unchanged } = loaded;
    let total = loaded.total();
    let assets = if total == 1 { "asset" } else { "assets" };
    let twice = match repeated {
        0 => String::new(),
        1 => " (1 name stood twice)".to_owned(),
        names => format!(" ({names} names stood twice or more)"),
    };
    format!("imported {total} {assets}: {new} new, {changed} changed, {unchanged} unchanged{twice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_came_of_each_asset() {
        let loaded = Loaded { new: 9, changed: 2, unchanged: 1 };
        assert_eq!(
            summary(loaded, 1),
            "imported 12 assets: 9 new, 2 changed, 1 unchanged (1 name stood twice)"
        );
        let one = Loaded { new: 1, ..Loaded::default() };
        assert_eq!(summary(one, 0), "imported 1 asset: 1 new, 0 changed, 0 unchanged");
    }
}
