//! What the runs of checks add up to. Pure: time is an argument.

pub mod burn;
pub mod lease;
pub mod machine;
pub mod outcome;
pub mod plan;
pub mod recent;
pub mod view;

pub use machine::{Memory, Rules, Sample, Signal};
