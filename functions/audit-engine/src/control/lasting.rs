//! What assets are found by.

use std::borrow::Cow;

use jiff::Timestamp;

use super::file::LASTING;
use crate::{
    cel::{Fault, Program, Value},
    estate::Subject,
};

/// A text of an asset that does not depend on the instant, as an expression in CEL.
#[derive(Debug)]
pub(crate) struct Lasting {
    /// Tells one expression from another.
    pub source: String,
    pub program: Program,
}

impl Lasting {
    /// Returns what the expression comes to for an asset.
    ///
    /// # Errors
    /// When the asset lacks what is read, or it is no text.
    pub fn of<'s>(&'s self, subject: &'s Subject) -> Result<Cow<'s, str>, Fault> {
        let epoch = subject.at(Timestamp::UNIX_EPOCH.into());
        match self.program.evaluate(epoch.variables.get(..LASTING).unwrap_or_default())? {
            Value::Text(text) => Ok(text),
            _ => Err(Fault::Unfit("key".to_owned())),
        }
    }
}
