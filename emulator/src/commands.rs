//! The commands of `mesh`.
