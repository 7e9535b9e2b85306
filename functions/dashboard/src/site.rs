//! Which file an address gets.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};

use crate::Context;

/// Answers every address. HEAD gets the same headers; the server leaves the body out.
pub fn routes(context: Context) -> Router {
    Router::new().fallback(serve).with_state(context)
}

async fn serve(
    State(context): State<Context>,
    method: Method,
    uri: Uri,
    asked: HeaderMap,
) -> Response {
    let mut response = answer(&context, &method, &uri, &asked);
    let headers = response.headers_mut();
    headers.reserve(context.headers().len());
    for (name, value) in context.headers() {
        headers.insert(name.clone(), value.clone());
    }
    response
}

fn answer(context: &Context, method: &Method, uri: &Uri, asked: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    match context.file(path) {
        Some(file) => file.answer(asked),
        // What looks like a file and is none is missing, and no page.
        None if is_file(path) => StatusCode::NOT_FOUND.into_response(),
        // The page finds its way itself.
        None => context.index().answer(asked),
    }
}

/// Tells a file's address from one of the page, whose ids may have dots as well, but stand
/// below the page that they belong to.
fn is_file(path: &str) -> bool {
    path.starts_with("assets/") || (!path.contains('/') && path.contains('.'))
}
