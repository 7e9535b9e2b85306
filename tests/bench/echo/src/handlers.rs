//! What is done with an order; the peers do the same.

use axum::Json;
use function::{Change, Push, Valid};
use garde::Validate;
use problem::{Code, Failure};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::order::Order;

/// What an order comes to.
#[derive(Debug, Serialize, ToSchema)]
struct Receipt {
    id: String,
    items: usize,
    total_cents: u64,
}

/// Returns the routes, with their description.
pub(crate) fn routes() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(order))
}

/// Answers what an order comes to.
#[utoipa::path(post, path = "/order", request_body = Order,
    responses((status = 200, body = Receipt)))]
async fn order(Valid(order): Valid<Order>) -> Json<Receipt> {
    let total_cents = order.total_cents();
    Json(Receipt { items: order.items.len(), total_cents, id: order.id })
}

/// Takes an order that was published.
pub(crate) async fn order_placed((): (), push: Push<Order>) -> Result<(), Failure> {
    accept(&push.message)
}

/// Takes an order that was written to Firestore.
pub(crate) async fn order_written((): (), change: Change<Order>) -> Result<(), Failure> {
    change.after.as_ref().map_or(Ok(()), accept)
}

fn accept(order: &Order) -> Result<(), Failure> {
    order.validate().map_err(|report| Failure::new(Code::InvalidArgument, report.to_string()))
}
