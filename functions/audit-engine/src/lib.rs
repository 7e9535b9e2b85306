#![doc = include_str!("../README.md")]

pub mod archive;
pub mod assess;
pub mod benchmark;
pub mod cel;
pub mod cloud_change;
mod context;
pub mod control;
mod error;
pub mod estate;
pub mod exceptions;
pub mod feed;
pub mod finding;
pub mod handlers;
mod inventory;
mod judge;
pub mod kms;
mod listing;
pub mod offline;
mod passes;
pub mod plan;
mod related;
pub mod report;
pub mod routes;
pub mod run;
pub mod seal;
mod signer;

pub use context::Context;
pub use error::AuditError;
