//! Appointing the first owner, as soon as they have verified their address.

use model::{Role, Uid, access::User};
use store::{Cause, Page, Query, Transaction};
use tracing::{info, warn};

use crate::{
    Context, IamError,
    first_owner::{FirstOwner, Waiting},
};

/// Makes the holder of the first owner's address owner, when nobody is.
///
/// # Errors
/// When documents or accounts cannot be read or written.
pub(super) async fn appoint(ctx: &Context, cause: &Cause) -> Result<(), IamError> {
    let Some(first) = &ctx.first_owner else { return Ok(()) };
    if has_any(&ctx.store.list(&owners()).await?) {
        return Ok(());
    }
    let found = ctx.accounts.lookup_address(first.address()).await?;
    let (uid, user) = match first.appoint(&found, cause.time) {
        Ok(appointed) => appointed,
        Err(waiting) => {
            info!("there is no owner yet: {waiting}");
            return Ok(());
        }
    };
    let user = User { second_factor_for: ctx.second_factor_for.clone(), ..user };
    let (uid, user) = (&uid, &user);
    let appointed =
        ctx.store.transact(cause, |tx| async move { once(&tx, first, uid, user).await }).await?;
    match appointed {
        Ok(true) => {
            info!(event_name = "owner-appointed", person = %uid, "`{uid}` is the first owner");
        }
        // Another sweep was faster.
        Ok(false) => {}
        Err(waiting) => warn!(person = %uid, "there is no owner yet: {waiting}"),
    }
    Ok(())
}

/// Writes the first owner, unless there is an owner; tells whether it did.
async fn once(
    tx: &Transaction,
    first: &FirstOwner,
    uid: &Uid,
    user: &User,
) -> Result<Result<bool, Waiting>, IamError> {
    if has_any(&tx.list(&owners()).await?) {
        return Ok(Ok(false));
    }
    let same = Query::<User>::all().equals("email", first.address()).page_size(1);
    if tx.get::<User>(uid).await?.is_some() || has_any(&tx.list(&same).await?) {
        return Ok(Err(Waiting::Person));
    }
    let reason =
        "`FIRST_OWNER_EMAIL` names the verified address of the account, and nobody is owner";
    tx.create(uid, user, "person.appointed", reason).await?;
    Ok(Ok(true))
}

/// Everybody with the standing role owner, whether they may come in or not.
fn owners() -> Query<User> {
    Query::all().contains("roles", Role::Owner).page_size(1)
}

/// Tells whether a list finds anybody. A document that cannot be read is somebody.
fn has_any(page: &Page<User>) -> bool {
    !page.items.is_empty() || !page.unreadable.is_empty()
}
