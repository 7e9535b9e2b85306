//! Assessing exports in files, which may be larger than memory.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
    path::PathBuf,
};

use model::Timestamp;

use super::{Assessment, Assessor, Keep};
use crate::{
    control::ControlSet,
    estate::{Estate, ReadError, Subject, read},
};

/// Assesses the assets of some files, as of an instant.
///
/// The files are read three times: for names that stand more than once, because exports have
/// resources and policies in lines of their own; for the assets that others are judged by;
/// and asset by asset. Only what is joined or stands twice is held in memory.
///
/// # Errors
/// The first thing that is wrong with a file.
pub fn assess<'c>(
    set: &'c ControlSet,
    files: &[PathBuf],
    now: Timestamp,
    keep: Keep,
) -> Result<Assessment<'c>, ReadError> {
    let joined = set.joined_types();
    let hasher = RandomState::new();
    let (mut names, mut twice) = (HashSet::new(), HashSet::new());
    for file in files {
        read(file, |exported| {
            let name = hasher.hash_one(exported.head()?.name);
            if !names.insert(name) {
                twice.insert(name);
            }
            Ok(())
        })?;
    }
    drop(names);
    let stands_twice = |name: &str| !twice.is_empty() && twice.contains(&hasher.hash_one(name));
    let mut merged = BTreeMap::<String, Subject>::new();
    let mut estate = Vec::new();
    for file in files {
        read(file, |exported| {
            let head = exported.head()?;
            if stands_twice(&head.name) {
                let subject = exported.subject()?;
                match merged.get_mut(&head.name) {
                    Some(known) => known.merge(subject),
                    None => drop(merged.insert(head.name, subject)),
                }
            } else if joined.contains(head.asset_type.as_str()) {
                estate.push(exported.subject()?);
            }
            Ok(())
        })?;
    }
    estate.extend(merged.values().filter(|s| joined.contains(s.asset_type())).cloned());
    let estate: Estate = estate.into_iter().collect();
    let mut assessor = Assessor::new(set, now, keep);
    for file in files {
        read(file, |exported| {
            let subject = exported.subject()?;
            if !stands_twice(subject.name()) {
                assessor.examine(&subject, &estate);
            }
            Ok(())
        })?;
    }
    for subject in merged.values() {
        assessor.examine(subject, &estate);
    }
    Ok(assessor.finish())
}
