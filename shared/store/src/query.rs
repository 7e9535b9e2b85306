//! Lists of documents, page by page.

use std::marker::PhantomData;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use firestore::{
    FirestoreDb, FirestoreDocument, FirestoreQueryCursor, FirestoreQueryDirection,
    FirestoreQueryFilter, FirestoreQueryFilterCompare, FirestoreQueryFilterComposite,
    FirestoreQueryFilterCompositeOperator, FirestoreQueryOrder, FirestoreValue,
};
use gcloud_sdk::google::firestore::v1::{Cursor, Value, value::ValueType};
use model::{Document, DocumentId};
use prost::Message;
use serde::Serialize;

use crate::{Store, StoreError, Stored};

/// The largest page; about what one answer can hold with documents of a few KiB.
pub const PAGE_SIZE_MAX: u32 = 300;

/// The name under which Firestore orders and compares whole documents.
const NAME: &str = "__name__";

/// Which documents of a collection, in which order.
#[derive(Clone, Debug)]
pub struct Query<D> {
    parent: Option<String>,
    filters: Vec<FirestoreQueryFilter>,
    order: Option<FirestoreQueryOrder>,
    size: u32,
    after: Option<PageToken>,
    after_path: Option<String>,
    kind: PhantomData<fn() -> D>,
}

impl<D: Document> Query<D> {
    /// Every document of the collection, in the order of ids.
    #[must_use]
    pub fn all() -> Self {
        Self {
            parent: None,
            filters: Vec::new(),
            order: None,
            size: PAGE_SIZE_MAX,
            after: None,
            after_path: None,
            kind: PhantomData,
        }
    }

    /// The documents below one document, for collections such as `checks/{check}/results`.
    #[must_use]
    pub fn below(parent: &impl DocumentId) -> Self {
        Self { parent: Some(parent.path()), ..Self::all() }
    }

    /// Only documents whose field has this value.
    #[must_use]
    pub fn equals(mut self, field: &str, value: impl Serialize) -> Self {
        let value: FirestoreValue = value.into();
        let compare = FirestoreQueryFilterCompare::Equal(field.to_owned(), value);
        self.filters.push(FirestoreQueryFilter::Compare(Some(compare)));
        self
    }

    /// Only documents whose list in this field holds this value.
    #[must_use]
    pub fn contains(mut self, field: &str, value: impl Serialize) -> Self {
        let value: FirestoreValue = value.into();
        let compare = FirestoreQueryFilterCompare::ArrayContains(field.to_owned(), value);
        self.filters.push(FirestoreQueryFilter::Compare(Some(compare)));
        self
    }

    /// In the order of a field; documents without it are left out.
    #[must_use]
    pub fn order_by(mut self, field: &str, direction: FirestoreQueryDirection) -> Self {
        self.order = Some(FirestoreQueryOrder::new(field.to_owned(), direction));
        self
    }

    /// At most so many documents a page, and never more than [`PAGE_SIZE_MAX`].
    #[must_use]
    pub fn page_size(mut self, size: u32) -> Self {
        self.size = size.clamp(1, PAGE_SIZE_MAX);
        self
    }

    /// Only documents whose ids sort behind this one; for lists in the order of ids.
    #[must_use]
    pub fn after_id(mut self, id: &D::Id) -> Self {
        self.after_path = Some(id.path());
        self
    }

    /// The page that follows the one which ended with this token.
    #[must_use]
    pub fn after(mut self, token: Option<PageToken>) -> Self {
        self.after = token;
        self
    }

    fn ordering(&self) -> Vec<FirestoreQueryOrder> {
        let direction = self.order.as_ref().map(|order| order.direction.clone());
        let by_name = FirestoreQueryOrder::new(
            NAME.to_owned(),
            direction.unwrap_or(FirestoreQueryDirection::Ascending),
        );
        self.order.iter().cloned().chain([by_name]).collect()
    }

    fn filter(&self) -> Option<FirestoreQueryFilter> {
        (!self.filters.is_empty()).then(|| {
            FirestoreQueryFilter::Composite(FirestoreQueryFilterComposite {
                for_all_filters: self.filters.clone(),
                operator: FirestoreQueryFilterCompositeOperator::And,
            })
        })
    }

    fn start(&self) -> Result<Option<FirestoreQueryCursor>, StoreError> {
        let values = self.after.as_ref().map(|token| token.values(self.ordering().len()));
        Ok(values.transpose()?.map(FirestoreQueryCursor::AfterValue))
    }

    fn token_of(&self, last: &FirestoreDocument) -> PageToken {
        let field = self.order.as_ref().and_then(|order| last.fields.get(&order.field_name));
        let name = Value { value_type: Some(ValueType::ReferenceValue(last.name.clone())) };
        let cursor =
            Cursor { values: field.cloned().into_iter().chain([name]).collect(), before: false };
        PageToken(BASE64_URL_SAFE_NO_PAD.encode(cursor.encode_to_vec()))
    }
}

/// Where a page ended. Opaque to callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken(String);

impl PageToken {
    /// Takes a token that a caller gave back.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the token's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn values(&self, count: usize) -> Result<Vec<FirestoreValue>, StoreError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&self.0);
        let cursor = bytes.ok().and_then(|bytes| Cursor::decode(bytes.as_slice()).ok());
        let values = cursor.map(|cursor| cursor.values).unwrap_or_default();
        if values.len() != count {
            return Err(StoreError::InvalidPageToken);
        }
        Ok(values.into_iter().map(FirestoreValue::from).collect())
    }
}

/// A page of documents.
#[derive(Clone, Debug)]
pub struct Page<D: Document> {
    /// The documents that could be read, in order.
    pub items: Vec<Stored<D>>,
    /// What is wrong with each document that could not be read; it stops nothing else.
    pub unreadable: Vec<String>,
    /// Where the next page starts, if there is one.
    pub next: Option<PageToken>,
}

impl Store {
    /// Reads one page of a collection.
    ///
    /// # Errors
    /// When the database cannot be reached, or the page token is of another list.
    pub async fn list<D: Document>(&self, query: &Query<D>) -> Result<Page<D>, StoreError> {
        list(self.database().await?, query).await
    }
}

/// Reads one page through a client, whose reads may belong to a transaction.
pub(crate) async fn list<D: Document>(
    database: &FirestoreDb,
    query: &Query<D>,
) -> Result<Page<D>, StoreError> {
    let root = database.get_documents_path();
    let parent =
        query.parent.as_ref().map_or_else(|| root.clone(), |path| format!("{root}/{path}"));
    let collection = D::COLLECTION.rsplit('/').next().unwrap_or(D::COLLECTION);
    let mut select = database
        .fluent()
        .select()
        .from(collection)
        .parent(parent)
        .filter(|_| query.filter())
        .order(|_| query.ordering())
        // One more than the page tells whether another page follows.
        .limit(query.size + 1);
    let from_id = query.after_path.as_ref().map(|path| {
        let name = ValueType::ReferenceValue(format!("{root}/{path}"));
        let name = FirestoreValue::from(Value { value_type: Some(name) });
        FirestoreQueryCursor::AfterValue(vec![name])
    });
    if let Some(cursor) = query.start()?.or(from_id) {
        select = select.start_at(cursor);
    }
    let mut documents = select
        .query()
        .await
        .map_err(|error| StoreError::request(format!("list `{}`", D::COLLECTION), error))?;
    let size = query.size as usize;
    let more = documents.len() > size;
    documents.truncate(size);
    let next = documents.last().filter(|_| more).map(|last| query.token_of(last));
    let mut page = Page { items: Vec::with_capacity(documents.len()), unreadable: vec![], next };
    for document in &documents {
        match Stored::parse(document) {
            Ok(stored) => page.items.push(stored),
            Err(error) => page.unreadable.push(error.to_string()),
        }
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use model::finding::Finding;

    use super::*;

    #[test]
    fn a_token_of_another_list_is_refused() {
        let query =
            Query::<Finding>::all().order_by("last_seen", FirestoreQueryDirection::Descending);
        let last = FirestoreDocument { name: "projects/p/x".into(), ..Default::default() };
        let by_name = Query::<Finding>::all().token_of(&last);
        for token in [by_name, PageToken::new(""), PageToken::new("!"), PageToken::new("AAAA")] {
            let result = query.clone().after(Some(token.clone())).start();
            assert!(matches!(result, Err(StoreError::InvalidPageToken)), "{token:?}");
        }
    }
}
