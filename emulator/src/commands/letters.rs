//! `mesh letters`: what could not be delivered, and trying it again.

use base64::{Engine, prelude::BASE64_STANDARD};
use clap::Subcommand;
use jiff::Timestamp;
use model::{
    CorrelationId, LetterId, LetterPartId,
    dead_letter::{DeadLetter, LetterPart},
};
use serde_json::json;
use store::{Cause, Direction, Query, Store, StoreError, Stored};

use super::{
    admin::Admin,
    place::{Place, store},
};
use crate::{
    estate::load::local_actor,
    failure::{Failure, chain},
    stack::Stack,
    terminal::{say, tell},
};

/// How many letters one command looks at; more are an incident, not a list.
const LETTERS_MAX: usize = 1000;

/// Shows dead letters, and sends them again
///
/// A dead letter is a delivery that was accepted and could not be processed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh letters                   list them, the newest first
  mesh letters show ID           why it could not be processed, and what it holds
  mesh letters replay ID         send it to its function again
  mesh letters replay --all      send all that were not sent again yet")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists dead letters, the newest first
    List,
    /// Shows one dead letter with its headers and its body
    Show {
        /// The letter
        id: String,
    },
    /// Sends dead letters to their functions again
    Replay {
        /// The letter
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All letters that were not sent again yet
        #[arg(long)]
        all: bool,
    },
}

/// Lists, shows or replays.
pub async fn run(args: Args) -> Result<(), Failure> {
    let stack = args.place.running()?;
    let store = store(&stack);
    match args.action {
        None | Some(Action::List) => list(&store).await,
        Some(Action::Show { id }) => show(&store, &find(&store, id).await?).await,
        Some(Action::Replay { id: Some(id), .. }) => {
            let letter = find(&store, id).await?;
            replay(&stack, &store, letter).await
        }
        Some(Action::Replay { id: None, .. }) => {
            let letters = all(&store).await?;
            let open = letters.into_iter().filter(|letter| letter.document.replayed_at.is_none());
            let mut count = 0;
            for letter in open {
                replay(&stack, &store, letter).await?;
                count += 1;
            }
            if count == 0 {
                say("there is nothing to send again");
            }
            Ok(())
        }
    }
}

fn unavailable(error: StoreError) -> Failure {
    Failure::unavailable(chain(&error))
}

async fn find(store: &Store, id: String) -> Result<Stored<DeadLetter>, Failure> {
    let found = store.get::<DeadLetter>(&LetterId::new(&id)).await.map_err(unavailable)?;
    found.ok_or_else(|| {
        Failure::data(format!("there is no dead letter `{id}`")).next("See `mesh letters`.")
    })
}

/// Reads letters, the newest first.
async fn all(store: &Store) -> Result<Vec<Stored<DeadLetter>>, Failure> {
    let mut letters = Vec::new();
    let mut after = None;
    loop {
        let query = Query::<DeadLetter>::all().order_by("buried_at", Direction::Descending);
        let page = store.list(&query.after(after)).await.map_err(unavailable)?;
        page.unreadable.iter().for_each(tell);
        letters.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(letters);
        }
        if letters.len() >= LETTERS_MAX {
            tell(format!("only the newest {LETTERS_MAX} letters are looked at"));
            letters.truncate(LETTERS_MAX);
            return Ok(letters);
        }
    }
}

async fn list(store: &Store) -> Result<(), Failure> {
    let letters = all(store).await?;
    if letters.is_empty() {
        say("there are no dead letters");
        return Ok(());
    }
    say(format!("{:32}  {:20}  {:36}  {}", "ID", "BURIED", "FUNCTION / TRIGGER", "REASON"));
    for Stored { id, document: letter, .. } in &letters {
        let buried = letter.buried_at.strftime("%Y-%m-%dT%H:%M:%SZ");
        let to = format!("{} / {}", letter.function, letter.trigger);
        let again = if letter.replayed_at.is_some() { " (sent again)" } else { "" };
        say(format!(
            "{:32}  {buried}  {to:36}  {}: {}{again}",
            id.as_str(),
            letter.code,
            letter.reason
        ));
    }
    Ok(())
}

async fn show(store: &Store, letter: &Stored<DeadLetter>) -> Result<(), Failure> {
    let body = body(store, letter).await?;
    let document = &letter.document;
    say(format!("letter    {}", letter.id));
    say(format!("for       {} / {}", document.function, document.trigger));
    say(format!("event     {}", document.event));
    say(format!("buried    {}", document.buried_at));
    if let Some(replayed) = document.replayed_at {
        say(format!("replayed  {replayed}"));
    }
    say(format!("reason    {}: {}", document.code, document.reason));
    for (name, value) in &document.headers {
        say(format!("header    {name}: {value}"));
    }
    match std::str::from_utf8(&body) {
        Ok(text) => say(format!("body      {} bytes\n{text}", body.len())),
        Err(_) => say(format!("body      {} bytes, not text", body.len())),
    }
    Ok(())
}

/// Puts the body of a letter together.
async fn body(store: &Store, letter: &Stored<DeadLetter>) -> Result<Vec<u8>, Failure> {
    let broken = |what: &str| Failure::data(format!("the dead letter `{}` {what}", letter.id));
    let mut body = Vec::new();
    for index in 0..letter.document.body_parts {
        let id = LetterPartId { letter: letter.id.clone(), index };
        let part = store.get::<LetterPart>(&id).await.map_err(unavailable)?;
        let part = part.ok_or_else(|| broken("has lost a part of its body"))?;
        let bytes = BASE64_STANDARD.decode(&part.document.data);
        body.extend(bytes.map_err(|_| broken("has a part that is not Base64"))?);
    }
    match body.len() as u64 == letter.document.body_bytes {
        true => Ok(body),
        false => Err(broken("does not have the length that it says")),
    }
}

/// Sends a letter again, then writes that down.
///
/// In this order: a letter that is marked was sent. One that is sent twice has
/// its effect once, because its event keeps its id.
async fn replay(stack: &Stack, store: &Store, letter: Stored<DeadLetter>) -> Result<(), Failure> {
    let body = body(store, &letter).await?;
    let event = json!({
        "function": letter.document.function,
        "trigger": letter.document.trigger,
        "headers": letter.document.headers,
        "body": BASE64_STANDARD.encode(body),
    });
    Admin::of(stack)?.send(event).await?;
    let now = Timestamp::now().into();
    let cause = &Cause {
        actor: local_actor(&stack.project),
        correlation: CorrelationId::new(uuid::Uuid::now_v7().to_string()),
        time: now,
        event: None,
    };
    let id = &letter.id;
    let mark = |tx: store::Transaction| async move {
        if let Some(found) = tx.get::<DeadLetter>(id).await? {
            let marked = DeadLetter { replayed_at: Some(now), ..found.document };
            tx.put(id, &marked, "dead_letter.replayed", "replayed by `mesh letters`").await?;
        }
        Ok::<_, StoreError>(())
    };
    store.transact(cause, mark).await.map_err(unavailable)?;
    say(format!("sent `{id}` to `{}` again", letter.document.function));
    Ok(())
}
