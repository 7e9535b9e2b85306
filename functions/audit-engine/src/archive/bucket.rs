//! A bucket of Cloud Storage to which objects are added, and in which none is replaced.
//!
//! Source: <https://cloud.google.com/storage/docs/json_api/v1/objects>.

mod error;

use std::{sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use base64::{Engine, prelude::BASE64_STANDARD};
use function::{Environment, GoogleApi, GoogleApiError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::error::BucketError;

/// Where the service is, unless `STORAGE_EMULATOR_HOST` says otherwise.
const SERVICE: &str = "https://storage.googleapis.com";
/// How long one call may take. An object has a few hundred kilobytes, at most 16 MiB.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How often a call that may succeed soon is tried again; the next pass tries it, too.
const RETRIES: usize = 2;
/// How long it waits before the first retry.
const PAUSE: Duration = Duration::from_millis(200);
/// The largest object that is read: a bundle of the largest entries has half as much.
const OBJECT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How many objects one page of a list has; the service gives no more.
const PAGE_SIZE: &str = "1000";
/// What stands for itself in a path.
///
/// Source: <https://cloud.google.com/storage/docs/request-endpoints#encoding>.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What came of adding an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is there now.
    New,
    /// There was one of this name, and it stays as it was.
    Before,
}

/// An object in a list. With a key of our own on the bucket, lists tell no checksums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Where a list begins.
#[derive(Clone, Copy, Debug)]
pub enum Listing<'a> {
    /// Behind an earlier page, if a token names one.
    After(Option<&'a str>),
    /// At a name, whether there is such an object or not.
    From(&'a str),
}

/// Some objects, and where the others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The objects, by name.
    pub objects: Vec<Listed>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// A bucket. Cheap to clone; connects when it is used.
#[derive(Clone)]
pub struct Bucket {
    name: Arc<str>,
    api: GoogleApi,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objects {
    #[serde(default)]
    items: Vec<Object>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Object {
    name: String,
    /// Decimal text, as the published definition has all 64-bit numbers.
    size: String,
}

impl Bucket {
    /// Prepares the bucket that `AUDIT_BUCKET` names; `None` when it names none. Where
    /// `STORAGE_EMULATOR_HOST` is set, whoever is there is called, without a token.
    ///
    /// # Errors
    /// When the name can be no bucket's, or no client can be made.
    pub fn new(environment: &Environment) -> Result<Option<Self>, String> {
        let Some(name) = environment.get("AUDIT_BUCKET").filter(|name| *name != "none") else {
            return Ok(None);
        };
        if !is_name(name) {
            return Err(format!("AUDIT_BUCKET: `{name}` is neither `none` nor a bucket's name"));
        }
        let api = GoogleApi::new(environment, SERVICE, "STORAGE_EMULATOR_HOST", TIMEOUT)?;
        Ok(Some(Self { name: name.into(), api }))
    }

    /// Returns the bucket's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds an object, unless there is one of this name. The service compares a checksum of
    /// what it received before the object is there: what is retained cannot be mended.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn add(
        &self,
        object: &str,
        content_type: &str,
        content: &[u8],
    ) -> Result<Added, BucketError> {
        let checksum = BASE64_STANDARD.encode(crc32c::crc32c(content).to_be_bytes());
        let resource = json!({ "name": object, "contentType": content_type, "crc32c": checksum });
        let boundary = uuid::Uuid::now_v7().simple().to_string();
        let body = bytes::Bytes::from(related(&boundary, &resource, content_type, content));
        let path = format!("/upload/storage/v1/b/{}/o", self.name);
        let add = || async {
            // Generation 0 is that of an object that is not there.
            let query = [("uploadType", "multipart"), ("ifGenerationMatch", "0")];
            let kind = format!("multipart/related; boundary={boundary}");
            let request = self.api.request(Method::POST, &path).query(&query);
            let request = request.header(header::CONTENT_TYPE, kind).body(body.clone());
            let answer = self.api.send(request).await?;
            if answer.status() == StatusCode::PRECONDITION_FAILED {
                return Ok(Added::Before);
            }
            accepted(answer, || format!("add `{object}`")).await.map(|_| Added::New)
        };
        self.again(add).await
    }

    /// Reads an object; `None` when there is none.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn read(&self, object: &str) -> Result<Option<Vec<u8>>, BucketError> {
        let name = utf8_percent_encode(object, ENCODED);
        let path = format!("/storage/v1/b/{}/o/{name}", self.name);
        let read = || async {
            let request = self.api.request(Method::GET, &path).query(&[("alt", "media")]);
            let answer = self.api.send(request).await?;
            if answer.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let mut answer = accepted(answer, || format!("give `{object}`")).await?;
            let mut content = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(GoogleApiError::from)? {
                if content.len() + chunk.len() > OBJECT_BYTES_MAX {
                    let large = format!("`{object}` has more than {OBJECT_BYTES_MAX} bytes");
                    return Err(BucketError::Answer(large));
                }
                content.extend_from_slice(&chunk);
            }
            Ok(Some(content))
        };
        self.again(read).await
    }

    /// Lists objects whose names begin alike, in the order of their names.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn list(&self, prefix: &str, listing: Listing<'_>) -> Result<Page, BucketError> {
        let path = format!("/storage/v1/b/{}/o", self.name);
        let fields = "items(name,size),nextPageToken";
        let list = || async {
            let query = [("prefix", prefix), ("maxResults", PAGE_SIZE), ("fields", fields)];
            let request = self.api.request(Method::GET, &path).query(&query);
            let request = match listing {
                Listing::After(Some(token)) => request.query(&[("pageToken", token)]),
                Listing::After(None) => request,
                Listing::From(name) => request.query(&[("startOffset", name)]),
            };
            let answer = self.api.send(request).await?;
            let answer = accepted(answer, || format!("list `{prefix}`")).await?;
            let answer: Objects = answer.json().await.map_err(GoogleApiError::from)?;
            let listed = |object: Object| {
                let wrong = || BucketError::Answer(format!("`{}` has no size", object.name));
                let bytes = object.size.parse().map_err(|_| wrong())?;
                Ok::<_, BucketError>(Listed { name: object.name, bytes })
            };
            let objects = answer.items.into_iter().map(listed).collect::<Result<_, _>>()?;
            let next = answer.next_page_token.filter(|token| !token.is_empty());
            Ok(Page { objects, next })
        };
        self.again(list).await
    }

    async fn again<T, F>(&self, call: impl FnMut() -> F) -> Result<T, BucketError>
    where
        F: Future<Output = Result<T, BucketError>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSE)
            .with_max_times(RETRIES)
            .with_jitter();
        call.retry(pauses).when(BucketError::passes).await
    }
}

/// Returns the answer, unless it is a refusal.
async fn accepted(
    answer: Response,
    action: impl FnOnce() -> String,
) -> Result<Response, BucketError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let reason = GoogleApi::reason(answer).await;
    Err(BucketError::Refused { action: action(), status, reason })
}

/// Writes what describes an object and the object as one body.
///
/// Source: RFC 2387; <https://cloud.google.com/storage/docs/uploading-objects>, "multipart".
fn related(boundary: &str, resource: &Value, content_type: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{resource}\r\n\
         --{boundary}\r\ncontent-type: {content_type}\r\n\r\n"
    );
    [head.as_bytes(), content, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
}

/// Tells whether a bucket can have a name.
///
/// Source: <https://cloud.google.com/storage/docs/buckets#naming>.
fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let all = name.bytes().all(|byte| letter(byte) || b"-_.".contains(&byte));
    let ends = [name.bytes().next(), name.bytes().last()];
    all && (3..=63).contains(&name.len()) && ends.iter().all(|byte| byte.is_some_and(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_as_buckets_are_or_not_at_all() {
        let bucket = |name| Bucket::new(&Environment::of([("AUDIT_BUCKET", name)]));
        let longest = "x".repeat(63);
        for name in ["mesh-1-log", "a.b", "abc", &longest] {
            assert_eq!(bucket(name).map(|b| b.map(|b| b.name().to_owned())), Ok(Some(name.into())));
        }
        assert!(bucket("none").is_ok_and(|bucket| bucket.is_none()));
        assert!(bucket("").is_ok_and(|bucket| bucket.is_none()));
        let longer = "x".repeat(64);
        for name in ["ab", "Mesh", "a/b", "-ab", "ab-", "gs://ab", "a b", &longer] {
            let refused = bucket(name).err();
            assert!(refused.is_some_and(|refused| refused.starts_with("AUDIT_BUCKET: ")), "{name}");
        }
    }

    #[test]
    fn an_object_goes_behind_what_describes_it() {
        let body = related("b", &json!({ "name": "n" }), "text/plain", b"\x00content");
        let expected: &[u8] = b"--b\r\ncontent-type: application/json; charset=utf-8\r\n\r\n\
            {\"name\":\"n\"}\r\n--b\r\ncontent-type: text/plain\r\n\r\n\x00content\r\n--b--\r\n";
        assert_eq!(body, expected);
    }
}
