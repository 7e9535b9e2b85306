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

/// What came of files.
#[derive(Debug)]
pub struct Assessed<'c> {
    /// What the controls say of the files that could be read.
    pub assessment: Assessment<'c>,
    /// What is wrong with the others. Nothing of them is used.
    pub refused: Vec<ReadError>,
}

/// Assesses the assets of some files, as of an instant.
///
/// A file that is wrong anywhere is left out whole. Then nobody knows what it would have told,
/// and whatever is looked for among other assets and not found is unknown.
///
/// The files are read three times: for names that stand more than once, because exports have
/// resources and policies in lines of their own; for the assets that others are judged by;
/// and asset by asset. Only what is joined or stands twice is held in memory.
///
/// # Errors
/// When no file can be read, and when one changes while it is read.
pub fn assess<'c>(
    set: &'c ControlSet,
    files: &[PathBuf],
    now: Timestamp,
    keep: Keep,
) -> Result<Assessed<'c>, ReadError> {
    let joined = set.joined_types();
    let hasher = RandomState::new();
    let (mut names, mut twice) = (HashSet::new(), HashSet::new());
    let (mut good, mut refused) = (Vec::new(), Vec::new());
    for file in files {
        let mut own = Vec::new();
        let told = read(file, |exported| {
            own.push(hasher.hash_one(exported.head()?.name));
            Ok(())
        });
        match told {
            Ok(()) => {
                good.push(file);
                twice.extend(own.into_iter().filter(|name| !names.insert(*name)));
            }
            Err(error) => refused.push(error),
        }
    }
    drop(names);
    if good.is_empty()
        && let Some(error) = refused.pop()
    {
        return Err(error);
    }
    let stands_twice = |name: &str| !twice.is_empty() && twice.contains(&hasher.hash_one(name));
    let mut merged = BTreeMap::<String, Subject>::new();
    let mut estate = Vec::new();
    for file in &good {
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
    let mut estate: Estate = estate.into_iter().collect();
    if !refused.is_empty() {
        estate.set_partial();
    }
    let mut assessor = Assessor::new(set, now, keep);
    for file in &good {
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
    Ok(Assessed { assessment: assessor.finish(), refused })
}
