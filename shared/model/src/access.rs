//! People, and who may do what.

pub mod api;
pub mod decision_log;
pub mod grant;
mod permission;
pub mod review;
mod role;
pub mod rules;
mod user;

pub use permission::{Fields, Permission, Reads};
pub use role::Role;
pub use user::{Invitation, Reason, Session, User, UserState};
