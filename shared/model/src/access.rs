//! People, and who may do what.

pub mod api;
mod claims;
pub mod decision_log;
pub mod grant;
mod pass;
mod permission;
pub mod review;
mod role;
pub mod rules;
mod user;

pub use claims::{CLAIMS_BYTES_MAX, Claims};
pub use pass::ClaimsPass;
pub use permission::{Fields, Permission, Reads};
pub use role::Role;
pub use user::{Accepting, Invitation, Reason, Session, User, UserState};
