#![doc = include_str!("../README.md")]

mod code;
mod details;
mod failure;

pub use code::{Code, Redelivery};
pub use details::{FieldError, Problem};
pub use failure::{Coded, Failure};
