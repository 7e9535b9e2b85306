#![doc = include_str!("../README.md")]

pub mod assess;
pub mod cel;
mod context;
pub mod control;
mod error;
pub mod estate;
pub mod finding;
pub mod handlers;
mod related;
pub mod report;
pub mod run;

pub use context::Context;
pub use error::AuditError;
