//! Which other origins' pages may call a function.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::Environment;

/// How long a browser may believe the answer to its question; browsers cap it at two hours.
const MAX_AGE: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// Reads `CORS_ORIGINS`: origins such as `https://mesh.example`, separated by commas, or
/// `none`. Without it no other origin's page may call.
///
/// # Errors
/// Every entry that is not an origin. There is no wildcard: a token comes with each call.
pub(crate) fn cors(environment: &Environment) -> Result<CorsLayer, Vec<String>> {
    let origins = environment.get("CORS_ORIGINS").filter(|text| *text != "none");
    let (mut allowed, mut mistakes) = (Vec::new(), Vec::new());
    for origin in origins.into_iter().flat_map(|text| text.split(',')).map(str::trim) {
        match HeaderValue::from_str(origin) {
            Ok(value) if is_origin(origin) => allowed.push(value),
            _ => mistakes.push(format!(
                "CORS_ORIGINS: `{origin}` is not an origin such as `https://mesh.example`"
            )),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(MAX_AGE))
}

/// An origin is a scheme and a host, and nothing behind them. Without TLS only pages of
/// this machine count: others could be anybody's on the way.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    !name.is_empty() && host.bytes().all(plain) && (scheme == "https" || scheme == "http" && local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_accepted() {
        let read = |text| cors(&Environment::of([("CORS_ORIGINS", text)]));
        assert!(read("none").is_ok() && read("https://a.example, http://127.0.0.1:5173").is_ok());
        assert!(read("http://[::1]:5173,http://localhost").is_ok());
        for wrong in [
            "*",
            "a.example",
            "https://a.example/",
            "https://",
            "null",
            "https://*.a",
            "http://a.example",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(cors(&Environment::of([])).is_ok());
    }
}
