#![doc = include_str!("../README.md")]

mod add_checkpoint;
mod context;
mod error;

pub use add_checkpoint::routes;
pub use context::Context;
pub use error::WitnessError;
