//! `mesh token`: an ID token of a person of the seed.

use std::time::Duration;

use serde_json::{Value, json};

use super::place::Place;
use crate::{
    failure::{Failure, chain},
    seed,
    terminal::say,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Prints a person's ID token, which is good for an hour
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh token --as audrey@meridian.example
  curl -H \"Authorization: Bearer $(mesh token --as audrey@meridian.example)\" \\
      http://127.0.0.1:8080/api/findings")]
pub struct Args {
    /// The person's email, as emulator/seed/people.yaml has it
    #[arg(long = "as", value_name = "EMAIL")]
    email: String,
    #[command(flatten)]
    place: Place,
}

/// Signs in and prints the token.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    let people = seed::people(&stack.root)?;
    let person = people.iter().find(|person| person.email == args.email).ok_or_else(|| {
        let known = people.iter().map(|person| person.email.as_str()).collect::<Vec<_>>();
        Failure::usage(format!("nobody of the seed is `{}`", args.email))
            .next(format!("Take one of: {}.", known.join(", ")))
    })?;
    let url = format!(
        "http://127.0.0.1:{}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=local",
        stack.auth_port()
    );
    let body = json!({
        "email": person.email,
        "password": person.password,
        "returnSecureToken": true,
    });
    let http = reqwest::Client::builder().no_proxy().build().map_err(Failure::internal)?;
    let answer = http.post(url).timeout(TIMEOUT).json(&body).send().await.map_err(|error| {
        Failure::unavailable(format!("the Auth emulator does not answer: {}", chain(&error)))
            .next("See `mesh status`; a stack that was started with `--no-auth` has none.")
    })?;
    let answer: Value = answer.json().await.map_err(Failure::internal)?;
    match (answer.get("idToken"), answer.pointer("/error/message")) {
        (Some(Value::String(token)), _) => {
            say(token);
            Ok(())
        }
        (_, Some(Value::String(message))) => {
            Err(Failure::unavailable(format!("`{}` cannot sign in: {message}", person.email))
                .next("A stack that was started with `--no-seed` knows nobody."))
        }
        _ => Err(Failure::internal("the Auth emulator answered something unknown")),
    }
}
