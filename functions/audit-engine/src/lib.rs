#![doc = include_str!("../README.md")]

mod context;
pub mod controls;
mod error;
pub mod finding;
pub mod handlers;
pub mod offline;
pub mod run;
pub mod seal;

pub use context::Context;
pub use error::AuditError;
