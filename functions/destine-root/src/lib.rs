#![doc = include_str!("../README.md")]

mod automatic;
pub mod check;
mod config;
mod context;
pub mod egress;
mod error;
pub mod handlers;
mod monitoring;
pub mod overrides;
mod probe;
mod tick;

pub use config::Config;
pub use context::Context;
pub use error::RootError;
