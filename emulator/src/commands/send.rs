//! `mesh send`: an event made by hand.

use std::{collections::BTreeMap, fs, io::Read, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{admin::Admin, place::Place};
use crate::{failure::Failure, terminal::say};

/// The largest body that the bridge and the functions take.
const BODY_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Sends an event made by hand to one trigger of a function
///
/// The bridge delivers it as any other: with a token, again until it succeeds or is a dead letter.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh send audit-engine nightly --data /dev/null \\
      --header x-cloudscheduler-scheduletime=2026-11-24T03:00:00Z
  echo '{\"message\": …}' | mesh send audit-engine audit-requested --data - \\
      --header content-type=application/json")]
pub struct Args {
    /// The function
    function: String,
    /// Its trigger, as function.yaml names it
    trigger: String,
    /// The file with the body; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// A header, such as ce-id=1; may be given again
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = parse_header)]
    headers: Vec<(String, String)>,
    #[command(flatten)]
    place: Place,
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        }
        _ => Err("must be NAME=VALUE".to_owned()),
    }
}

/// Sends the event.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    let body = read(&args.data)?;
    let headers: BTreeMap<_, _> = args.headers.into_iter().collect();
    let event = json!({
        "function": args.function,
        "trigger": args.trigger,
        "headers": headers,
        "body": BASE64_STANDARD.encode(&body),
    });
    Admin::of(&stack)?.send(event).await?;
    let (function, bytes) = (&args.function, body.len());
    say(format!("queued {bytes} bytes for `{}` of `{function}`", args.trigger));
    Ok(())
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::data(format!("cannot read `{}`: {error}", path.display()));
    let source: Box<dyn Read> = match path.as_os_str() == "-" {
        true => Box::new(std::io::stdin()),
        false => Box::new(fs::File::open(path).map_err(unreadable)?),
    };
    let mut body = Vec::new();
    source.take(BODY_BYTES_MAX + 1).read_to_end(&mut body).map_err(unreadable)?;
    if body.len() as u64 > BODY_BYTES_MAX {
        let most = BODY_BYTES_MAX / 1024 / 1024;
        return Err(Failure::data(format!("`{}` has more than {most} MiB", path.display())));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_value() {
        let header = parse_header("CE-Id= a=b ").expect("a header");
        assert_eq!(header, ("ce-id".to_owned(), "a=b".to_owned()));
        assert!(parse_header("ce-id").is_err() && parse_header("=x").is_err());
    }
}
