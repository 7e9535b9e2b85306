#![doc = include_str!("../README.md")]
// Tests want to fail loudly and at once.
#![allow(clippy::missing_panics_doc, clippy::expect_used)]

mod account;
mod emulators;
pub mod event;
pub mod log_lines;
mod mesh;
mod process;
pub mod token;

pub use emulators::Emulators;
pub use mesh::{Mesh, Setup};
pub use process::{FunctionProcess, free_port, free_port_base, signal};
