#![doc = include_str!("../README.md")]

mod context;
mod documents;
mod error;
pub mod feed;
mod forward;
mod idempotency;
pub mod resources;

pub use context::Context;
pub use error::ProxyError;
