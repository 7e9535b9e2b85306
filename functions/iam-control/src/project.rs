//! From a person's document to their account.
//!
//! The document is the truth. Whoever changes it does not touch the account: the trigger
//! does, and the sweep does it again, so that a crash in between heals.

use jiff::Timestamp;
use model::{
    Uid,
    access::{User, api::Password},
};
use problem::{Code, Coded};
use store::Stored;
use tracing::{info, warn};

use crate::{
    Context, IamError,
    account::{Account, Step, decide},
    identity_toolkit::ToolkitError,
};

/// How often the document is read again because it changed while its account was written.
/// After that the next event, or the sweep, brings what is new.
const ROUNDS_MAX: usize = 3;

/// Makes a person's account what their document says.
///
/// # Errors
/// When the document or the account cannot be read or written.
pub(crate) async fn project(ctx: &Context, uid: &Uid) -> Result<(), IamError> {
    let mut stored = ctx.store.get::<User>(uid).await?;
    for _ in 0..ROUNDS_MAX {
        let present = ctx.accounts.lookup(std::slice::from_ref(uid)).await?;
        carry_out(ctx, uid, stored.as_ref(), present.first()).await?;
        // Another change, projected by another instance before ours arrived, would be undone.
        let again = ctx.store.get::<User>(uid).await?;
        let version = |stored: &Option<Stored<User>>| stored.as_ref().map(|s| s.updated_at);
        if version(&again) == version(&stored) {
            break;
        }
        stored = again;
    }
    Ok(())
}

/// Does what is to be done to one account.
async fn carry_out(
    ctx: &Context,
    uid: &Uid,
    stored: Option<&Stored<User>>,
    present: Option<&Account>,
) -> Result<(), IamError> {
    let now = Timestamp::now().into();
    let wanted = stored.map(|stored| Account::of(uid, &stored.document, now));
    let update = match decide(wanted, present) {
        Step::Stay => return Ok(()),
        Step::Update(update) => update,
        Step::Create(account) => {
            create(ctx, &account).await?;
            let present = ctx.accounts.lookup(std::slice::from_ref(uid)).await?;
            match decide(Some(account), present.first()) {
                Step::Update(update) => update,
                Step::Stay | Step::Create(_) => return Ok(()),
            }
        }
    };
    ctx.accounts.update(uid, &update).await?;
    info!(
        person = %uid, claims = update.claims.is_some(), disabled = update.disabled,
        "the account of `{uid}` follows its document"
    );
    Ok(())
}

/// Creates an account; another delivery may have been faster.
async fn create(ctx: &Context, account: &Account) -> Result<(), ToolkitError> {
    match ctx.accounts.create(account).await {
        Err(error) if error.code() == Code::AlreadyExists => {
            let found = ctx.accounts.lookup(std::slice::from_ref(&account.uid)).await?;
            if found.is_empty() {
                // Another account has the address; only people can say whose it is.
                warn!(person = %account.uid, "another account has the address of `{}`", account.uid);
                return Err(ToolkitError::Refused {
                    action: "create an account",
                    reason: "EMAIL_EXISTS".to_owned(),
                    code: Code::FailedPrecondition,
                });
            }
            Ok(())
        }
        other => other,
    }
}

/// Sets the password of somebody who accepts their invitation, whose account may not be
/// there yet.
///
/// # Errors
/// When the account cannot be written.
pub(crate) async fn set_password(
    ctx: &Context,
    uid: &Uid,
    user: &User,
    password: &Password,
) -> Result<(), IamError> {
    let present = ctx.accounts.lookup(std::slice::from_ref(uid)).await?;
    if present.is_empty() {
        create(ctx, &Account::of(uid, user, Timestamp::now().into())).await?;
    }
    Ok(ctx.accounts.set_password(uid, password).await?)
}
