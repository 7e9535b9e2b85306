//! What browsers are told with every answer, besides what is answered.

use axum::http::{HeaderName, HeaderValue, header};

use crate::config::Config;

/// Two years, as lists of origins that are reached with TLS alone ask.
const HSTS: &str = "max-age=63072000; includeSubDomains; preload";
/// What the page never uses, nor anything that gets into it.
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// Returns the headers that every answer has.
pub(crate) fn of(config: &Config) -> Result<Vec<(HeaderName, HeaderValue)>, Vec<String>> {
    let policy = HeaderValue::from_str(&policy(config))
        .map_err(|_| vec!["WEB_AUTH_DOMAIN: is no name of a host".to_owned()])?;
    let fixed = HeaderValue::from_static;
    Ok(vec![
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::STRICT_TRANSPORT_SECURITY, fixed(HSTS)),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
        (HeaderName::from_static("permissions-policy"), fixed(PERMISSIONS)),
        // The window of Google's sign-in answers its opener.
        (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin-allow-popups")),
        (HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin")),
    ])
}

/// The content security policy: nothing but what the page was built with, and no text that
/// becomes a script or markup.
///
/// Source: <https://www.w3.org/TR/CSP3/>, <https://www.w3.org/TR/trusted-types/>.
fn policy(config: &Config) -> String {
    let origins = config.origins().join(" ");
    // Signing in with Google loads one script of Google's: the page's policy `default` lets that
    // address through, and no other.
    let (script, types, frames) = match config.window() {
        Some(window) => {
            (" https://apis.google.com", " default gapi#gapi", format!("; frame-src {window}"))
        }
        None => ("", "", String::new()),
    };
    format!(
        "default-src 'none'; script-src 'self'{script}; style-src 'self'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self' {origins}{frames}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types svelte-trusted-html{types}"
    )
}
