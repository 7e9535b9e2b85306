//! CloudEvents over HTTP, binary and structured.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>.

use cloudevents::{AttributesReader, Data, event::ExtensionValue};
use model::Timestamp;
use percent_encoding::percent_decode_str;

use super::{Delivered, Malformed};

const EXPECTED: &str = "a CloudEvent";

/// The parts of a CloudEvent that Mesh reads.
pub(super) struct CloudEvent {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) time: Option<Timestamp>,
    pub(super) subject: Option<String>,
    pub(super) document: Option<String>,
    pub(super) content_type: String,
    pub(super) data: Vec<u8>,
}

impl CloudEvent {
    pub(super) fn read(delivered: &Delivered) -> Result<Self, Malformed> {
        let structured = delivered
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/cloudevents"));
        // The SDK leaves header values percent-encoded, which the binding asks to decode.
        let text = |value: &str| {
            if structured {
                return Ok(value.to_owned());
            }
            let decoded = percent_decode_str(value).decode_utf8();
            decoded.map(|text| text.into_owned()).map_err(|error| Malformed::new(EXPECTED, error))
        };
        let event =
            cloudevents::binding::http::to_event(&delivered.headers, delivered.body.to_vec())
                .map_err(|error| Malformed::new(EXPECTED, error))?;
        let document = match event.extension("document") {
            Some(ExtensionValue::String(path)) => Some(text(path)?),
            _ => None,
        };
        Ok(Self {
            source: text(event.source())?,
            id: text(event.id())?,
            time: event
                .time()
                .and_then(|time| jiff::Timestamp::from_microsecond(time.timestamp_micros()).ok())
                .map(Timestamp::from),
            subject: event.subject().map(text).transpose()?,
            document,
            content_type: event.datacontenttype().unwrap_or_default().to_owned(),
            data: match event.data() {
                Some(Data::Binary(bytes)) => bytes.clone(),
                Some(Data::String(text)) => text.clone().into_bytes(),
                Some(Data::Json(json)) => json.to_string().into_bytes(),
                None => Vec::new(),
            },
        })
    }

    /// Returns the path of the document that the event is about.
    pub(super) fn document_path(&self) -> Result<&str, Malformed> {
        let subject = || self.subject.as_deref().and_then(|s| s.strip_prefix("documents/"));
        self.document
            .as_deref()
            .or_else(subject)
            .filter(|path| !path.is_empty())
            .ok_or_else(|| Malformed::new(EXPECTED, "it names no document"))
    }
}
