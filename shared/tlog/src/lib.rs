#![doc = include_str!("../README.md")]

mod bundle;
mod checkpoint;
mod key;
mod path;
mod policy;
mod proof;
mod tiles;
mod verify;
mod witness;

pub use bundle::{BundleError, ENTRY_BYTES_MAX, decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, NoteError, Opened, origin_of, with_signature};
pub use key::{Algorithm, KeyError, Sign, SignError, Signed, SigningKey, VerifierKey};
pub use path::{PathError, Resource};
pub use policy::{Accepted, Policy, PolicyError};
pub use proof::{Proof, ProofError};
pub use tiles::{
    TILE_WIDTH, TileId, Tiles, TreeError, check_consistency, check_inclusion, leaf_hash,
    tiles_for_consistency, tiles_for_inclusion,
};
pub use tlog_tiles::Hash;
pub use verify::{Source, Verified, VerifyError, verify_log};
pub use witness::{AddCheckpoint, Known, Refusal};

/// Returns the origin of a project's audit log: its name in every checkpoint.
#[must_use]
pub fn log_origin(project: &str) -> String {
    format!("mesh.internal/{project}/log")
}

/// Returns the name that a project's witness signs with.
#[must_use]
pub fn witness_name(project: &str) -> String {
    format!("mesh.internal/{project}/witness")
}

/// Reads a hash from Base64, as the formats write it.
pub(crate) fn hash_of(text: &str) -> Option<Hash> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Hash)
}
