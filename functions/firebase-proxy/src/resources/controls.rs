//! What may be done now, and who knows of it.

use axum::{Json, extract::State};
use function::{Caller, HttpError, Id, Item, PageQuery, Paged, UrlQuery};
use model::{
    AckId, ControlName, InstanceId, Permission, Timestamp,
    control::{Ack, Control, Instance},
};
use serde::Serialize;
use store::{Query, Stored};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Context,
    documents::{self, Versioned},
};

pub(super) fn routes() -> OpenApiRouter<Context> {
    OpenApiRouter::new()
        .routes(routes!(list_controls))
        .routes(routes!(read_control))
        .routes(routes!(control_applied))
}

/// Lists every control that was ever restricted, in the order of their ids.
#[utoipa::path(get, path = "/api/v1/controls", params(PageQuery), tag = "controls",
    responses((status = 200, body = Paged<Control>)))]
async fn list_controls(
    State(ctx): State<Context>,
    caller: Caller,
    UrlQuery(page): UrlQuery<PageQuery>,
) -> Result<Json<Paged<Control>>, HttpError> {
    documents::list(&ctx, &caller, Permission::ControlsRead, &page, Query::all()).await
}

/// Shows a control.
#[utoipa::path(get, path = "/api/v1/controls/{control}", params(("control" = ControlName, Path)), tag = "controls",
    responses((status = 200, body = Item<Control>, headers(("etag" = String)))))]
async fn read_control(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ControlName>,
) -> Result<Versioned<Control>, HttpError> {
    documents::get(&ctx, &caller, Permission::ControlsRead, &id).await
}

/// Which running instances apply a control as it is.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Applied {
    /// The version that the control has.
    epoch: u64,
    /// How many instances apply it.
    applied: usize,
    /// How many run.
    running: usize,
    /// Those that run and do not apply it.
    missing: Vec<Missing>,
}

/// An instance that does not apply a control as it is.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Missing {
    /// The instance.
    instance: InstanceId,
    /// Its function.
    function: String,
    /// The version that it applies, if any.
    epoch: Option<u64>,
    /// Why it refuses the version and does nothing instead, if it does.
    refused: Option<String>,
}

/// Says which running instances apply a control as it is.
#[utoipa::path(get, path = "/api/v1/controls/{control}/applied",
    params(("control" = ControlName, Path)), tag = "controls",
    responses((status = 200, body = Applied)))]
async fn control_applied(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ControlName>,
) -> Result<Json<Applied>, HttpError> {
    caller.require(Permission::ControlsRead)?;
    let control = documents::found::<Control>(&ctx, &id).await?.document;
    let (mut instances, mut after) = (Vec::new(), None);
    // Instances that ended are forgotten after a week.
    for _ in 0..PAGES_MAX {
        let page = ctx.store.list(&Query::<Instance>::all().after(after)).await?;
        instances.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let now = Timestamp::from(jiff::Timestamp::now());
    instances.retain(|stored| stored.document.runs_at(now));
    let mut acks = Vec::with_capacity(instances.len());
    for instance in &instances {
        let ack = AckId { control: id.clone(), instance: instance.id.clone() };
        acks.push(ctx.store.get::<Ack>(&ack).await?.map(|stored| stored.document));
    }
    Ok(Json(applied(control.epoch, instances.into_iter().zip(acks))))
}

/// Instances that are looked at, 300 a page: more than run, and ran within a week.
const PAGES_MAX: usize = 20;

fn applied(epoch: u64, running: impl Iterator<Item = (Stored<Instance>, Option<Ack>)>) -> Applied {
    let mut found = Applied { epoch, applied: 0, running: 0, missing: Vec::new() };
    for (instance, ack) in running {
        found.running += 1;
        match ack {
            Some(ack) if ack.epoch >= epoch && ack.refused.is_none() => found.applied += 1,
            ack => found.missing.push(Missing {
                instance: instance.id,
                function: instance.document.function,
                epoch: ack.as_ref().map(|ack| ack.epoch),
                refused: ack.and_then(|ack| ack.refused),
            }),
        }
    }
    found
}
