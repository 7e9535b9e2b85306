use serde::Serialize;

/// Renders a struct's members so that they can follow the opening brace of a line:
/// `"a":1,"b":2,`, or nothing if there are none.
pub(crate) fn members(object: &impl Serialize) -> String {
    let object = serde_json::to_string(object).unwrap_or_default();
    let inner = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match inner {
        Some(inner) if !inner.is_empty() => format!("{inner},"),
        _ => String::new(),
    }
}

/// Cuts a text at the last character that ends within `bytes`.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_end_with_a_comma_unless_there_are_none() {
        #[derive(Serialize)]
        struct Two(#[serde(skip)] ());
        assert_eq!(members(&serde_json::json!({ "a": "\"}" })), r#""a":"\"}","#);
        assert_eq!(members(&serde_json::json!({})), "");
        assert_eq!(members(&Two(())), "");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 0), "");
        assert_eq!(cut("", 9), "");
    }
}
