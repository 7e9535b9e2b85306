//! What can go wrong with an audit.

use bus::BusError;
use problem::{Code, Coded};
use store::StoreError;

use crate::{cloud_change::NoChange, inventory::InventoryError, seal::SealError};

/// What can go wrong with an audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Documents could not be read or written.
    #[error("cannot keep the audit's documents")]
    Store(#[from] StoreError),
    /// A message could not be published.
    #[error("cannot publish the audit's message")]
    Bus(#[from] BusError),
    /// The audit log could not be kept.
    #[error("cannot keep the audit log")]
    Seal(#[from] SealError),
    /// The estate cannot be listed.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// A change of an asset does not say since when it is so.
    #[error("`window.startTime` is missing: nobody knows what is older")]
    NoWindow,
    /// An entry of Google's audit log tells of nothing.
    #[error(transparent)]
    Entry(#[from] NoChange),
    /// The estate is larger than one run examines.
    #[error(
        "the estate has more than {max} assets, the most that one run examines: let ASSET_SCOPE \
         name a part of it, or audit an export with `audit run`"
    )]
    EstateTooLarge {
        /// The bound.
        max: u64,
    },
    /// What assets are judged by does not fit into memory.
    #[error(
        "the estate has more than {max} assets that others are judged by, the most that fit into \
         memory: let ASSET_SCOPE name a part of it, or audit an export with `audit run`"
    )]
    TooManyJoined {
        /// The bound.
        max: usize,
    },
    /// There are more exceptions than are looked at.
    #[error("more than {max} exceptions are in force, the most that are looked at")]
    TooManyExceptions {
        /// The bound.
        max: usize,
    },
}

impl Coded for AuditError {
    fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Bus(error) => error.code(),
            Self::Seal(error) => error.code(),
            Self::Inventory(error) => error.code(),
            Self::NoWindow | Self::Entry(_) => Code::InvalidArgument,
            Self::EstateTooLarge { .. }
            | Self::TooManyJoined { .. }
            | Self::TooManyExceptions { .. } => Code::FailedPrecondition,
        }
    }
}
