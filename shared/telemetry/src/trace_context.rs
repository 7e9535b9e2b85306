use http::HeaderMap;

/// The header of the W3C trace context, also the name of CloudEvents' and Pub/Sub's attribute.
pub const TRACEPARENT: &str = "traceparent";
/// Google's older header, which Cloud Run still sends.
pub const CLOUD_TRACE: &str = "x-cloud-trace-context";

/// Which trace the work belongs to, and which span of it. Neither id is ever zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub(crate) trace: u128,
    pub(crate) span: u64,
    /// The span that caused this one, if it is known.
    pub(crate) parent: Option<u64>,
    pub(crate) sampled: bool,
}

impl TraceContext {
    /// Starts a trace of its own, which nobody has decided to sample.
    pub fn random() -> Self {
        let trace = rand::random_range(1..=u128::MAX);
        Self { trace, span: random_span(), parent: None, sampled: false }
    }

    /// Reads `traceparent`, or else `X-Cloud-Trace-Context`.
    ///
    /// A header that is malformed, or there twice, counts as absent.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let only = |name| {
            let mut values = headers.get_all(name).iter();
            let first = values.next()?.to_str().ok()?;
            values.next().is_none().then_some(first)
        };
        only(TRACEPARENT)
            .and_then(Self::from_traceparent)
            .or_else(|| only(CLOUD_TRACE).and_then(Self::from_cloud_trace))
    }

    /// Starts the span of work that was asked for with these headers, in a trace of its own
    /// if they name none.
    pub fn of_work(headers: &HeaderMap) -> Self {
        Self::from_headers(headers).map_or_else(Self::random, |asked| asked.child())
    }

    /// Reads the W3C text, for events that carry it as an attribute.
    ///
    /// Version `00` is read exactly; of a later version, the part that it shares with `00`.
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let mut fields = text.splitn(5, '-');
        let version = hexadecimal(fields.next()?, 2)?;
        let trace = hexadecimal(fields.next()?, 32)?;
        let span = hexadecimal(fields.next()?, 16)?;
        let flags = hexadecimal(fields.next()?, 2)?;
        let known = match version {
            0x00 => fields.next().is_none(),
            0xff => false,
            _ => true,
        };
        known.then(|| Self::new(trace, u64::try_from(span).ok()?, flags & 1 == 1))?
    }

    /// Reads `TRACE/SPAN;o=1`, where the span is a decimal number.
    fn from_cloud_trace(text: &str) -> Option<Self> {
        let (trace, rest) = text.split_once('/')?;
        let (span, sampled) = match rest.split_once(';') {
            None => (rest, false),
            Some((span, "o=0")) => (span, false),
            Some((span, "o=1")) => (span, true),
            Some(_) => return None,
        };
        let digits = span.bytes().all(|byte| byte.is_ascii_digit());
        let span = digits.then(|| span.parse().ok())??;
        Self::new(hexadecimal(trace, 32)?, span, sampled)
    }

    fn new(trace: u128, span: u64, sampled: bool) -> Option<Self> {
        (trace != 0 && span != 0).then_some(Self { trace, span, parent: None, sampled })
    }

    /// Starts a span of its own that this one caused.
    ///
    /// Whoever receives work does so with the context that came with it, and sends its own.
    pub fn child(&self) -> Self {
        Self { span: random_span(), parent: Some(self.span), ..*self }
    }

    /// Writes the W3C header, version `00`.
    pub fn traceparent(&self) -> String {
        let Self { trace, span, sampled, .. } = self;
        format!("00-{trace:032x}-{span:016x}-{:02x}", u8::from(*sampled))
    }

    /// The trace's id: 32 hexadecimal digits.
    pub fn trace(&self) -> String {
        format!("{:032x}", self.trace)
    }

    /// The span's id: 16 hexadecimal digits.
    pub fn span(&self) -> String {
        format!("{:016x}", self.span)
    }

    /// The id of the span that caused this one: 16 hexadecimal digits.
    pub fn parent(&self) -> Option<String> {
        self.parent.map(|span| format!("{span:016x}"))
    }

    /// Whether someone upstream decided to record this trace.
    pub fn sampled(&self) -> bool {
        self.sampled
    }
}

fn random_span() -> u64 {
    rand::random_range(1..=u64::MAX)
}

/// Reads exactly `digits` lower-case digits; the W3C forbids upper case.
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let strict =
        text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    strict.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
#[path = "trace_context_tests.rs"]
mod tests;
