//! Reads back what was logged.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::Settings;

/// A sink that keeps every write by itself.
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<Vec<u8>>>>);

impl Capture {
    /// Captures what this thread logs until the guard is dropped.
    pub(crate) fn start() -> (Self, DefaultGuard) {
        let capture = Self::default();
        let subscriber = crate::subscriber(&settings(), capture.clone());
        (capture, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn writes(&self) -> Vec<Vec<u8>> {
        self.0.lock().expect("no test panics while writing").clone()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.writes().iter().map(|write| parse(write)).collect()
    }

    pub(crate) fn only(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{lines:#?}");
        lines.into_iter().next().expect("one line")
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics while writing").push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Capture {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The settings of every test of this process.
pub(crate) fn settings() -> Settings {
    let settings = Settings {
        project: "demo-mesh".to_owned(),
        service: "audit-engine".to_owned(),
        revision: "r1".to_owned(),
        filter: None,
    };
    crate::settings::keep(settings.clone());
    settings
}

/// Reads one write as exactly one line that is one object without repeated members.
pub(crate) fn parse(write: &[u8]) -> Value {
    let line = write.strip_suffix(b"\n").expect("a line ends");
    assert!(!line.contains(&b'\n'), "one line: {}", String::from_utf8_lossy(line));
    let Unique(members) = serde_json::from_slice(line).expect("an object, each member once");
    Value::Object(members.into_iter().collect())
}

struct Unique(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UniqueVisitor)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format!("`{name}` is there twice")));
            }
        }
        Ok(Unique(members))
    }
}
