#![doc = include_str!("../README.md")]

mod members;
mod ordinary;
mod panic;
mod redacted;
pub mod registry;
mod report;
mod scope;
mod settings;
mod shorten;
mod spans;
mod text;
mod trace_context;
mod writer;

#[cfg(test)]
mod capture;

use std::{io, sync::Once};

use tracing::{Subscriber, warn};
use tracing_subscriber::{
    EnvFilter,
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::{LookupSpan, Registry},
    util::SubscriberInitExt,
};

use crate::ordinary::Ordinary;
pub use crate::{
    redacted::Redacted,
    scope::{Entered, Scope, current, current_trace, in_current_scope, scoped},
    settings::Settings,
    spans::{NotARatio, Sampling, Span, Spans},
    trace_context::{CLOUD_TRACE, TRACEPARENT, TraceContext},
    writer::LINE_BYTES_MAX,
};

/// Starts logging to standard output and installs the panic hook.
///
/// Once per process: a second call changes nothing. A filter that cannot be read
/// is replaced by the default, and the first line says so.
pub fn init(settings: Settings) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        settings::keep(settings.clone());
        // An `Err` means that the process already has a subscriber, or a `log` logger: theirs stays.
        let _ = subscriber(&settings, io::stdout).try_init();
        panic::install(settings.clone());
        if let Err(error) = settings.env_filter() {
            warn!(%error, "cannot read the log filter, using `{}`", settings::FILTER);
        }
    });
}

/// Builds what [`init`] installs, writing to `sink`: each line is one `write_all`.
///
/// For tests that read the lines, through [`tracing::subscriber::with_default`].
/// Scopes name the project and the module only after [`init`].
pub fn subscriber<M>(
    settings: &Settings,
    sink: M,
) -> impl Subscriber + Send + Sync + for<'span> LookupSpan<'span>
where
    M: for<'writer> MakeWriter<'writer> + Clone + Send + Sync + 'static,
{
    let filter = settings.env_filter().unwrap_or_else(|_| EnvFilter::new(settings::FILTER));
    let lines = writer::Lines::new(settings.clone(), sink.clone());
    let rest = tracing_stackdriver::layer().with_writer(lines);
    Registry::default().with(filter).with(Ordinary { rest, sink })
}
