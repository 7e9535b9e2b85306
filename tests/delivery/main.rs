//! Delivery, as far as it can be proved without a cloud: the builds are what Cloud Build takes, and
//! the scripts do what they say, beside programs that stand in for `gcloud`, `docker` and `terraform`.

mod builds;
mod scripts;

use std::{
    fs,
    path::{Path, PathBuf},
};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

fn read(path: &str) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
