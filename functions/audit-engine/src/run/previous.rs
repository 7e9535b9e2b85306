//! The run before.

use model::{
    AuditId, Timestamp,
    audit::{Audit, AuditState, Scope},
};
use store::{Direction, Query};

use crate::{AuditError, Context};

/// Returns the newest run of a scope that ended and is of an earlier instant. Only a page of
/// runs is looked through: what is older compares with nothing any more.
pub(super) async fn of(
    ctx: &Context,
    scope: &Scope,
    as_of: Timestamp,
) -> Result<Option<AuditId>, AuditError> {
    let newest = Query::<Audit>::all().order_by("as_of", Direction::Descending);
    let page = ctx.store.list(&newest).await?;
    let before = page.items.into_iter().find(|stored| {
        let audit = &stored.document;
        audit.state == AuditState::Completed && audit.as_of < as_of && audit.scope == *scope
    });
    Ok(before.map(|stored| stored.id))
}
