//! Canonical error codes and RFC 9457 problem details.
//!
//! Every error of Mesh names its [`Code`]. The edge turns the code into an HTTP
//! status or into "done" or "again"; nothing in between knows about either.
//!
//! ```
//! use problem::{Code, Coded, Failure};
//!
//! #[derive(Debug, thiserror::Error)]
//! #[error("no asset is called `{0}`")]
//! struct NoSuchAsset(String);
//!
//! impl Coded for NoSuchAsset {
//!     fn code(&self) -> Code {
//!         Code::NotFound
//!     }
//! }
//!
//! let failure = Failure::from(NoSuchAsset("vm-1".into()));
//! assert_eq!(failure.code().http_status(), 404);
//! assert_eq!(failure.problem().detail.as_deref(), Some("no asset is called `vm-1`"));
//! ```

mod code;
mod details;
mod failure;

pub use code::{Code, Redelivery};
pub use details::{FieldError, Problem};
pub use failure::{Coded, Failure};
