use serde_json::json;
use store::parts::WHOLE_BYTES_MAX;

use super::*;

fn names(text: &str) -> Vec<String> {
    let estate = parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    estate.assets.into_iter().map(|asset| asset.name).collect()
}

fn refused(text: &str) -> String {
    parse(text.as_bytes()).expect_err(text).to_string()
}

/// An asset on one line whose resource data is `data`.
fn with_data(data: &str) -> String {
    format!(r#"{{"name":"//a","assetType":"t","resource":{{"data":{data}}}}}"#)
}

#[test]
fn every_form_of_an_export_is_read() {
    let (a, b) = (r#"{"name":"//a","assetType":"t"}"#, r#"{"name":"//b","asset_type":"t"}"#);
    let pretty = "{\n  \"name\": \"//a\",\n  \"assetType\": \"t\"\n}\n";
    for (text, count) in [
        (format!("{a}\n{b}\n"), 2),
        (format!("{a}\r\n\r\n  \n{b}"), 2),
        (format!("\u{feff}{a}\n"), 1),
        (format!("[{a},{b}]"), 2),
        (format!(" \n [ {a} ,\n {b} ] \n"), 2),
        (format!("\u{feff}[{a}]"), 1),
        (a.to_owned(), 1),
        (pretty.to_owned(), 1),
        (format!("\n\n{pretty}\n"), 1),
        ("[]".to_owned(), 0),
    ] {
        let found = names(&text);
        assert_eq!(found, ["//a", "//b"][..count], "{text}");
    }
}

#[test]
fn broken_json_is_refused_with_its_place() {
    let a = r#"{"name":"//a","assetType":"t"}"#;
    for (text, expected) in [
        (String::new(), "line 1, column 1: the file is empty"),
        (" \n ".into(), "line 1, column 1: the file is empty"),
        (format!("[{a}]\n[{a}]"), "line 2, column 1: trailing characters"),
        (format!("[{a}\n"), "line 2, column 1: EOF while parsing a list"),
        (format!("{a}\n{{\"name\":\n"), "line 2, column 8: EOF while parsing a value"),
        (format!("[{a} {a}]"), "line 1, column 33: expected `,` or `]`"),
        (format!("[{a},]"), "line 1, column 33: trailing comma"),
        (format!("[,{a}]"), "line 1, column 2: expected value"),
        (format!("[{a},{{\"name\": \"]"), "line 1, column 43: EOF while parsing a string"),
        (format!("[{a}}}]"), "line 1, column 32: expected `,` or `]`"),
        (format!("{a}\n{a} {a}\n"), "line 2, column 32: trailing characters"),
        (format!("{a}\nhello\n"), "line 2, column 1: expected value"),
        (format!("{a}\n\n42"), "line 3, column 1: an asset must be an object"),
        (
            "{\n\"name\": \"//a\",\n\"assetType\": \"t\"\n}\n{}".into(),
            "line 5, column 1: trailing characters",
        ),
        (format!("[{a},\n  7]"), "line 2, column 3: an asset must be an object"),
        (
            "{\"name\": \"//a\", 99999999999999999999999".into(),
            "line 1, column 17: key must be a string",
        ),
    ] {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

#[test]
fn bytes_that_are_not_text_are_refused_with_their_place() {
    let error =
        parse(b"{\"name\":\"a\",\"assetType\":\"t\"}\n{\"name\":\"\xff\"}").expect_err("not UTF-8");
    assert_eq!(error.to_string(), "line 2, column 10: this is not UTF-8");
}

#[test]
fn a_wrong_field_is_named() {
    for (text, expected) in [
        (r#"{"assetType":"t"}"#, "line 1, column 17: missing field `name`"),
        (r#"{"name":"//a"}"#, "line 1, column 14: missing field `assetType`"),
        (r#"{"name":"","assetType":"t"}"#, "line 1, column 1: `name`: is empty"),
        (r#"{"name":"//a","asset_type":" "}"#, "line 1, column 1: `assetType`: is empty"),
        (
            "[\n {\"name\":\"//a\",\n  \"assetType\": 7}\n]",
            "line 3, column 16: `assetType`: invalid type: integer `7`, expected a string",
        ),
        (
            r#"{"name":"//a","assetType":"t","iamPolicy":{"bindings":[{"role":"r"},{"role":1}]}}"#,
            "line 1, column 77: `iamPolicy.bindings[1].role`: invalid type: integer `1`, expected a string",
        ),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn a_place_in_an_array_is_a_place_in_the_file() {
    let text =
        "\n[\n  {\"name\":\"//a\",\"assetType\":\"t\"}, {\"name\":\"\",\"assetType\":\"t\"}]";
    assert_eq!(refused(text), "line 3, column 35: `name`: is empty");
}

#[test]
fn integers_have_sixty_four_bits() {
    for (number, fits) in [
        ("9223372036854775807", true),
        ("9223372036854775808", true),
        ("-9223372036854775808", true),
        ("-9223372036854775809", false),
        ("18446744073709551615", true),
        ("18446744073709551616", false),
        ("123456789012345678901234567890", false),
        ("1e30", true),
        ("123456789012345678901234567890.5", true),
        ("\"99999999999999999999 \\\" 99999999999999999999\"", true),
    ] {
        let text = with_data(&format!("{{\"n\":{number}}}"));
        assert_eq!(parse(text.as_bytes()).is_ok(), fits, "{number}");
    }
    let error = refused(&with_data("{\"n\":18446744073709551616}"));
    assert!(error.starts_with("line 1, column 55: `18446744073709551616` is outside"), "{error}");
}

#[test]
fn what_is_too_deep_for_the_parser_is_refused() {
    let nested = format!("{}1{}", r#"{"m":"#.repeat(500), "}".repeat(500));
    assert!(refused(&with_data(&nested)).contains("recursion limit exceeded"));
}

#[test]
fn the_largest_asset_is_accepted_and_one_larger_is_not() {
    let of_size = |size: usize| {
        let empty = with_data(r#"{"a":""}"#).len();
        with_data(&format!(r#"{{"a":"{}"}}"#, "x".repeat(size - empty)))
    };
    assert!(parse(of_size(WHOLE_BYTES_MAX).as_bytes()).is_ok());
    let error = refused(&of_size(WHOLE_BYTES_MAX + 1));
    assert!(error.contains("at most 8192 KiB are kept"), "{error}");
    assert!(refused(&of_size(2 * WHOLE_BYTES_MAX)).contains("the line is too long"));
    let array = format!("[{}]", of_size(2 * WHOLE_BYTES_MAX));
    assert!(refused(&array).contains("the asset is too long"));
}

#[test]
fn lines_of_one_asset_are_merged_and_the_later_wins() {
    let text = concat!(
        r#"{"name":"//a","assetType":"t","resource":{"data":{"v":1}}}"#,
        "\n",
        r#"{"name":"//b","assetType":"t"}"#,
        "\n",
        r#"{"name":"//a","assetType":"t","iamPolicy":{"bindings":[]}}"#,
        "\n",
        r#"{"name":"//a","assetType":"u","resource":{"data":{"v":2}}}"#,
    );
    let estate = parse(text.as_bytes()).expect("valid");
    assert_eq!(estate.repeated, 1);
    assert_eq!(estate.assets.len(), 2);
    let asset = &estate.assets[0];
    assert_eq!((asset.name.as_str(), asset.asset_type.as_str()), ("//a", "u"));
    assert_eq!(asset.data(&["v"]), Some(&json!(2)));
    assert!(asset.iam_policy.is_some());
}

#[test]
fn lines_that_fit_alone_may_be_too_large_together() {
    let half = "x".repeat(WHOLE_BYTES_MAX * 2 / 3);
    let text = format!(
        "{}\n{}",
        json!({"name": "//a", "assetType": "t", "one": half}),
        json!({"name": "//a", "assetType": "t", "two": half}),
    );
    let error = refused(&text);
    assert!(error.starts_with("line 2, column 1: the asset has 10922 KiB"), "{error}");
}

#[test]
fn exports_of_others_are_read_or_refused_whole() {
    // Beside the repository, if at all.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus/assets");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("the corpus is not here; nothing of it was read");
        return;
    };
    let broken = ["gcp_glb_external_ip.json", "gke_container_optimized_os.json"];
    for entry in
        entries.flatten().filter(|entry| entry.path().extension().is_some_and(|e| e == "json"))
    {
        let name = entry.file_name().into_string().expect("UTF-8");
        let bytes = std::fs::read(entry.path()).expect("a file");
        match parse(&bytes) {
            Ok(estate) => {
                assert!(!broken.contains(&name.as_str()), "{name}");
                assert!(!estate.assets.is_empty(), "{name}");
            }
            Err(error) => {
                assert!(broken.contains(&name.as_str()), "{name}: {error}");
                assert_eq!(error.reason, "trailing characters", "{name}");
            }
        }
    }
}
