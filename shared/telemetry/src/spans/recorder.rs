use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use opentelemetry_sdk::{
    error::OTelSdkResult,
    runtime::Tokio,
    trace::{
        BatchConfigBuilder, SpanData, SpanExporter, SpanProcessor,
        span_processor_with_async_runtime::BatchSpanProcessor,
    },
};
use tokio::sync::oneshot;

use super::{Span, losses::Losses};

/// How many spans wait to be sent, at half a kilobyte each; OpenTelemetry's own default.
pub(super) const WAITING_MAX: usize = 2_048;
/// The room that the processor's queue has besides, for being told to end.
const QUEUE_ROOM: usize = 8;
/// How many are sent at once; OpenTelemetry's own default.
const BATCH_MAX: usize = 512;
/// How long a span waits for others; OpenTelemetry's own default.
const DELAY: Duration = Duration::from_secs(5);
/// How long sending may take. Meanwhile others wait.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Gathers spans and sends them in batches, beside the requests.
pub(super) struct Recorder {
    /// Started by the first span: before, there is no runtime that it could run in.
    processor: OnceLock<Arc<BatchSpanProcessor<Tokio>>>,
    start: Box<dyn Fn() -> BatchSpanProcessor<Tokio> + Send + Sync>,
    queue: Arc<Queue>,
}

/// What recorder and exporter know of each other.
#[derive(Debug, Default)]
struct Queue {
    waiting: AtomicUsize,
    losses: Losses,
}

impl Recorder {
    pub(super) fn new(exporter: impl SpanExporter + Clone + 'static) -> Self {
        let queue = Arc::new(Queue::default());
        let counted = Counted { exporter, queue: queue.clone() };
        let start = move || {
            let config = BatchConfigBuilder::default()
                .with_max_queue_size(WAITING_MAX + QUEUE_ROOM)
                .with_max_export_batch_size(BATCH_MAX)
                .with_scheduled_delay(DELAY)
                // Ours comes first, because it counts what is lost.
                .with_max_export_timeout(EXPORT_TIMEOUT * 2);
            let processor = BatchSpanProcessor::builder(counted.clone(), Tokio);
            processor.with_batch_config(config.build()).build()
        };
        Self { processor: OnceLock::new(), start: Box::new(start), queue }
    }

    pub(super) fn record(&self, span: Span) {
        let waiting = &self.queue.waiting;
        let room = |waiting| (waiting < WAITING_MAX).then_some(waiting + 1);
        if waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            self.queue.losses.add(1);
            return;
        }
        let processor = self.processor.get_or_init(|| Arc::new((self.start)()));
        processor.on_end(span.ended(SystemTime::now()));
    }

    pub(super) async fn close(&self, within: Duration) {
        let Some(processor) = self.processor.get().cloned() else { return };
        let (ended, end) = oneshot::channel();
        // The processor blocks until it has ended. On a thread of the runtime, the runtime
        // would wait for it as well, however long it takes.
        thread::spawn(move || {
            let _ = processor.shutdown();
            let _ = ended.send(());
        });
        if tokio::time::timeout(within, end).await.is_err() {
            let waiting = self.queue.waiting.swap(0, Ordering::Relaxed);
            self.queue.losses.failed(waiting, "the function had to leave".to_owned());
        }
        self.queue.losses.tell_rest(Instant::now());
    }
}

#[cfg(test)]
impl Recorder {
    pub(super) fn has_started(&self) -> bool {
        self.processor.get().is_some()
    }

    /// Sends what is waiting, without ending.
    pub(super) async fn flush(&self) {
        let processor = self.processor.get().expect("started").clone();
        let flush = tokio::task::spawn_blocking(move || processor.force_flush());
        flush.await.expect("joins").expect("flushes");
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = &self.queue;
        f.debug_struct("Recorder").field("queue", queue).finish_non_exhaustive()
    }
}

/// Sends on, within a time, and counts what could not be sent. To the processor nothing ever
/// fails: it would write a line for each batch, as an error that somebody has to act on.
#[derive(Clone, Debug)]
struct Counted<E> {
    exporter: E,
    queue: Arc<Queue>,
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let Queue { waiting, losses } = &*self.queue;
        match tokio::time::timeout(EXPORT_TIMEOUT, self.exporter.export(batch)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => losses.failed(spans, error.to_string()),
            Err(_) => losses.failed(spans, "sending them took too long".to_owned()),
        }
        let left = |waiting: usize| Some(waiting.saturating_sub(spans));
        let _ = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        losses.tell(Instant::now());
        Ok(())
    }
}
