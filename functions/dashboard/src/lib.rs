#![doc = include_str!("../README.md")]

mod config;
mod embedded;
mod headers;
pub mod site;
mod topology;

pub use site::Site;
