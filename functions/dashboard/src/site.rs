//! The page's files, and what it asks its own server.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use function::{Environment, Mesh};

use crate::{
    config::Config,
    embedded::{Embedded, FILES},
    headers,
    topology::topology,
};

/// How long a browser may keep a file whose name changes with what is in it: a year.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Everything else is asked for again, and answered in a word when it is the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// What stands in the page's place when it was not built.
const UNBUILT: &str = "The page is not in this program: it was not built before.\n\n\
    cd functions/dashboard/web && npm ci && npm run build\ncargo build --package dashboard\n";

/// Everything that is served, ready to be sent.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    files: HashMap<&'static str, File>,
    /// For every address that is no file: the page finds its way itself.
    index: File,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A file in each of its encodings, and its headers.
struct File {
    plain: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache: HeaderValue,
}

impl Site {
    /// Makes the site; nothing is connected.
    ///
    /// # Errors
    /// What is missing in the environment, or wrong with a manifest.
    pub fn connect(mesh: &Mesh, environment: &Environment) -> Result<Self, Vec<String>> {
        let config = Config::read(mesh, environment)?;
        let headers = headers::of(&config)?;
        let mistake = |error: serde_json::Error| vec![error.to_string()];
        let mut files: HashMap<_, _> =
            FILES.iter().map(|file| (file.path, File::embedded(file))).collect();
        let made = [
            ("config.json", serde_json::to_vec(&config).map_err(mistake)?),
            ("topology.json", serde_json::to_vec(&topology()?).map_err(mistake)?),
        ];
        files.extend(made.map(|(path, text)| (path, File::made(text, "application/json"))));
        let index = files.remove("index.html");
        let index =
            index.unwrap_or_else(|| File::made(UNBUILT.into(), "text/plain; charset=utf-8"));
        Ok(Self(Arc::new(Parts { files, index, headers })))
    }

    fn answer(&self, method: &Method, uri: &Uri, asked: &HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            return self.dressed(StatusCode::METHOD_NOT_ALLOWED.into_response());
        }
        let path = uri.path().trim_start_matches('/');
        let file = match self.0.files.get(path) {
            Some(file) => file,
            // What looks like a file and is none is missing, and no page.
            None if is_file(path) => return self.dressed(StatusCode::NOT_FOUND.into_response()),
            None => &self.0.index,
        };
        self.dressed(file.answer(asked))
    }

    /// Adds what every answer has.
    fn dressed(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.reserve(self.0.headers.len());
        for (name, value) in &self.0.headers {
            headers.insert(name.clone(), value.clone());
        }
        response
    }
}

/// Answers every address. HEAD gets the same headers; the server leaves the body out.
pub fn routes(site: Site) -> Router {
    Router::new().fallback(serve).with_state(site)
}

async fn serve(State(site): State<Site>, method: Method, uri: Uri, asked: HeaderMap) -> Response {
    site.answer(&method, &uri, &asked)
}

/// The last part of a page's address never has a dot followed by letters alone, except ids of
/// documents, which stand below a page of their own.
fn is_file(path: &str) -> bool {
    path.starts_with("assets/") || (!path.contains('/') && path.contains('.'))
}

impl File {
    fn embedded(file: &Embedded) -> Self {
        Self {
            plain: Bytes::from_static(file.plain),
            br: file.br.map(Bytes::from_static),
            gzip: file.gzip.map(Bytes::from_static),
            content_type: HeaderValue::from_static(file.content_type()),
            etag: etag(file.digest),
            cache: if file.is_hashed() { FOREVER } else { ASK_AGAIN },
        }
    }

    fn made(text: Vec<u8>, content_type: &'static str) -> Self {
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

    fn answer(&self, asked: &HeaderMap) -> Response {
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
