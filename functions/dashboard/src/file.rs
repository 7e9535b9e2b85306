//! One file and its answers.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use crate::embedded::Embedded;

/// How long a browser may keep a file whose name changes with what is in it: a year.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Everything else is asked for again, and answered in a word when it is the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// A file in each of its encodings, and its headers.
#[derive(Debug)]
pub(crate) struct File {
    plain: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache: HeaderValue,
}

impl File {
    pub(crate) fn embedded(file: &Embedded) -> Self {
        Self {
            plain: Bytes::from_static(file.plain),
            br: file.br.map(Bytes::from_static),
            gzip: file.gzip.map(Bytes::from_static),
            content_type: HeaderValue::from_static(file.content_type()),
            etag: etag(file.digest),
            cache: if file.is_hashed() { FOREVER } else { ASK_AGAIN },
        }
    }

    pub(crate) fn made(text: Vec<u8>, content_type: &'static str) -> Self {
        // Made anew by each process from the same environment: its length and sum tell it apart.
        let sum = text
            .iter()
            .fold(0_u64, |sum, byte| sum.wrapping_mul(1_099_511_628_211) ^ u64::from(*byte));
        Self {
            etag: etag(&format!("{sum:016x}")),
            plain: text.into(),
            br: None,
            gzip: None,
            content_type: HeaderValue::from_static(content_type),
            cache: ASK_AGAIN,
        }
    }

    /// Answers with the smallest encoding that is taken, or that nothing changed.
    pub(crate) fn answer(&self, asked: &HeaderMap) -> Response {
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::CACHE_CONTROL, self.cache.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if asked.get(header::IF_NONE_MATCH).is_some_and(|known| known == self.etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let (body, encoding) = self.encoded(asked.get(header::ACCEPT_ENCODING));
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        (headers, body).into_response()
    }

    /// Returns the smallest that the browser takes.
    fn encoded(&self, accepted: Option<&HeaderValue>) -> (Bytes, Option<&'static str>) {
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let takes = |name: &str| {
            accepted.split(',').any(|one| {
                let (coding, quality) = one.split_once(';').unwrap_or((one, ""));
                coding.trim() == name
                    && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
            })
        };
        match (&self.br, &self.gzip) {
            (Some(br), _) if takes("br") => (br.clone(), Some("br")),
            (_, Some(gzip)) if takes("gzip") => (gzip.clone(), Some("gzip")),
            _ => (self.plain.clone(), None),
        }
    }
}

/// Weak, because it is the same for each encoding.
fn etag(digest: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("W/\"{digest}\"")).expect("hexadecimal fits into a header")
}
