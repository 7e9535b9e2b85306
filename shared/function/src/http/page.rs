//! Pages of lists over HTTP.

use model::{Document, DocumentId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Page, PageToken, Query, Stored};
use utoipa::{IntoParams, ToSchema};

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most so many items; 1 to 300, otherwise 50.
    #[param(minimum = 1, maximum = 300)]
    pub page_size: Option<u32>,
    /// Where the page starts: `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// The size of a page that nobody asked to be otherwise: about one screen.
const PAGE_SIZE: u32 = 50;

impl PageQuery {
    /// Puts the page into a query.
    #[must_use]
    pub fn apply<D: Document>(&self, query: Query<D>) -> Query<D> {
        query
            .page_size(self.page_size.unwrap_or(PAGE_SIZE))
            .after(self.page_token.clone().map(PageToken::new))
    }
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<Item<T>>,
    /// Documents that cannot be read, each with the field; they are not among the items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// Where the next page starts; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// One item of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Item<T> {
    /// The document's id.
    pub id: String,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// The document.
    #[serde(flatten)]
    pub document: T,
}

impl<D: Document> From<Stored<D>> for Item<D> {
    fn from(stored: Stored<D>) -> Self {
        Self {
            id: stored.id.path().rsplit('/').next().unwrap_or_default().to_owned(),
            updated_at: stored.updated_at,
            document: stored.document,
        }
    }
}

impl<D: Document> From<Page<D>> for Paged<D> {
    fn from(page: Page<D>) -> Self {
        Self {
            items: page.items.into_iter().map(Item::from).collect(),
            unreadable: page.unreadable,
            next_page_token: page.next.map(|token| token.as_str().to_owned()),
        }
    }
}
