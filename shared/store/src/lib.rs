#![doc = include_str!("../README.md")]

mod at_once;
mod connection;
mod document;
mod error;
mod index;
pub mod log;
mod numbers;
mod owner;
pub mod parts;
mod query;
mod read;
mod received;
mod trail;
mod transact;
mod transaction;
mod value;
mod watch;

pub use at_once::AtOnce;
pub use connection::{Settings, Store};
pub use document::Stored;
pub use error::StoreError;
pub use firestore::FirestoreQueryDirection as Direction;
pub use index::{
    EXPIRES_AT, EXPIRING, INDEXED, INDEXES, Index, Mode, UNINDEXED, firestore_indexes,
};
pub use query::{PAGE_SIZE_MAX, Page, PageToken, Query};
pub use received::Received;
pub use trail::{TRAIL, Trail};
pub use transact::{Cause, Once, Origin};
pub use transaction::{Transaction, WRITES_MAX};
pub use value::{Fields, content_hash, fields_to_json};
pub use watch::{Seen, Watch};
