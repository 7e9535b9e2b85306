//! Reading what questions are answered from, within bounds.

use jiff::Timestamp;
use model::{
    Document,
    access::{User, decision_log::DecisionTally, grant::Grant, grant::GrantState},
};
use store::{Direction, Query, Stored};

use super::{Directory, History, LOOKS_BACK};
use crate::{Context, IamError};

/// How many people one answer takes into account, and how many are remembered elsewhere.
const PEOPLE_MAX: usize = 10_000;
/// How many active elevations: ten for each of as many people.
const GRANTS_MAX: usize = 100_000;
/// How many tallies: those of a hundred people, of six functions and 90 days, on one
/// instance each. Reading them takes half of a request's time.
const TALLIES_MAX: usize = 60_000;

/// Reads everybody and the active elevations.
///
/// # Errors
/// When there are more than the bounds, or documents cannot be read.
pub(crate) async fn directory(ctx: &Context) -> Result<Directory, IamError> {
    let people = Query::<User>::all();
    let people = bounded(ctx, people, "people", PEOPLE_MAX, |_| true).await?;
    let active = Query::<Grant>::all().equals("state", GrantState::Active);
    let grants = bounded(ctx, active, "elevations", GRANTS_MAX, |_| true).await?;
    Ok(Directory::new(
        people.into_iter().map(|stored| (stored.id, stored.document)),
        grants.into_iter().map(|stored| (stored.id, stored.document)),
    ))
}

/// Reads the decisions of the last 90 days, newest first.
///
/// # Errors
/// As [`directory`].
pub(crate) async fn history(ctx: &Context) -> Result<History, IamError> {
    let now = Timestamp::now().into();
    let newest = Query::<DecisionTally>::all().order_by("day", Direction::Descending);
    let first = model::Timestamp::plus(now, -LOOKS_BACK);
    let recent = |tally: &DecisionTally| tally.day >= first;
    let tallies = bounded(ctx, newest, "tallies of decisions", TALLIES_MAX, recent).await?;
    let mut history = History::default();
    for stored in &tallies {
        history.add(&stored.document, now);
    }
    Ok(history)
}

/// Reads a list up to the first document that is not wanted any more.
async fn bounded<D: Document>(
    ctx: &Context,
    mut query: Query<D>,
    what: &'static str,
    max: usize,
    wanted: impl Fn(&D) -> bool,
) -> Result<Vec<Stored<D>>, IamError> {
    let mut all = Vec::new();
    loop {
        let page = ctx.store.list(&query).await?;
        // An answer that leaves somebody out would be a wrong one.
        if let Some(unreadable) = page.unreadable.into_iter().next() {
            return Err(IamError::Unreadable(unreadable));
        }
        let ends = page.items.last().is_some_and(|stored| !wanted(&stored.document));
        all.extend(page.items.into_iter().filter(|stored| wanted(&stored.document)));
        if all.len() > max {
            return Err(IamError::TooMany { what, max });
        }
        if page.next.is_none() || ends {
            return Ok(all);
        }
        query = query.after(page.next);
    }
}
