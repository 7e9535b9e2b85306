//! `mesh letters`: what could not be delivered, and trying it again.

use bus::Bus;
use clap::Subcommand;
use function::{letter_body, request_replay};
use jiff::Timestamp;
use model::{
    CorrelationId, LetterId,
    dead_letter::{DeadLetter, ReplayState},
};
use store::{Cause, Direction, Query, Store, StoreError, Stored};
use telemetry::TraceContext;

use super::place::{Place, store};
use crate::{
    estate::load::local_actor,
    failure::{Failure, chain},
    stack::Stack,
    terminal::{say, tell},
};

/// How many letters one command looks at; more are an incident, not a list.
const LETTERS_MAX: usize = 1000;

/// Shows dead letters, and asks for them to be handled again
///
/// A dead letter is a delivery that was accepted and could not be processed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mesh letters                   list them, the newest first
  mesh letters show ID           why it could not be processed, and what it holds
  mesh letters replay ID         ask its function to handle it again
  mesh letters replay --all      the same for all that nobody asked for yet")]
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
    /// Asks functions to handle their dead letters again
    Replay {
        /// The letter
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        /// All letters that nobody asked for yet
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
            let open = letters.into_iter().filter(|letter| letter.document.replay.is_none());
            let mut count = 0;
            for letter in open {
                replay(&stack, &store, letter).await?;
                count += 1;
            }
            if count == 0 {
                say("there is nothing to replay");
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
        let again = letter.replay.as_ref().map(|replay| state(replay.state));
        let again = again.map(|state| format!(" (replay {state})")).unwrap_or_default();
        say(format!(
            "{:32}  {buried}  {to:36}  {}: {}{again}",
            id.as_str(),
            letter.code,
            letter.reason
        ));
    }
    Ok(())
}

fn state(state: ReplayState) -> &'static str {
    match state {
        ReplayState::Requested => "requested",
        ReplayState::Done => "done",
        ReplayState::Failed => "failed",
    }
}

async fn show(store: &Store, letter: &Stored<DeadLetter>) -> Result<(), Failure> {
    let body = letter_body(store, &letter.id, &letter.document).await;
    let body = body.map_err(|error| Failure::data(chain(&error)))?;
    let document = &letter.document;
    say(format!("letter    {}", letter.id));
    say(format!("for       {} / {}", document.function, document.trigger));
    say(format!("event     {}", document.event));
    say(format!("buried    {}", document.buried_at));
    if let Some(replay) = &document.replay {
        let failure = replay.failure.as_deref().unwrap_or_default();
        let state = state(replay.state);
        say(format!("replay    {state}, asked for {} {failure}", replay.requested_at));
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

/// Asks the letter's function to handle it again.
async fn replay(stack: &Stack, store: &Store, letter: Stored<DeadLetter>) -> Result<(), Failure> {
    let cause = &Cause {
        actor: local_actor(&stack.project),
        correlation: CorrelationId::new(uuid::Uuid::now_v7().to_string()),
        traceparent: Some(TraceContext::random().traceparent()),
        time: Timestamp::now().into(),
        event: None,
    };
    let pubsub = format!("127.0.0.1:{}", stack.pubsub_port());
    let bus = Bus::connect_lazily(bus::Settings::new(&stack.project, Some(pubsub)));
    let asked = request_replay(store, &bus, cause, &letter.id, "asked for by `mesh letters`");
    asked.await.map_err(|error| Failure::data(chain(&error)))?;
    let (id, function) = (&letter.id, &letter.document.function);
    say(format!("asked `{function}` to handle `{id}` again; see `mesh letters show {id}`"));
    Ok(())
}
