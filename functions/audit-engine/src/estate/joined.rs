//! The assets that one is joined with, as a list that conditions read.

use super::Subject;
use crate::cel::Value;

/// Some assets of an estate. None is looked at before a condition does.
#[derive(Clone, Debug)]
pub struct Joined<'e> {
    pub(super) subjects: &'e [Subject],
    /// Their places, for each of the types.
    pub(super) places: Vec<&'e [usize]>,
    /// The name of the asset that is joined, where it is not among the others.
    pub(super) but: Option<&'e str>,
    /// There may be others.
    pub(super) untold: bool,
}

impl<'e> Joined<'e> {
    /// Returns the assets.
    pub fn subjects(&self) -> impl Iterator<Item = &'e Subject> + use<'e> {
        let (subjects, but) = (self.subjects, self.but);
        let places = self.places.clone().into_iter().flatten();
        let joined = places.filter_map(|place| subjects.get(*place));
        joined.filter(move |joined| Some(joined.name()) != but)
    }

    /// Returns them as conditions read them. What is not told of may decide otherwise.
    pub(crate) fn values(&self) -> impl Iterator<Item = Value<'e>> + use<'e> {
        let untold = self.untold.then_some(Value::Unknown);
        self.subjects().map(|joined| Value::of(joined.json())).chain(untold)
    }
}
