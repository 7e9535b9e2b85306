use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

const SHOWN: &str = "[redacted]";

/// A value that never shows itself: `[redacted]` in `Debug`, `Display` and `Serialize`.
///
/// It deserializes as the value does, so that settings can hold one.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value to whoever needs it. The word is there to be searched for.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl<T> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl<T> Serialize for Redacted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(SHOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-4711";

    #[derive(Debug, Serialize, Deserialize)]
    struct Holder {
        key: Redacted<String>,
        keys: Vec<Redacted<String>>,
    }

    #[test]
    fn a_redacted_value_shows_in_no_rendering() {
        let key = Redacted::new(CANARY.to_owned());
        let holder = Holder { key: key.clone(), keys: vec![key.clone()] };
        let json = serde_json::to_string(&holder).expect("serializable");
        assert_eq!(json, r#"{"key":"[redacted]","keys":["[redacted]"]}"#);
        for shown in [json, format!("{holder:?} {holder:#?} {key:?} {key:#?} {key} {key:>40}")] {
            assert!(!shown.contains(CANARY), "{shown}");
            assert!(shown.contains("[redacted]"), "{shown}");
        }
    }

    #[test]
    fn a_redacted_value_can_be_read_and_exposed() {
        let holder: Holder =
            serde_json::from_str(r#"{"key":"canary-4711","keys":[]}"#).expect("deserializable");
        assert_eq!(holder.key.expose(), CANARY);
    }
}
