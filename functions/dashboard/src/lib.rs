#![doc = include_str!("../README.md")]

mod config;
mod context;
mod embedded;
mod file;
mod headers;
pub mod site;
mod topology;

pub use context::Context;
