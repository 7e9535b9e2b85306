//! The whole mesh on one machine, on Google's own emulators, offline.

pub mod bridge;
pub mod commands;
pub mod estate;
pub mod failure;
pub mod meshnet;
mod network;
pub mod seed;
pub mod stack;
pub mod supervisor;
pub mod terminal;
