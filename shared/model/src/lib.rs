#![doc = include_str!("../README.md")]

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
