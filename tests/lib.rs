//! Tests of the whole: nothing to link, see `structure.rs` and `integration/`.
