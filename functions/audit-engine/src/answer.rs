//! What Google's services say when they refuse.

use reqwest::Response;
use serde_json::Value;

/// Returns the words of a refusal; what the service sent besides is left out.
///
/// Source: <https://cloud.google.com/apis/design/errors#http_mapping>.
pub(crate) async fn reason(answer: Response) -> String {
    let body: Value = answer.json().await.unwrap_or_default();
    let reason = body.pointer("/error/message").and_then(Value::as_str);
    reason.unwrap_or("no reason is given").to_owned()
}
