//! CloudEvents over HTTP, binary and structured.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>.

use std::borrow::Cow;

use bytes::Bytes;
use cloudevents::{AttributesReader, Data, event::ExtensionValue};
use model::Timestamp;
use percent_encoding::percent_decode_str;

use super::{Delivered, Malformed};

const EXPECTED: &str = "a CloudEvent";
/// The version of the specification whose attributes are read here.
const VERSION: &str = "1.0";

/// The parts of a CloudEvent that Mesh reads.
pub(super) struct CloudEvent<'a> {
    pub(super) source: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) time: Option<Timestamp>,
    pub(super) subject: Option<Cow<'a, str>>,
    pub(super) document: Option<Cow<'a, str>>,
    pub(super) content_type: Cow<'a, str>,
    pub(super) data: Bytes,
}

impl<'a> CloudEvent<'a> {
    pub(super) fn read(delivered: &'a Delivered) -> Result<Self, Malformed> {
        let structured = delivered
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/cloudevents"));
        if structured { Self::structured(delivered) } else { Self::binary(delivered) }
    }

    /// Reads the attributes from headers. The SDK leaves their values percent-encoded,
    /// which the binding asks to decode, and copies the body.
    fn binary(delivered: &'a Delivered) -> Result<Self, Malformed> {
        let attribute = |name: &str| match delivered.header(name) {
            None => Ok(None),
            Some(value) => match percent_decode_str(value).decode_utf8() {
                Ok(text) => Ok(Some(text)),
                Err(error) => Err(Malformed::new(EXPECTED, format!("`{name}`: {error}"))),
            },
        };
        let required = |name: &str| {
            let missing = || Malformed::new(EXPECTED, format!("`{name}` is missing"));
            attribute(name)?.filter(|value| !value.is_empty()).ok_or_else(missing)
        };
        let version = required("ce-specversion")?;
        if version != VERSION {
            let reason = format!("`ce-specversion` is `{version}` where {VERSION} is expected");
            return Err(Malformed::new(EXPECTED, reason));
        }
        required("ce-type")?;
        let time = attribute("ce-time")?.map(|time| time.parse()).transpose();
        Ok(Self {
            source: required("ce-source")?,
            id: required("ce-id")?,
            time: time.map_err(|error| Malformed::new(EXPECTED, format!("`ce-time`: {error}")))?,
            subject: attribute("ce-subject")?,
            document: attribute("ce-document")?,
            content_type: delivered.header("content-type").unwrap_or_default().into(),
            data: delivered.body.clone(),
        })
    }

    fn structured(delivered: &Delivered) -> Result<Self, Malformed> {
        let event =
            cloudevents::binding::http::to_event(&delivered.headers, delivered.body.to_vec())
                .map_err(|error| Malformed::new(EXPECTED, error))?;
        let document = match event.extension("document") {
            Some(ExtensionValue::String(path)) => Some(path.clone().into()),
            _ => None,
        };
        Ok(Self {
            source: event.source().to_string().into(),
            id: event.id().to_owned().into(),
            time: event
                .time()
                .and_then(|time| jiff::Timestamp::from_microsecond(time.timestamp_micros()).ok())
                .map(Timestamp::from),
            subject: event.subject().map(|subject| subject.to_owned().into()),
            document,
            content_type: event.datacontenttype().unwrap_or_default().to_owned().into(),
            data: match event.data() {
                Some(Data::Binary(bytes)) => bytes.clone().into(),
                Some(Data::String(text)) => text.clone().into(),
                Some(Data::Json(json)) => json.to_string().into(),
                None => Bytes::new(),
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
