//! The vocabulary of Mesh: documents, events, identifiers, roles.
//!
//! Everything here is pure: no input or output, no clock, no chance. Each
//! Firestore collection has exactly one type in this crate, and that type names
//! its collection, so that a document cannot be written to the wrong place.
//!
//! ```
//! use model::{AssetId, Document, DocumentId, asset::Asset};
//!
//! let id = AssetId::of("//run.googleapis.com/projects/p/locations/l/services/s");
//! assert_eq!(Asset::COLLECTION, "assets");
//! assert!(id.path().starts_with("assets/"));
//! ```

pub mod actor;
pub mod asset;
pub mod audit;
pub mod check;
pub mod control;
pub mod dead_letter;
pub mod delivery;
mod document;
pub mod finding;
mod id;
pub mod incident;
pub mod journal;
pub mod operator_override;
pub mod role;
pub mod service;
mod timestamp;
pub mod topic;

pub use actor::Actor;
pub use document::{Document, DocumentId, InvalidPath, Measurement, Operational};
pub use id::*;
pub use role::{Permission, Role};
pub use timestamp::Timestamp;
