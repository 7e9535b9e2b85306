#![doc = include_str!("../README.md")]

pub mod check;
mod config;
mod context;
pub mod control;
pub mod egress;
mod error;
pub mod handlers;
mod probe;
mod tick;

pub use config::Config;
pub use context::Context;
pub use error::RootError;
