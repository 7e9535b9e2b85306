//! Names with `*` in them.

/// Tells whether a name is what a pattern says; `*` stands for any characters, or none.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    // What stands between two stars may as well be found as early as it can be.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, name, expected) in [
            ("//a/b", "//a/b", true),
            ("//a/b", "//a/bc", false),
            ("//a/*", "//a/b/c", true),
            ("//a/*", "//a/", true),
            ("//a/*/c", "//a/b/c", true),
            ("//a/*/c", "//a/c", false),
            ("//a/*b*b", "//a/b", false),
            ("//a/*b*b", "//a/bb", true),
            ("//a/*bc", "//a/abcbc", true),
            ("//a/*ä*", "//a/öäü", true),
            ("//a/**", "//a/x", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
