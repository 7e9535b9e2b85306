//! Sealing journal records into the audit log.
//!
//! The log is a transparency log as C2SP specifies it: `tlog` has its arithmetic, `model::log`
//! its documents. Here is who writes them: one at a time, in batches, each record once.

mod check;
mod compare;
mod edge;
mod error;
mod gaps;
mod lease;
mod load;
mod sealer;
mod shred;
mod subject;
mod sweep;
mod witness;

pub use check::check;
pub use edge::{Batch, Edge};
pub use error::SealError;
pub use gaps::Gaps;
pub use sealer::Sealer;
pub use shred::shred;
pub use subject::{PersonKey, SubjectSecret};
pub use sweep::sweep;
pub use witness::Witness;
