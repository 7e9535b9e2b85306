#![doc = include_str!("../README.md")]

pub mod cel;
mod context;
pub mod controls;
mod error;
pub mod finding;
pub mod handlers;
pub mod run;

pub use context::Context;
pub use error::AuditError;
