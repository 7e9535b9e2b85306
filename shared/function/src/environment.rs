//! Configuration: the environment, typed, with all mistakes reported together.

use std::{cell::RefCell, collections::BTreeMap, fmt::Display, str::FromStr};

use secrecy::SecretString;

/// The process's environment, read once at the start.
#[derive(Clone)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Reads the process's own environment; variables that are not UTF-8 count as missing.
    #[must_use]
    pub fn of_process() -> Self {
        let pairs = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self { values: pairs.collect() }
    }

    /// Takes a given environment.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self { values: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }

    /// Returns a variable, if it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Starts to read typed values.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { environment: self, mistakes: RefCell::default() }
    }
}

/// Reads typed values and remembers every mistake.
pub struct Reader<'a> {
    environment: &'a Environment,
    mistakes: RefCell<Vec<String>>,
}

impl Reader<'_> {
    /// Reads a variable that must be there and must parse.
    pub fn parse<T: FromStr<Err: Display>>(&self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|error| self.mistake(format!("{name}: `{text}` is not valid: {error}")))
            .ok()
    }

    /// Reads a variable that must be there.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.environment.get(name);
        if value.is_none() {
            self.mistake(format!("{name}: is not set"));
        }
        value.map(str::to_owned)
    }

    /// Reads a secret that must be there; its value appears in no mistake and no log.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// Adds a mistake.
    pub fn mistake(&self, mistake: String) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Returns the whole when nothing was wrong.
    ///
    /// # Errors
    /// Every mistake that was met.
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Vec<String>> {
        let mistakes = self.mistakes.into_inner();
        match whole {
            Some(whole) if mistakes.is_empty() => Ok(whole),
            _ => Err(mistakes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_is_reported_and_no_secret_shown() {
        let environment = Environment::of([("SIZE", "many"), ("KEY", "hush"), ("EMPTY", "")]);
        let reader = environment.reader();
        let size: Option<u32> = reader.parse("SIZE");
        let key = reader.secret("KEY");
        let empty = reader.text("EMPTY");
        assert!(!format!("{key:?}").contains("hush"));
        let result = reader.finish(size.zip(key).zip(empty));
        assert_eq!(
            result.map(|_| ()).expect_err("two mistakes"),
            ["SIZE: `many` is not valid: invalid digit found in string", "EMPTY: is not set"]
        );
    }
}
