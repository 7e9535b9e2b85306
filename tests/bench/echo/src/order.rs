//! The order that every candidate reads, and what makes it valid.

use garde::Validate;
use model::{Document, DocumentId, InvalidPath, topic::Message};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order of a shop.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    #[garde(length(chars, min = 1, max = 64))]
    pub(crate) id: String,
    #[garde(length(chars, min = 1, max = 64))]
    customer: String,
    #[garde(skip)]
    currency: Currency,
    #[garde(length(min = 1, max = 50), dive)]
    pub(crate) items: Vec<Item>,
    #[garde(length(chars, max = 500))]
    note: Option<String>,
}

/// One line of an order.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    #[garde(length(chars, min = 1, max = 64))]
    sku: String,
    #[garde(range(min = 1, max = 1000))]
    quantity: u64,
    #[garde(range(max = 10_000_000))]
    unit_cents: u64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Currency {
    Eur,
    Gbp,
    Usd,
}

impl Order {
    /// Returns the price of all items; the bounds keep it far below overflow.
    pub(crate) fn total_cents(&self) -> u64 {
        self.items.iter().map(|item| item.quantity * item.unit_cents).sum()
    }
}

impl Message for Order {
    const TOPIC: &'static str = "order-placed";
}

impl Document for Order {
    type Id = OrderId;
}

/// Names an order.
#[derive(Clone, Debug)]
pub(crate) struct OrderId(String);

impl DocumentId for OrderId {
    const COLLECTION: &'static str = "orders";

    fn path(&self) -> String {
        format!("orders/{}", self.0)
    }

    fn from_path(path: &str) -> Result<Self, InvalidPath> {
        path.strip_prefix("orders/")
            .filter(|id| !id.is_empty() && !id.contains('/'))
            .map(|id| Self(id.to_owned()))
            .ok_or_else(|| InvalidPath { path: path.to_owned(), collection: Self::COLLECTION })
    }
}
