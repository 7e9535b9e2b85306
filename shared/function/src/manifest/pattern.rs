//! Patterns of document paths.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A pattern such as `checks/{check}/results/{result}`.
///
/// Segments are literal or a capture as a whole. Eventarc also knows `*` and
/// `**`; Mesh does without them, because a handler should name what it reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DocumentPattern {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Capture(String),
}

impl DocumentPattern {
    /// Returns the pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what the captures hold when the path matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut captures = BTreeMap::new();
        let mut parts = path.split('/');
        for segment in &self.segments {
            let part = parts.next()?;
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Literal(_) => return None,
                Segment::Capture(name) => {
                    captures.insert(name.clone(), part.to_owned());
                }
            }
        }
        parts.next().is_none().then_some(captures)
    }
}

impl TryFrom<String> for DocumentPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let segments = text
            .split('/')
            .map(|part| {
                let capture = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
                let word = capture.unwrap_or(part);
                let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
                match capture {
                    _ if word.is_empty() || !plain => Err(format!(
                        "segment `{part}` of `{text}` must be a plain name or `{{name}}`"
                    )),
                    Some(name) => Ok(Segment::Capture(name.to_owned())),
                    None => Ok(Segment::Literal(part.to_owned())),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        if segments.len() % 2 != 0 {
            return Err(format!("`{text}` names a collection; name a document: `{text}/{{id}}`"));
        }
        Ok(Self { text, segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> DocumentPattern {
        DocumentPattern::try_from(text.to_owned()).expect("a pattern")
    }

    #[test]
    fn a_capture_takes_one_segment() {
        let captures = pattern("checks/{check}/results/{result}").matches("checks/a/results/b");
        let captures = captures.expect("matches");
        assert_eq!((captures["check"].as_str(), captures["result"].as_str()), ("a", "b"));
        for path in ["checks/a", "checks/a/results", "checks/a/results/b/c/d", "other/a/results/b"]
        {
            assert!(pattern("checks/{check}/results/{result}").matches(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_pattern_that_firestore_would_choke_on_is_refused() {
        // The Firestore emulator fails every write once `a/z-{id}` is registered.
        for text in ["a/z-{id}", "assets", "assets/**", "assets/{}", "", "a//b/c", "a/{b}/c"] {
            assert!(DocumentPattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
