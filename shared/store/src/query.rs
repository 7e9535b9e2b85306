//! Lists of documents, page by page.

use std::{borrow::Cow, marker::PhantomData};

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

use crate::{
    Index, Mode, Store, StoreError, Stored,
    index::{group, is_indexed},
    parts::{parts_of, whole},
};

/// What the parts of one page's documents have at most: what does not fit is on the next page.
const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The largest page; about what one answer can hold with documents of a few KiB.
pub const PAGE_SIZE_MAX: u32 = 300;

/// The name under which Firestore orders and compares whole documents.
const NAME: &str = "__name__";

/// What documents have to have.
#[derive(Clone, Debug)]
struct Filter {
    field: String,
    /// Whether the field is a list that holds the value, instead of the value itself.
    in_list: bool,
    value: FirestoreValue,
}

/// Which documents of a collection, in which order.
#[derive(Clone, Debug)]
pub struct Query<D> {
    parent: Option<String>,
    filters: Vec<Filter>,
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
        self.filters.push(Filter { field: field.to_owned(), in_list: false, value: value.into() });
        self
    }

    /// Only documents whose list in this field holds this value.
    #[must_use]
    pub fn contains(mut self, field: &str, value: impl Serialize) -> Self {
        self.filters.push(Filter { field: field.to_owned(), in_list: true, value: value.into() });
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

    /// Returns the index over several fields that Firestore needs for the query, if any.
    ///
    /// Every field has an index by itself, and for equality Firestore merges those. An order
    /// by another field, and a list that holds a value together with anything else, take an
    /// index of their own: first what is equal, by name, and the order last.
    #[must_use]
    pub fn index(&self) -> Option<Index<'_>> {
        let mut fields: Vec<(&str, Mode)> = Vec::with_capacity(self.filters.len() + 1);
        for filter in &self.filters {
            let mode = if filter.in_list { Mode::Contains } else { Mode::Ascending };
            fields.push((filter.field.as_str(), mode));
        }
        fields.sort_unstable_by_key(|(field, _)| *field);
        fields.dedup();
        // Of what is equal, the order says nothing.
        let order = self
            .order
            .as_ref()
            .filter(|order| !fields.contains(&(order.field_name.as_str(), Mode::Ascending)));
        let merges = order.is_none() && fields.iter().all(|(_, mode)| *mode == Mode::Ascending);
        fields.extend(order.map(|order| {
            let mode = match order.direction {
                FirestoreQueryDirection::Ascending => Mode::Ascending,
                FirestoreQueryDirection::Descending => Mode::Descending,
            };
            (order.field_name.as_str(), mode)
        }));
        (fields.len() > 1 && !merges)
            .then(|| Index { collection: group(D::COLLECTION), fields: Cow::Owned(fields) })
    }

    /// Refuses what Firestore has no index for in production. The emulator would answer.
    fn served(&self) -> Result<(), StoreError> {
        if let Some(index) = self.index() {
            return match index.is_listed() {
                true => Ok(()),
                false => Err(StoreError::NoIndex { index: index.to_string() }),
            };
        }
        let filtered = self.filters.iter().map(|filter| &filter.field);
        let mut fields = filtered.chain(self.order.iter().map(|order| &order.field_name));
        match fields.find(|field| !is_indexed(group(D::COLLECTION), field)) {
            Some(field) => {
                Err(StoreError::Unindexed { field: format!("{}.{field}", group(D::COLLECTION)) })
            }
            None => Ok(()),
        }
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
                for_all_filters: self.filters.iter().map(FirestoreQueryFilter::from).collect(),
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

impl From<&Filter> for FirestoreQueryFilter {
    fn from(filter: &Filter) -> Self {
        let (field, value) = (filter.field.clone(), filter.value.clone());
        Self::Compare(Some(match filter.in_list {
            false => FirestoreQueryFilterCompare::Equal(field, value),
            true => FirestoreQueryFilterCompare::ArrayContains(field, value),
        }))
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
    /// When the database cannot be reached, the page token is of another list, or Firestore
    /// would need an index for the query that is not in [`INDEXES`](crate::INDEXES).
    pub async fn list<D: Document>(&self, query: &Query<D>) -> Result<Page<D>, StoreError> {
        list(self.database().await?, query).await
    }
}

/// Reads one page through a client, whose reads may belong to a transaction.
pub(crate) async fn list<D: Document>(
    database: &FirestoreDb,
    query: &Query<D>,
) -> Result<Page<D>, StoreError> {
    query.served()?;
    let root = database.get_documents_path();
    let parent =
        query.parent.as_ref().map_or_else(|| root.clone(), |path| format!("{root}/{path}"));
    let mut select = database
        .fluent()
        .select()
        .from(group(D::COLLECTION))
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
    let fits = size.min(within(PAGE_BYTES_MAX, documents.iter().map(bytes_in_parts::<D>)));
    let more = documents.len() > fits;
    documents.truncate(fits);
    let next = documents.last().filter(|_| more).map(|last| query.token_of(last));
    let mut page = Page { items: Vec::with_capacity(documents.len()), unreadable: vec![], next };
    for document in documents {
        match whole(database, document).await {
            Ok(stored) => page.items.extend(stored),
            Err(error @ StoreError::Unreadable { .. }) => page.unreadable.push(error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

fn bytes_in_parts<D: Document>(raw: &FirestoreDocument) -> usize {
    parts_of::<D>(raw).map_or(0, |parts| parts.bytes)
}

/// Counts how many of some sizes, and at least one, are no more than `most` together.
fn within(most: usize, sizes: impl Iterator<Item = usize>) -> usize {
    let sums = sizes.scan(0, |sum: &mut usize, size| {
        *sum = sum.saturating_add(size);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= most).count().max(1)
}

#[cfg(test)]
mod tests {
    use model::{asset::Asset, check::CheckResult, finding::Finding, request::AnsweredRequest};
    use problem::{Code, Coded};

    use super::*;

    const DOWN: FirestoreQueryDirection = FirestoreQueryDirection::Descending;

    fn findings() -> Query<Finding> {
        Query::all()
    }

    #[test]
    fn one_field_and_what_is_equal_needs_no_index_of_its_own() {
        for query in [
            findings(),
            findings().equals("state", "open"),
            findings().equals("state", "open").equals("severity", "high"),
            findings().contains("tags", "a"),
            findings().order_by("last_seen", DOWN),
            findings().equals("state", "open").order_by("state", DOWN),
        ] {
            assert_eq!(query.index(), None, "{query:?}");
            assert!(query.served().is_ok());
        }
    }

    #[test]
    fn an_order_and_a_list_with_something_else_need_one() {
        let by_time = || findings().order_by("last_seen", DOWN);
        let up = FirestoreQueryDirection::Ascending;
        for (query, index) in [
            (
                by_time().equals("state", "open").equals("severity", "high"),
                "findings(severity ascending, state ascending, last_seen descending)",
            ),
            (
                findings().equals("state", "open").order_by("last_seen", up),
                "findings(state ascending, last_seen ascending)",
            ),
            (
                findings().contains("tags", "a").equals("state", "open"),
                "findings(state ascending, tags contains)",
            ),
            (by_time().contains("tags", "a"), "findings(tags contains, last_seen descending)"),
        ] {
            assert_eq!(query.index().expect("an index").to_string(), index);
        }
        assert_eq!(
            Query::<CheckResult>::all().equals("passed", true).order_by("tick", DOWN).index(),
            Some(Index {
                collection: "results",
                fields: vec![("passed", Mode::Ascending), ("tick", Mode::Descending)].into(),
            })
        );
    }

    #[test]
    fn a_query_without_its_index_is_refused_by_its_name() {
        let listed = findings().equals("state", "open").order_by("last_seen", DOWN);
        assert!(listed.served().is_ok());
        let refused = |result: Result<(), StoreError>| {
            let error = result.expect_err("no index");
            assert_eq!(error.code(), Code::Internal);
            error.to_string()
        };
        let unknown = findings().equals("asset", "a").order_by("last_seen", DOWN).served();
        assert!(refused(unknown).contains("findings(asset ascending, last_seen descending)"));
        let large = Query::<Asset>::all().order_by("name", DOWN).served();
        assert!(refused(large).contains("`assets.name`"));
        let expiring = Query::<AnsweredRequest>::all().equals("expires_at", 1).served();
        assert!(refused(expiring).contains("`requests.expires_at`"));
    }

    #[test]
    fn a_page_ends_before_its_parts_are_too_large() {
        assert_eq!(within(10, [0, 0, 0].into_iter()), 3);
        assert_eq!(within(10, [5, 0, 5, 0, 1].into_iter()), 4);
        assert_eq!(within(10, [11, 0].into_iter()), 1);
        assert_eq!(within(10, [].into_iter()), 1);
    }

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
