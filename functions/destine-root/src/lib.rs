#![doc = include_str!("../README.md")]

mod automatic;
pub mod check;
mod config;
mod context;
mod error;
pub mod handlers;
pub mod overrides;
mod probe;

pub use config::Config;
pub use context::Context;
pub use error::RootError;
