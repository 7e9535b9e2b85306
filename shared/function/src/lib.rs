#![doc = include_str!("../README.md")]

mod controls;
mod environment;
mod event;
mod figures;
mod google_api;
mod http;
pub mod manifest;
mod mesh;
mod peer;
mod runtime;
mod spans;

pub use controls::{ControlError, Controls, Permit};
pub use environment::{Environment, Reader};
pub use event::{
    Burial, Change, DocumentEventData, Event, LETTER_PART_BYTES, LetterError, Push, Tick, bury,
    letter_body, request_replay,
};
pub use google_api::{GoogleApi, GoogleApiError};
pub use http::{
    Caller, HttpError, Id, IfMatch, Item, PageQuery, Paged, RawBody, UrlQuery, Valid, etag,
};
pub use mesh::Mesh;
pub use peer::{Peer, PeerAnswer, PeerRequest};
pub use runtime::Function;

/// Returns the text of the function's own `function.yaml`, read when the function is built.
#[macro_export]
macro_rules! manifest {
    () => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/function.yaml"))
    };
}
