//! Comparing accounts with documents, a part of all people at a time.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use model::{
    ClaimsPassId, Uid,
    access::{ClaimsPass, User},
};
use store::{Cause, PageToken, Query, StoreError};
use tracing::{error, info};

use crate::{
    Context, IamError,
    account::{self, Account, Step},
    identity_toolkit::LOOKUP_MAX,
    project, second_factor,
};

/// How many parts of 100 people one sweep compares; with more people than that, everybody's
/// turn comes every few minutes.
const PARTS_MAX: usize = 10;
/// How long it is remembered where the pass was. After that it begins anew.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Compares the accounts of the next people with their documents, and repairs what differs;
/// before, it has the documents say what second factor is demanded.
///
/// # Errors
/// When documents or accounts cannot be read. An account that cannot be repaired is named in
/// the log and does not stop the others.
pub(crate) async fn compare(ctx: &Context, cause: &Cause) -> Result<(), IamError> {
    let pass = ClaimsPassId::only();
    let begun = ctx.store.get::<ClaimsPass>(&pass).await?;
    let begun = begun.and_then(|stored| stored.document.next);
    let mut next = begun.clone().map(PageToken::new);
    let mut repaired = 0;
    for _ in 0..PARTS_MAX {
        let query = Query::<User>::all().page_size(LOOKUP_MAX as u32).after(next.take());
        let page = match ctx.store.list(&query).await {
            Ok(page) => page,
            // What was remembered is from another version of the list: begin anew.
            Err(StoreError::InvalidPageToken) => break,
            Err(error) => return Err(error.into()),
        };
        let uids: Vec<Uid> = page.items.iter().map(|stored| stored.id.clone()).collect();
        let accounts = ctx.accounts.lookup(&uids).await?;
        let accounts: HashMap<_, _> =
            accounts.into_iter().map(|account| (account.uid.clone(), account)).collect();
        for stored in &page.items {
            if second_factor::demand(&stored.document, &ctx.second_factor_for).is_some() {
                super::go_on(second_factor::follow(ctx, cause, &stored.id).await)?;
            }
            let wanted = Account::of(&stored.id, &stored.document, Timestamp::now().into());
            if account::decide(Some(wanted), accounts.get(&stored.id)) == Step::Stay {
                continue;
            }
            // Both are read again: they may have changed since the lists were made.
            match project::project(ctx, &stored.id).await {
                Ok(()) => repaired += 1,
                Err(error) => error!(%error, person = %stored.id, "cannot repair an account"),
            }
        }
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    if repaired > 0 {
        info!(repaired, "repaired {repaired} accounts that were not as their documents");
    }
    let next = next.map(|token| token.as_str().to_owned());
    // Where everybody has their turn in each sweep there is nothing to remember.
    if next != begun {
        let expires_at = model::Timestamp::from(Timestamp::now()).plus(REMEMBERED);
        ctx.store.measure(&pass, &ClaimsPass { next, expires_at }).await?;
    }
    Ok(())
}
