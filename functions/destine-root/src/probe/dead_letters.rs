//! Few dead letters wait.

use model::{
    check::DeadLettersProbe,
    dead_letter::{DeadLetter, ReplayState},
};
use store::{Direction, Query, Store, StoreError};

use super::Answer;

/// How many letters are looked at, newest first: those that were replayed stay among
/// them, and a check must not read the history of years.
const LETTERS_MAX: usize = 3000;

pub(super) async fn read(store: &Store, probe: &DeadLettersProbe) -> Answer {
    match count(store, probe).await {
        Ok((waiting, more)) if waiting > u64::from(probe.depth_max) => {
            let more = if more { "at least " } else { "" };
            Answer::bad(format!("{more}{waiting} dead letters wait"))
        }
        Ok((waiting, _)) => Answer::good(format!("{waiting} dead letters wait")),
        Err(error) => Answer::unread(&error),
    }
}

/// Counts letters that wait, up to one more than may; tells whether there may be more.
async fn count(store: &Store, probe: &DeadLettersProbe) -> Result<(u64, bool), StoreError> {
    let (mut waiting, mut seen, mut next) = (0, 0, None);
    loop {
        let query =
            Query::<DeadLetter>::all().order_by("buried_at", Direction::Descending).after(next);
        let page = store.list(&query).await?;
        seen += page.items.len();
        // A letter that cannot be read waits too.
        waiting += page.unreadable.len() as u64;
        for letter in page.items {
            waiting += u64::from(waits(&letter.document, probe.function.as_deref()));
            if waiting > probe.depth_max.into() {
                return Ok((waiting, true));
            }
        }
        next = page.next;
        if next.is_none() || seen >= LETTERS_MAX {
            return Ok((waiting, next.is_some()));
        }
    }
}

fn waits(letter: &DeadLetter, function: Option<&str>) -> bool {
    let done = letter.replay.as_ref().is_some_and(|replay| replay.state == ReplayState::Done);
    !done && function.is_none_or(|function| letter.function == function)
}
