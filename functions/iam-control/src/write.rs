//! Changes of people, with what has to be looked at in the same transaction.

use function::IfMatch;
use model::{
    Role, Uid,
    access::{User, grant::Grant, grant::GrantState},
};
use store::{Cause, PAGE_SIZE_MAX, Query, Stored, Transaction};

use crate::{Context, IamError, Refusal, people::OtherOwners, people::is_owner};

/// What a person becomes, or that they stay as they are.
pub(crate) type Decided = Result<Option<User>, Refusal>;

/// Changes a person, unless somebody changed them since the version that was asked for.
///
/// # Errors
/// When the change is refused, or documents cannot be read or written.
pub(crate) async fn person(
    ctx: &Context,
    cause: &Cause,
    uid: &Uid,
    version: Option<&IfMatch>,
    (action, reason): (&str, &str),
    decide: impl Fn(&User, OtherOwners) -> Decided,
) -> Result<(), IamError> {
    let present = ctx.store.get::<User>(uid).await?;
    let _turn = match present.is_some_and(|stored| is_owner(&stored.document)) {
        true => Some(ctx.letting_go.lock().await),
        false => None,
    };
    let decide = &decide;
    ctx.store
        .transact(cause, |tx| async move {
            let stored = found(&tx, uid).await?;
            if version.is_some_and(|version| version.check(stored.updated_at).is_err()) {
                return Err(IamError::ChangedMeanwhile);
            }
            let others = match is_owner(&stored.document) {
                true => OtherOwners(owners(&tx).await?.iter().filter(|o| *o != uid).count()),
                // Nobody looks at the others of who is none.
                false => OtherOwners(1),
            };
            if let Some(user) = decide(&stored.document, others)? {
                tx.put(uid, &user, action, reason).await?;
            }
            Ok(())
        })
        .await
}

/// Reads a person who must be there.
pub(crate) async fn found(tx: &Transaction, uid: &Uid) -> Result<Stored<User>, IamError> {
    let stored = tx.get::<User>(uid).await?;
    stored.ok_or_else(|| IamError::Missing { what: "person", id: uid.to_string() })
}

/// Lists the owners who may come in, as they were before the transaction's own writes. The
/// transaction holds them, so that of two that let go of an owner one comes after the other.
pub(crate) async fn owners(tx: &Transaction) -> Result<Vec<Uid>, IamError> {
    // One page: beyond that many owners, nobody is the last one.
    let query = Query::<User>::all().contains("roles", Role::Owner).page_size(PAGE_SIZE_MAX);
    let page = tx.list(&query).await?;
    let owners = page.items.into_iter().filter(|stored| is_owner(&stored.document));
    Ok(owners.map(|stored| stored.id).collect())
}

/// Lists what a person has asked for and nobody has answered.
pub(crate) async fn pending(tx: &Transaction, uid: &Uid) -> Result<Vec<Grant>, IamError> {
    // One page: a person can wait for each role once.
    let query = Query::<Grant>::all()
        .equals("person", uid)
        .equals("state", GrantState::Requested)
        .page_size(PAGE_SIZE_MAX);
    let page = tx.list(&query).await?;
    Ok(page.items.into_iter().map(|stored| stored.document).collect())
}
