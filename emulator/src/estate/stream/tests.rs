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
    assert_eq!(scanned(&text), Ok(Scan { assets: 3, repeated: 1 }));
    let whole = super::super::parse(text.as_bytes()).expect("read");
    let mut joined = Vec::<Asset>::new();
    for asset in Assets::new(text.as_bytes()).expect("a text") {
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
    for bad in
        ["{\"name\": ", "42", "  {\"assetType\":\"t\"}", "{} {}", &line("b", "x", WHOLE_BYTES_MAX)]
    {
        let text = format!("{good}\n{bad}\n");
        let whole = super::super::parse(text.as_bytes()).expect_err(bad).to_string();
        assert!(whole.starts_with("line 3"), "{whole}");
        assert_eq!(scanned(&text), Err(whole));
    }
}

#[test]
fn nothing_comes_after_what_is_wrong() {
    let text = format!("{{\n{}", line("a", "x", 1));
    assert_eq!(Assets::new(text.as_bytes()).expect("a text").filter(Result::is_ok).count(), 0);
}

#[test]
fn lines_that_fit_alone_may_be_too_large_together() {
    let half = WHOLE_BYTES_MAX / 2 + 1;
    let together = format!("{}{}", line("a", "x", half), line("a", "y", half));
    let refused = scanned(&together).expect_err("too large");
    assert!(refused.starts_with("line 2") && refused.contains("at most"), "{refused}");
    // The later line replaces what the earlier one says.
    let replaced = format!("{}{}", line("a", "x", half), line("a", "x", half));
    assert_eq!(scanned(&replaced), Ok(Scan { assets: 2, repeated: 1 }));
}

#[test]
fn an_array_is_cut_as_a_parser_would() {
    let texts = [
        r#"{"a": "} ] , \" \\"}"#,
        r#"{"b": [[1, {}], {"c": []}, "]"]}"#,
        r#"{ "d" : -1.5e3 , "e":null}"#,
        "{}",
    ];
    for between in [",", " ,\n", "\r\n,\t"] {
        let text = format!(" [ {} ]\n", texts.join(between));
        let mut start = text.as_bytes();
        let mut place = Position { line: 1, column: 1 };
        skip_blank(&mut start, &mut place).expect("a bracket");
        let mut values = Values::of_array(start, place).expect("an array");
        for expected in texts {
            let (place, value) = values.advance().expect("a value").expect("another");
            assert_eq!(std::str::from_utf8(value), Ok(expected));
            let before = text.split('\n').take(place.line - 1).map(|line| line.len() + 1);
            assert!(text[before.sum::<usize>() + place.column - 1..].starts_with(expected));
        }
        assert_eq!(values.advance().map(|end| end.is_none()), Ok(true));
    }
}

#[test]
fn an_array_is_scanned_as_its_lines_are() {
    let [a, b] = [line("a", "x", 1), line("b", "y", 2)];
    let array = format!("[{}, {}, {}]", a.trim(), b.trim(), a.trim());
    assert_eq!(scanned(&array), Ok(Scan { assets: 3, repeated: 1 }));
    assert_eq!(scanned("[]"), Ok(Scan::default()));
}
