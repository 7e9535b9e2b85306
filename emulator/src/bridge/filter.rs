//! Pub/Sub's filter language, as much of it as there is to attributes.
//!
//! `attributes:KEY`, `attributes.KEY = "VALUE"`, `!=`, `hasPrefix(attributes.KEY, "PREFIX")`,
//! joined by `AND`, `OR`, `NOT` (or `-`) and parentheses. As in Pub/Sub, `AND` and
//! `OR` may not stand side by side without parentheses.
//! Source: <https://cloud.google.com/pubsub/docs/subscription-message-filter>.

use std::{collections::BTreeMap, iter::Peekable, str::Chars, str::FromStr};

/// Pub/Sub's own limit on the length of a filter.
const FILTER_BYTES_MAX: usize = 256;

/// Which messages a trigger wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The attribute is there.
    Has(String),
    /// The attribute is there and is this value.
    Equals(String, String),
    /// The attribute is there and starts with this.
    HasPrefix(String, String),
    /// Not so.
    Not(Box<Filter>),
    /// All of them.
    All(Vec<Filter>),
    /// One of them.
    Any(Vec<Filter>),
}

/// A text that is not a filter.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a filter: {reason}")]
pub struct InvalidFilter {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Filter {
    /// Says whether a message with these attributes passes.
    #[must_use]
    pub fn matches(&self, attributes: &BTreeMap<String, String>) -> bool {
        match self {
            Self::Has(key) => attributes.contains_key(key),
            Self::Equals(key, value) => attributes.get(key) == Some(value),
            Self::HasPrefix(key, prefix) => {
                attributes.get(key).is_some_and(|value| value.starts_with(prefix))
            }
            Self::Not(filter) => !filter.matches(attributes),
            Self::All(filters) => filters.iter().all(|filter| filter.matches(attributes)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(attributes)),
        }
    }
}

impl FromStr for Filter {
    type Err = InvalidFilter;

    fn from_str(text: &str) -> Result<Self, InvalidFilter> {
        let invalid = |reason| InvalidFilter { text: text.to_owned(), reason };
        if text.len() > FILTER_BYTES_MAX {
            return Err(invalid(format!("longer than {FILTER_BYTES_MAX} bytes")));
        }
        let tokens = tokens(text).map_err(invalid)?;
        let mut parser = Parser { tokens: &tokens };
        let filter = parser.expression().map_err(invalid)?;
        match parser.tokens.first() {
            None => Ok(filter),
            Some(token) => Err(invalid(format!("{token:?} does not belong there"))),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let sign = |text| Ok(Token::Sign(text));
        let token = match first {
            c if c.is_whitespace() => continue,
            '.' => sign("."),
            ':' => sign(":"),
            '=' => sign("="),
            '(' => sign("("),
            ')' => sign(")"),
            ',' => sign(","),
            '-' => sign("-"),
            '!' if rest.next_if_eq(&'=').is_some() => sign("!="),
            '"' => quoted(&mut rest).map(Token::Text),
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_word(*c) || *c == '-') {
                    word.push(c);
                }
                Ok(Token::Word(word))
            }
            c => Err(format!("`{c}` does not belong there")),
        };
        tokens.push(token?);
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match rest.next() {
            Some('"') => return Ok(text),
            Some('\\') => text.extend(rest.next()),
            Some(c) => text.push(c),
            None => return Err("a quotation mark is missing".into()),
        }
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Filter, String> {
        let first = self.term()?;
        let Some(word) = self.peek_word().filter(|word| ["AND", "OR"].contains(word)) else {
            return Ok(first);
        };
        let (word, mut filters) = (word.to_owned(), vec![first]);
        while self.take(&Token::Word(word.clone())) {
            filters.push(self.term()?);
        }
        if matches!(self.peek_word(), Some("AND" | "OR")) {
            return Err("`AND` and `OR` side by side need parentheses".into());
        }
        Ok(if word == "AND" { Filter::All(filters) } else { Filter::Any(filters) })
    }

    fn term(&mut self) -> Result<Filter, String> {
        // Bounded by the filter's length, as parentheses are.
        if self.take(&Token::Word("NOT".into())) || self.take(&Token::Sign("-")) {
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.take(&Token::Sign("(")) {
            let filter = self.expression()?;
            self.expect(")")?;
            return Ok(filter);
        }
        if self.take(&Token::Word("hasPrefix".into())) {
            self.expect("(")?;
            self.attributes()?;
            self.expect(".")?;
            let key = self.key()?;
            self.expect(",")?;
            let prefix = self.text()?;
            self.expect(")")?;
            return Ok(Filter::HasPrefix(key, prefix));
        }
        self.attributes()?;
        if self.take(&Token::Sign(":")) {
            return self.key().map(Filter::Has);
        }
        self.expect(".")?;
        let key = self.key()?;
        if self.take(&Token::Sign("!=")) {
            return Ok(Filter::Not(Box::new(Filter::Equals(key, self.text()?))));
        }
        self.expect("=")?;
        Ok(Filter::Equals(key, self.text()?))
    }

    fn attributes(&mut self) -> Result<(), String> {
        let found = self.take(&Token::Word("attributes".into()));
        found.then_some(()).ok_or_else(|| self.missing("attributes"))
    }

    fn key(&mut self) -> Result<String, String> {
        match self.tokens.split_first() {
            Some((Token::Word(key) | Token::Text(key), rest)) => {
                self.tokens = rest;
                Ok(key.clone())
            }
            _ => Err(self.missing("an attribute's name")),
        }
    }

    fn text(&mut self) -> Result<String, String> {
        match self.tokens.split_first() {
            Some((Token::Text(text), rest)) => {
                self.tokens = rest;
                Ok(text.clone())
            }
            _ => Err(self.missing("a text in quotation marks")),
        }
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), String> {
        self.take(&Token::Sign(sign)).then_some(()).ok_or_else(|| self.missing(sign))
    }

    fn take(&mut self, token: &Token) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn peek_word(&self) -> Option<&str> {
        match self.tokens.first() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn missing(&self, what: &str) -> String {
        match self.tokens.first() {
            Some(token) => format!("expected {what} instead of {token:?}"),
            None => format!("expected {what} at its end"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_picks_messages_by_their_attributes() {
        let attributes = [("kind", "a"), ("iam-role", "roles/viewer"), ("empty", "")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let attributes = BTreeMap::from(attributes);
        for (text, passes) in [
            (r#"attributes.kind = "a""#, true),
            (r#"attributes.kind="b""#, false),
            (r#"attributes.none = "a""#, false),
            (r#"attributes.kind != "b""#, true),
            (r#"attributes.none != "b""#, true),
            ("attributes:kind", true),
            ("attributes:empty", true),
            ("attributes:none", false),
            ("attributes:iam-role", true),
            (r#"attributes."iam-role" = "roles/viewer""#, true),
            ("NOT attributes:kind", false),
            ("-attributes:kind", false),
            ("NOT NOT attributes:kind", true),
            (r#"hasPrefix(attributes.iam-role, "roles/")"#, true),
            (r#"hasPrefix(attributes.kind, "roles/")"#, false),
            (r#"hasPrefix(attributes.none, "")"#, false),
            (r#"attributes:kind AND attributes:none"#, false),
            (r#"attributes:kind OR attributes:none"#, true),
            (r#"attributes:none AND (attributes:kind OR attributes:kind)"#, false),
            (r#"(attributes:none AND attributes:kind) OR attributes:kind"#, true),
            (r#"attributes.kind = "a\"b""#, false),
        ] {
            let filter = text.parse::<Filter>().expect(text);
            assert_eq!(filter.matches(&attributes), passes, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_filter_is_refused_with_the_reason() {
        let long = format!("attributes:{}", "x".repeat(256));
        for (text, reason) in [
            ("", "expected attributes at its end"),
            ("attributes", "expected . at its end"),
            ("attributes.kind", "expected = at its end"),
            ("attributes.kind = a", "expected a text in quotation marks"),
            (r#"attributes.kind = "a"#, "quotation mark is missing"),
            ("data:x", "expected attributes"),
            ("attributes:a AND", "expected attributes at its end"),
            ("attributes:a AND attributes:b OR attributes:c", "need parentheses"),
            ("(attributes:a", "expected ) at its end"),
            ("attributes:a attributes:b", "does not belong there"),
            ("attributes:a and attributes:b", "does not belong there"),
            ("attributes:a ! attributes:b", "`!` does not belong there"),
            (&long, "longer than 256 bytes"),
        ] {
            let error = text.parse::<Filter>().expect_err(text);
            assert!(error.reason.contains(reason), "{text}: {error}");
        }
    }
}
