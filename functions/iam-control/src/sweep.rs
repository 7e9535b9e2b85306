//! What happens because time passes.
//!
//! Nothing that is decided waits for it: an elevation, an invitation and a review are over
//! at their instant. The sweep writes down that they are.

mod accounts;
mod appoint;
mod review;

use function::Event;
use model::{
    Document, GrantId,
    access::{
        User, UserState,
        grant::{Grant, GrantState},
        review::{AccessReview, ReviewState},
    },
};
use problem::{Coded, Redelivery};
pub(crate) use review::close;
use store::{Cause, Query, Stored};
use tracing::{error, info};

use crate::{Context, IamError, grants, invitation, reviews, write};

/// How many pages of each kind one sweep reads, at 300 documents each; what there is more
/// comes the next minute, when these are no longer in the list.
const PAGES_MAX: usize = 10;

/// Tidies up what is over at the time of an event.
///
/// # Errors
/// When documents or accounts cannot be read or written.
pub(crate) async fn sweep(ctx: &Context, event: &Event) -> Result<(), IamError> {
    let cause = &event.cause();
    elevations(ctx, cause).await?;
    requests(ctx, cause).await?;
    invitations(ctx, cause).await?;
    for state in [ReviewState::Open, ReviewState::Closing] {
        let query = Query::<AccessReview>::all().equals("state", state);
        for stored in listed(ctx, query).await? {
            if reviews::is_due(&stored.document, cause.time) {
                go_on(close(ctx, cause, &stored.id, "its time is over").await)?;
            }
        }
    }
    go_on(appoint::appoint(ctx, cause).await)?;
    accounts::compare(ctx, cause).await
}

async fn elevations(ctx: &Context, cause: &Cause) -> Result<(), IamError> {
    let active = Query::<Grant>::all().equals("state", GrantState::Active);
    for stored in listed(ctx, active).await? {
        if grants::over(&stored.document, cause.time).is_some() {
            go_on(expire(ctx, cause, &stored.id).await)?;
        }
    }
    Ok(())
}

async fn expire(ctx: &Context, cause: &Cause, id: &GrantId) -> Result<(), IamError> {
    ctx.store
        .transact(cause, |tx| async move {
            let Some(stored) = tx.get::<Grant>(id).await? else { return Ok(()) };
            let grant = stored.document;
            let Some(user) = tx.get::<User>(&grant.person).await? else {
                // Nobody has it any more.
                if let Some(over) = grants::over(&grant, cause.time) {
                    tx.put(id, &over, "grant.expired", "its person is gone").await?;
                }
                return Ok(());
            };
            let user = user.document;
            if let Some(both) = grants::expire(&grant, &user, cause.time) {
                tx.put(id, &both.grant, "grant.expired", "its time is over").await?;
                let reason = format!("the elevation to `{}` is over", grant.role);
                tx.put(&grant.person, &both.user, "user.lowered", &reason).await?;
                info!(grant = %id, person = %grant.person, "the elevation `{id}` is over");
            }
            Ok(())
        })
        .await
}

async fn requests(ctx: &Context, cause: &Cause) -> Result<(), IamError> {
    let waiting = Query::<Grant>::all().equals("state", GrantState::Requested);
    for stored in listed(ctx, waiting).await? {
        if grants::unanswered(&stored.document, cause.time).is_none() {
            continue;
        }
        let id = &stored.id;
        let written = ctx
            .store
            .transact(cause, |tx| async move {
                let Some(stored) = tx.get::<Grant>(id).await? else { return Ok(()) };
                if let Some(withdrawn) = grants::unanswered(&stored.document, cause.time) {
                    let reason = "nobody answered within 24 h";
                    tx.put(id, &withdrawn, "grant.withdrawn", reason).await?;
                }
                Ok::<_, IamError>(())
            })
            .await;
        go_on(written)?;
    }
    Ok(())
}

async fn invitations(ctx: &Context, cause: &Cause) -> Result<(), IamError> {
    let invited = Query::<User>::all().equals("state", UserState::Invited);
    for stored in listed(ctx, invited).await? {
        if invitation::expire(&stored.document, cause.time).is_none() {
            continue;
        }
        let id = &stored.id;
        let written = ctx
            .store
            .transact(cause, |tx| async move {
                let user = write::found(&tx, id).await?.document;
                let still = user.state == UserState::Invited;
                if let Some(expired) = invitation::expire(&user, cause.time).filter(|_| still) {
                    let reason = "nobody accepted within 72 h";
                    tx.put(id, &expired, "invitation.expired", reason).await?;
                }
                Ok::<_, IamError>(())
            })
            .await;
        go_on(written)?;
    }
    Ok(())
}

/// Goes on after what trying again cannot help, which is named in the log: one document that
/// is wrong does not keep the others from being looked at.
fn go_on(result: Result<(), IamError>) -> Result<(), IamError> {
    match result {
        Err(failure) if failure.code().redelivery() != Redelivery::Again => {
            error!(
                event_name = "sweep-incomplete",
                %failure,
                "the sweep leaves something out: {failure}"
            );
            Ok(())
        }
        other => other,
    }
}

/// Reads the first pages of a list. A document that cannot be read is named in the log and
/// stops nothing else.
async fn listed<D: Document>(
    ctx: &Context,
    mut query: Query<D>,
) -> Result<Vec<Stored<D>>, IamError> {
    let mut all = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = ctx.store.list(&query).await?;
        for unreadable in page.unreadable {
            error!(event_name = "sweep-incomplete", "the sweep leaves out {unreadable}");
        }
        all.extend(page.items);
        if page.next.is_none() {
            break;
        }
        query = query.after(page.next);
    }
    Ok(all)
}
