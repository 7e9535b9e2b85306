use std::io::Cursor;

use super::*;

fn scanned(text: &str) -> Result<Scan, String> {
    scan(|| Ok(Cursor::new(text)), |_| ()).map_err(|error| error.to_string())
}

fn line(name: &str, field: &str, bytes: usize) -> String {
    format!("{{\"name\":\"{name}\",\"assetType\":\"t\",\"{field}\":\"{}\"}}\n", "x".repeat(bytes))
}

#[test]
fn lines_are_read_as_the_whole_file_is() {
    let text =
        format!("\u{feff}{}\r\n \n{}{}", line("a", "x", 1), line("b", "x", 2), line("a", "y", 3));
    assert_eq!(scanned(&text), Ok(Scan { lines: 3, repeated: 1 }));
    let whole = super::super::parse(text.as_bytes()).expect("read");
    let mut joined = Vec::<Asset>::new();
    for asset in Lines::new(text.as_bytes()) {
        let (_, asset) = asset.expect("an asset");
        match joined.iter_mut().find(|known| known.name == asset.name) {
            Some(known) => known.merge(asset),
            None => joined.push(asset),
        }
    }
    assert_eq!((joined, 1), (whole.assets, whole.repeated));
}

#[test]
fn what_is_wrong_is_said_as_for_the_whole_file() {
    let good = line("a", "x", 1);
    for bad in [
        "{\"name\": ",
        "42",
        "  {\"assetType\":\"t\"}",
        "{} {}",
        &line("b", "x", DOCUMENT_BYTES_MAX),
    ] {
        let text = format!("{good}\n{bad}\n");
        let whole = super::super::parse(text.as_bytes()).expect_err(bad).to_string();
        assert!(whole.starts_with("line 3"), "{whole}");
        assert_eq!(scanned(&text), Err(whole));
    }
}

#[test]
fn nothing_comes_after_what_is_wrong() {
    let text = format!("{{\n{}", line("a", "x", 1));
    assert_eq!(Lines::new(text.as_bytes()).filter(Result::is_ok).count(), 0);
}

#[test]
fn lines_that_fit_alone_may_be_too_large_together() {
    let half = DOCUMENT_BYTES_MAX / 2 + 1;
    let together = format!("{}{}", line("a", "x", half), line("a", "y", half));
    let refused = scanned(&together).expect_err("too large");
    assert!(refused.starts_with("line 2") && refused.contains("at most"), "{refused}");
    // The later line replaces what the earlier one says.
    let replaced = format!("{}{}", line("a", "x", half), line("a", "x", half));
    assert_eq!(scanned(&replaced), Ok(Scan { lines: 2, repeated: 1 }));
}

#[test]
fn the_form_is_told_by_the_first_line() {
    let a = line("a", "x", 1);
    for (text, lines) in [
        (a.clone(), true),
        (format!("\u{feff}\n{a}"), true),
        (format!("[{a}]"), false),
        ("{\n\"name\": \"a\"}".into(), false),
        (String::new(), false),
    ] {
        assert_eq!(is_of_lines(text.as_bytes()), Ok(lines), "{text}");
    }
}
