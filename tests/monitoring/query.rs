//! Cloud Logging's query language, as much of it as filters of metrics use.
//!
//! Source: <https://cloud.google.com/logging/docs/view/logging-query-language>.

use serde_json::Value;

use crate::entry::at;

const SEVERITIES: [&str; 9] =
    ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"];

/// A filter that can be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    All(Vec<Query>),
    Any(Vec<Query>),
    Not(Box<Query>),
    /// A member, how it is compared, and with one of what.
    Compare(String, String, Vec<String>),
}

impl Query {
    /// Reads a filter. A test's filter that cannot be read is a mistake of ours.
    pub fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut parser = Parser { tokens: &tokens, text };
        let query = parser.any();
        assert!(parser.tokens.is_empty(), "`{text}` goes on with {:?}", parser.tokens);
        query
    }

    /// Whether an entry is one of those that the filter selects.
    pub fn matches(&self, entry: &Value) -> bool {
        match self {
            Self::All(queries) => queries.iter().all(|query| query.matches(entry)),
            Self::Any(queries) => queries.iter().any(|query| query.matches(entry)),
            Self::Not(query) => !query.matches(entry),
            Self::Compare(path, operator, values) => {
                let Some(found) = at(entry, path) else { return false };
                values.iter().any(|value| compare(path, found, operator, value))
            }
        }
    }
}

fn compare(path: &str, found: &Value, operator: &str, wanted: &str) -> bool {
    let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    let number = |text: &str| match path {
        "severity" => SEVERITIES.iter().position(|one| *one == text).map(|place| place as f64),
        _ => text.parse::<f64>().ok(),
    };
    match operator {
        "=" => text == wanted,
        "!=" => text != wanted,
        ":" => wanted == "*" || text.contains(wanted),
        ">=" | "<=" | ">" | "<" => match (number(&text), number(wanted)) {
            (Some(found), Some(wanted)) => match operator {
                ">=" => found >= wanted,
                "<=" => found <= wanted,
                ">" => found > wanted,
                _ => found < wanted,
            },
            _ => false,
        },
        other => panic!("`{other}` is no comparison that is known here"),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let end = rest[1..].find('"').expect("a text ends") + 1;
                tokens.push(Token::Text(rest[1..end].to_owned()));
                end + 1
            }
            '(' | ')' | ':' => {
                tokens.push(Token::Sign(first.to_string()));
                1
            }
            '=' | '!' | '<' | '>' => {
                let length = rest.find(|c| !"=!<>~".contains(c)).unwrap_or(rest.len());
                tokens.push(Token::Sign(rest[..length].to_owned()));
                length
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()=!<>:\"".contains(c));
                let length = end.unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..length].to_owned()));
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Parser<'t> {
    tokens: &'t [Token],
    text: &'t str,
}

impl Parser<'_> {
    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.first() == Some(token);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    fn next(&mut self) -> Token {
        let (first, rest) = self.tokens.split_first().unwrap_or_else(|| panic!("{}", self.text));
        self.tokens = rest;
        first.clone()
    }

    fn word(&mut self, word: &str) -> bool {
        self.take(&Token::Word(word.to_owned()))
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.take(&Token::Sign(sign.to_owned()))
    }

    fn any(&mut self) -> Query {
        let mut all = vec![self.all()];
        while self.word("OR") {
            all.push(self.all());
        }
        if all.len() == 1 { all.remove(0) } else { Query::Any(all) }
    }

    fn all(&mut self) -> Query {
        let mut all = vec![self.one()];
        while self.word("AND") {
            all.push(self.one());
        }
        if all.len() == 1 { all.remove(0) } else { Query::All(all) }
    }

    fn one(&mut self) -> Query {
        if self.word("NOT") {
            return Query::Not(Box::new(self.one()));
        }
        if self.sign("(") {
            let query = self.any();
            assert!(self.sign(")"), "`{}` lacks a parenthesis", self.text);
            return query;
        }
        let (path, operator) = (self.next(), self.next());
        let (Token::Word(path), Token::Sign(operator)) = (path, operator) else {
            panic!("`{}` compares nothing", self.text)
        };
        let mut values = Vec::new();
        if self.sign("(") {
            loop {
                values.push(self.value());
                if !self.word("OR") {
                    break;
                }
            }
            assert!(self.sign(")"), "`{}` lacks a parenthesis", self.text);
        } else {
            values.push(self.value());
        }
        Query::Compare(path, operator, values)
    }

    fn value(&mut self) -> String {
        match self.next() {
            Token::Word(text) | Token::Text(text) => text,
            Token::Sign(sign) => panic!("`{}` has `{sign}` for a value", self.text),
        }
    }
}

#[test]
fn filters_select_as_cloud_logging_does() {
    let entry = serde_json::json!({
        "severity": "ERROR", "jsonPayload": {"outcome": "failed", "status": 403, "ms": 7}
    });
    for (filter, selected) in [
        ("severity>=ERROR", true),
        ("severity>=CRITICAL", false),
        ("severity>=INFO AND jsonPayload.status=403", true),
        ("jsonPayload.outcome:*", true),
        ("jsonPayload.other:*", false),
        ("jsonPayload.status=(401 OR 403)", true),
        ("jsonPayload.status=(401 OR 404)", false),
        ("jsonPayload.ms>=7 AND jsonPayload.ms<8", true),
        ("jsonPayload.ms>7", false),
        ("NOT jsonPayload.outcome=\"done\"", true),
        ("jsonPayload.other!=\"x\"", false),
        ("jsonPayload.outcome=\"done\" OR (severity=ERROR AND jsonPayload.ms:*)", true),
        ("(jsonPayload.outcome=\"done\" OR severity=ERROR) AND jsonPayload.ms=8", false),
    ] {
        assert_eq!(Query::parse(filter).matches(&entry), selected, "{filter}");
    }
}
