use http::{HeaderMap, HeaderValue};

use super::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7"; // 67667974448284343
const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).expect("a header value");
    let mut headers = HeaderMap::new();
    for (name, text) in pairs {
        headers.append(*name, value(text));
    }
    headers
}

fn read(name: &'static str, text: &str) -> Option<(String, String, bool)> {
    TraceContext::from_headers(&headers(&[(name, text)]))
        .map(|context| (context.trace(), context.span(), context.sampled()))
}

#[test]
fn traceparents_that_the_w3c_allows_are_read() {
    for (text, sampled) in [
        (VALID.to_owned(), true),
        (format!("00-{TRACE}-{SPAN}-00"), false),
        (format!("00-{TRACE}-{SPAN}-02"), false),
        (format!("00-{TRACE}-{SPAN}-ff"), true),
        (format!("01-{TRACE}-{SPAN}-01"), true),
        (format!("fe-{TRACE}-{SPAN}-01-more-of-it"), true),
        (format!("01-{TRACE}-{SPAN}-01-"), true),
    ] {
        let expected = Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
        assert_eq!(read(TRACEPARENT, &text), expected, "{text}");
    }
}

#[test]
fn traceparents_that_the_w3c_forbids_are_refused() {
    let zeros = "0".repeat(32);
    for text in [
        String::new(),
        "-".to_owned(),
        "---".to_owned(),
        TRACE.to_owned(),
        format!("ff-{TRACE}-{SPAN}-01"),
        format!("0-{TRACE}-{SPAN}-01"),
        format!("000-{TRACE}-{SPAN}-01"),
        format!("0g-{TRACE}-{SPAN}-01"),
        format!("00-{TRACE}-{SPAN}"),
        format!("00-{TRACE}-{SPAN}-"),
        format!("00-{TRACE}-{SPAN}-1"),
        format!("00-{TRACE}-{SPAN}-001"),
        format!("00-{TRACE}-{SPAN}-0A"),
        format!("00-{TRACE}-{SPAN}-01-"),
        format!("00-{TRACE}-{SPAN}-01-more"),
        format!("01-{TRACE}-{SPAN}-01more"),
        format!("00-{zeros}-{SPAN}-01"),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
        format!("00-{TRACE}-{}-01", SPAN.to_uppercase()),
        format!("00-{}-{SPAN}-01", &TRACE[1..]),
        format!("00-{TRACE}0-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", &SPAN[1..]),
        format!("00-{TRACE}-{SPAN}0-01"),
        format!("00-+{}-{SPAN}-01", &TRACE[1..]),
        format!("00_{TRACE}_{SPAN}_01"),
        format!("00-{TRACE}-{SPAN}-01 "),
        format!("00-{TRACE}-{SPAN}-01,{VALID}"),
        format!("00-{}é-{SPAN}-01", &TRACE[2..]),
    ] {
        assert_eq!(read(TRACEPARENT, &text), None, "{text}");
    }
}

#[test]
fn cloud_traces_are_read_with_and_without_options() {
    for (rest, sampled) in [
        ("67667974448284343", false),
        ("67667974448284343;o=0", false),
        ("67667974448284343;o=1", true),
    ] {
        let expected = Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
        assert_eq!(read(CLOUD_TRACE, &format!("{TRACE}/{rest}")), expected, "{rest}");
    }
    let largest = read(CLOUD_TRACE, &format!("{TRACE}/18446744073709551615"));
    assert_eq!(largest.map(|(_, span, _)| span), Some("f".repeat(16)));
}

#[test]
fn malformed_cloud_traces_are_refused() {
    let zeros = "0".repeat(32);
    for text in [
        String::new(),
        TRACE.to_owned(),
        format!("{TRACE};o=1"),
        format!("{TRACE}/"),
        format!("{TRACE}/;o=1"),
        format!("{TRACE}/0;o=1"),
        format!("{TRACE}/+1;o=1"),
        format!("{TRACE}/1;o=2"),
        format!("{TRACE}/1;"),
        format!("{TRACE}/1;o=1;o=1"),
        format!("{TRACE}/18446744073709551616;o=1"),
        format!("{TRACE}/{SPAN};o=1"),
        format!("{zeros}/1;o=1"),
        format!("{}/1;o=1", TRACE.to_uppercase()),
        format!("{}/1;o=1", &TRACE[1..]),
    ] {
        assert_eq!(read(CLOUD_TRACE, &text), None, "{text}");
    }
}

#[test]
fn the_w3c_header_wins_unless_it_cannot_be_read() {
    let cloud = format!("{}/1;o=1", "c".repeat(32));
    let trace = |pairs: &[(&'static str, &str)]| {
        TraceContext::from_headers(&headers(pairs)).map(|context| context.trace())
    };
    let both = [(CLOUD_TRACE, cloud.as_str()), (TRACEPARENT, VALID)];
    assert_eq!(trace(&both).as_deref(), Some(TRACE));
    let broken = [(CLOUD_TRACE, cloud.as_str()), (TRACEPARENT, "00-nothing")];
    assert_eq!(trace(&broken), Some("c".repeat(32)));
    assert_eq!(trace(&[(TRACEPARENT, VALID), (TRACEPARENT, VALID)]), None, "ambiguous");
    assert_eq!(trace(&[]), None);
}

#[test]
fn a_written_header_is_read_back() {
    let context = TraceContext::from_traceparent(VALID).expect("valid");
    assert_eq!(context.traceparent(), VALID);
    let random = TraceContext::random();
    assert_eq!(TraceContext::from_traceparent(&random.traceparent()), Some(random));
    assert_ne!(random.trace(), TraceContext::random().trace());
}

#[test]
fn a_child_keeps_the_trace_and_has_its_own_span() {
    let parent = TraceContext::from_traceparent(VALID).expect("valid");
    let child = parent.child();
    assert_eq!((child.trace(), child.sampled()), (parent.trace(), true));
    assert_ne!(child.span(), parent.span());
}
