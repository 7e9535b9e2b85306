//! Carrying out a review that closes, part by part.

use std::collections::BTreeMap;

use model::{
    ReviewId, Role,
    access::{User, review::AccessReview, review::ReviewState},
};
use store::{Cause, Transaction};
use tracing::info;

use crate::{
    Context, IamError,
    people::{OtherOwners, is_owner},
    reviews, write,
};

/// Items in one transaction: each writes at most a person and a record, far below what a
/// transaction may write.
const ITEMS_PER_PART: usize = 50;
/// As many parts as the largest review has, and one for a crash in between.
const PARTS_MAX: usize = reviews::ITEMS_MAX / ITEMS_PER_PART + 1;

/// Carries out what a review's answers say, to its end. One that was interrupted goes on
/// where it stopped.
///
/// # Errors
/// When documents cannot be read or written.
pub(crate) async fn close(
    ctx: &Context,
    cause: &Cause,
    id: &ReviewId,
    reason: &str,
) -> Result<(), IamError> {
    for _ in 0..PARTS_MAX {
        let closed =
            ctx.store.transact(cause, |tx| async move { part(&tx, id, reason).await }).await?;
        if closed {
            break;
        }
    }
    Ok(())
}

/// Carries out one part; tells whether the review is closed.
async fn part(tx: &Transaction, id: &ReviewId, reason: &str) -> Result<bool, IamError> {
    let stored = tx.get::<AccessReview>(id).await?;
    let missing = || IamError::Missing { what: "access review", id: id.to_string() };
    let review = stored.ok_or_else(missing)?.document;
    if review.state == ReviewState::Closed {
        return Ok(true);
    }
    let keys = reviews::open_items(&review, ITEMS_PER_PART);
    let items: Vec<_> = keys.iter().filter_map(|key| Some((key, review.items.get(key)?))).collect();
    let asks_owners = items.iter().any(|(_, item)| item.role == Role::Owner);
    // Those who are let go in this part leave the list.
    let mut owners = if asks_owners { write::owners(tx).await? } else { Vec::new() };
    let mut outcomes = BTreeMap::new();
    for (key, item) in items {
        let user = tx.get::<User>(&item.person).await?.map(|stored| stored.document);
        let others = OtherOwners(owners.iter().filter(|owner| **owner != item.person).count());
        let (outcome, changed) = reviews::carry_out(item, user.as_ref(), others);
        if let Some(user) = changed {
            let words = format!("`{}` removed by the review `{}`", item.role, review.title);
            tx.put(&item.person, &user, "user.reviewed", &words).await?;
            owners.retain(|owner| *owner != item.person || is_owner(&user));
        }
        outcomes.insert(key.clone(), outcome);
    }
    let review = reviews::carried_out(&review, &outcomes);
    let closed = review.state == ReviewState::Closed;
    let action = if closed { "access-review.closed" } else { "access-review.closing" };
    let words =
        if closed { format!("{reason}: {}", reviews::summary(&review)) } else { reason.into() };
    tx.put(id, &review, action, &words).await?;
    if closed {
        info!(review = %id, "{}", reviews::summary(&review));
    }
    Ok(closed)
}
