//! Lines as functions write them, through the telemetry layer itself.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use telemetry::{
    Settings,
    registry::{Fact, Level, Outcome, Verdict},
};
use tracing::{error, info, warn};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the one line that is written.
fn line(write: impl FnOnce()) -> String {
    let sink = Sink::default();
    let settings = Settings { service: "a-function".to_owned(), ..Settings::default() };
    let writer = sink.clone();
    let subscriber = telemetry::subscriber(&settings, move || writer.clone());
    tracing::subscriber::with_default(subscriber, write);
    let bytes = sink.0.lock().expect("no test panics while writing").clone();
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

/// Returns a line that was written before, or writes it.
fn once(key: String, write: impl FnOnce() -> String) -> String {
    static WRITTEN: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let mut written = WRITTEN.lock().expect("no test panics while writing");
    written.entry(key).or_insert_with(write).clone()
}

/// The line of a delivery or a request, with the members that the edges give it.
pub fn outcome(outcome: &Outcome, trigger: &str) -> String {
    let (name, duration_ms) = (outcome.name, 12_u64);
    let write = || match outcome.verdict {
        Verdict::Good => info!(outcome = name, trigger, duration_ms, "went well"),
        Verdict::Bad if name == "failed" => {
            error!(outcome = name, trigger, duration_ms, code = "INTERNAL", "cannot handle it");
        }
        Verdict::Bad | Verdict::Neither => {
            warn!(outcome = name, trigger, duration_ms, code = "INVALID_ARGUMENT", "did not");
        }
    };
    once(format!("{name} {trigger}"), || line(write))
}

/// A line with a name.
pub fn fact(fact: &Fact) -> String {
    let name = fact.name;
    line(|| match fact.level {
        Level::Info => info!(event_name = name, "it happened"),
        Level::Warning => warn!(event_name = name, "it happened"),
        Level::Error => error!(event_name = name, "it happened"),
    })
}

/// What destine-root writes after the checks of a tick.
pub fn checks_ran(late_p99_ms: u64) -> String {
    let runs = 40_u64;
    let write = || info!(event_name = "checks-ran", runs, late_p99_ms, "ran {runs} checks");
    once(format!("checks-ran {late_p99_ms}"), || line(write))
}

/// A request that was turned away.
pub fn forbidden() -> String {
    let (status, duration_ms) = (403_u16, 1_u64);
    line(|| info!(outcome = "answered", trigger = "api", status, duration_ms, "answered 403"))
}

/// A delivery whose sender is nobody.
pub fn unauthenticated() -> String {
    let code = "UNAUTHENTICATED";
    line(|| warn!(outcome = "refused", trigger = "asked", duration_ms = 1_u64, code, "refused"))
}

/// A line that nobody searches for.
pub fn plain() -> String {
    line(|| info!(count = 3, "nothing to see"))
}
