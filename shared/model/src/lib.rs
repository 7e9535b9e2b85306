#![doc = include_str!("../README.md")]

pub mod access;
pub mod actor;
pub mod asset;
pub mod audit;
pub mod check;
pub mod cloud_log;
pub mod control;
pub mod dead_letter;
pub mod delivery;
mod document;
pub mod exception;
pub mod finding;
mod id;
pub mod incident;
pub mod journal;
pub mod log;
pub mod operator_override;
pub mod preferences;
pub mod request;
pub mod schedule;
pub mod service;
mod timestamp;
pub mod topic;

pub use access::{Permission, Role};
pub use actor::Actor;
pub use document::{Document, DocumentId, InvalidPath, Kept, Measurement, Operational};
pub use id::*;
pub use timestamp::Timestamp;
