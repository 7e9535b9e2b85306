#![doc = include_str!("../README.md")]

pub mod access;
pub mod account;
pub mod by;
mod context;
mod error;
pub mod first_owner;
pub mod grants;
pub mod handlers;
mod identity_toolkit;
pub mod invitation;
pub mod people;
mod project;
pub mod refusal;
pub mod reviews;
pub mod routes;
mod second_factor;
mod sweep;
mod write;

pub use context::Context;
pub use error::IamError;
pub use identity_toolkit::ToolkitError;
pub use refusal::Refusal;
