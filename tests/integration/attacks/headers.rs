//! A good token in a place or a form in which it must not count.

use super::{
    reason::{MISSING, NOT_BEARER, NOT_TEXT, TOO_LONG, TWO, UNREADABLE},
    wire::Wire,
};

/// The bytes of a header that are within what a server reads, and beyond any token.
const LARGE: usize = 64 * 1024;
/// Beyond what a server reads.
const HUGE: usize = 512 * 1024;

/// A name, the request, its status and why.
pub(super) type Tricked = (&'static str, Wire, u16, &'static str);

/// Tries a good token every wrong way; `plain` is the request without it.
pub(super) fn tricks(plain: &Wire, token: &str) -> Vec<Tricked> {
    let with = |line: &[u8]| plain.clone().line(line);
    let value = |value: &str| with(format!("authorization: {value}").as_bytes());
    let raw = |before: &[u8], after: &[u8]| {
        with(&[b"authorization: ", before, token.as_bytes(), after].concat())
    };
    let good = format!("authorization: Bearer {token}");
    let encoded = token.replace('.', "%2E");
    let (first, rest) = token.split_at(token.len() / 2);
    let target =
        |query: &str| Wire { target: format!("{}?{query}", plain.target), ..plain.clone() };
    let body = |body: String| Wire { body: body.into_bytes(), ..plain.clone() };
    let mut tricks = vec![
        ("no header", plain.clone(), 401, MISSING),
        ("an empty header", value(""), 401, NOT_BEARER),
        ("no scheme", value(token), 401, NOT_BEARER),
        ("a scheme alone", value("Bearer"), 401, NOT_BEARER),
        ("Basic", value(&format!("Basic {token}")), 401, NOT_BEARER),
        ("Token", value(&format!("Token {token}")), 401, NOT_BEARER),
        ("DPoP", value(&format!("DPoP {token}")), 401, NOT_BEARER),
        ("a scheme twice", value(&format!("Bearer Bearer {token}")), 401, NOT_BEARER),
        ("a scheme and a colon", value(&format!("Bearer: {token}")), 401, NOT_BEARER),
        ("a scheme without a space", value(&format!("Bearer{token}")), 401, NOT_BEARER),
        ("two spaces", value(&format!("Bearer  {token}")), 401, NOT_BEARER),
        ("a tab", value(&format!("Bearer\t{token}")), 401, NOT_BEARER),
        ("a tab after the space", value(&format!("Bearer \t{token}")), 401, NOT_BEARER),
        ("two tokens", value(&format!("Bearer {token} {token}")), 401, NOT_BEARER),
        ("two tokens and a comma", value(&format!("Bearer {token},{token}")), 401, NOT_BEARER),
        (
            "two values and a comma",
            value(&format!("Bearer {token}, Bearer {token}")),
            401,
            NOT_BEARER,
        ),
        ("a parameter", value(&format!("Bearer {token};q=1")), 401, NOT_BEARER),
        ("a parameter's name", value(&format!("Bearer token={token}")), 401, NOT_BEARER),
        ("quotes", value(&format!("Bearer \"{token}\"")), 401, NOT_BEARER),
        ("angle brackets", value(&format!("Bearer <{token}>")), 401, NOT_BEARER),
        ("percent-encoded", value(&format!("Bearer {encoded}")), 401, NOT_BEARER),
        ("a percent-encoded zero", value(&format!("Bearer {token}%00")), 401, NOT_BEARER),
        ("a percent-encoded space", value(&format!("Bearer%20{token}")), 401, NOT_BEARER),
        ("a space within", value(&format!("Bearer {first} {rest}")), 401, NOT_BEARER),
        ("a backslash", value(&format!("Bearer {token}\\")), 401, NOT_BEARER),
        ("padding", value(&format!("Bearer {token}==")), 401, NOT_BEARER),
        ("UTF-8 in the token", raw(b"Bearer ", "é".as_bytes()), 401, NOT_TEXT),
        ("Latin-1 in the token", raw(b"Bearer ", b"\xe9"), 401, NOT_TEXT),
        ("broken UTF-8 in the token", raw(b"Bearer ", b"\xc3\x28"), 401, NOT_TEXT),
        ("an overlong dot", raw(b"Bearer ", b"\xc0\xae"), 401, NOT_TEXT),
        ("a byte order mark", raw(b"\xef\xbb\xbfBearer ", b""), 401, NOT_TEXT),
        ("a space that does not break", raw(b"Bearer\xc2\xa0", b""), 401, NOT_TEXT),
        ("a wide scheme", raw("Ｂearer ".as_bytes(), b""), 401, NOT_TEXT),
        ("a Cyrillic scheme", raw("Веarer ".as_bytes(), b""), 401, NOT_TEXT),
        ("a scheme with a long s", raw("ſearer ".as_bytes(), b""), 401, NOT_TEXT),
        ("a zero byte after", raw(b"Bearer ", b"\0"), 400, UNREADABLE),
        ("a zero byte within the scheme", raw(b"Bea\0rer ", b""), 400, UNREADABLE),
        ("a vertical tab", raw(b"Bearer\x0b", b""), 400, UNREADABLE),
        ("an escape", raw(b"\x1bBearer ", b""), 400, UNREADABLE),
        ("a delete", raw(b"Bearer ", b"\x7f"), 400, UNREADABLE),
        ("a carriage return alone", raw(b"Bearer ", b"\rx"), 400, UNREADABLE),
        ("a folded line", raw(b"Bearer\r\n ", b""), 400, UNREADABLE),
        (
            "a space before the colon",
            with(format!("authorization : Bearer {token}").as_bytes()),
            400,
            UNREADABLE,
        ),
        (
            "a space before the name",
            with(format!(" authorization: Bearer {token}").as_bytes()),
            400,
            UNREADABLE,
        ),
        (
            "a zero byte in the name",
            with(format!("authorization\0: Bearer {token}").as_bytes()),
            400,
            UNREADABLE,
        ),
        (
            "a name in Cyrillic",
            with(format!("аuthorization: Bearer {token}").as_bytes()),
            400,
            UNREADABLE,
        ),
        ("good and bad", with(good.as_bytes()).line("authorization: Bearer x"), 401, TWO),
        ("bad and good", value("Bearer x").line(good.clone()), 401, TWO),
        ("good twice", with(good.as_bytes()).line(good.clone()), 401, TWO),
        ("good and empty", with(good.as_bytes()).line("Authorization:"), 401, TWO),
        (
            "good twice in other letters",
            with(good.as_bytes()).line(good.replace("auth", "AUTH")),
            401,
            TWO,
        ),
        ("one byte too long", value(&format!("Bearer {}", "a".repeat(8193))), 401, TOO_LONG),
        (
            "a good token, and more",
            value(&format!("Bearer {token}{}", "A".repeat(8192))),
            401,
            TOO_LONG,
        ),
        ("64 KiB", value(&format!("Bearer {}", "a".repeat(LARGE))), 401, TOO_LONG),
        ("half a megabyte", value(&format!("Bearer {}", "a".repeat(HUGE))), 431, UNREADABLE),
        ("a query", target(&format!("access_token={token}")), 401, MISSING),
        (
            "a query named as the header",
            target(&format!("authorization=Bearer%20{token}")),
            401,
            MISSING,
        ),
        ("a query named as Google's keys", target(&format!("key={token}")), 401, MISSING),
        ("a form", body(format!("access_token={token}")), 401, MISSING),
        ("a body", body(format!("{{\"access_token\":\"{token}\"}}")), 401, MISSING),
        ("a header in the body", body(format!("{good}\r\n\r\n")), 401, MISSING),
        (
            "a user in the target",
            Wire { target: format!("http://x:{token}@localhost{}", plain.target), ..plain.clone() },
            401,
            MISSING,
        ),
        (
            "a trailer",
            Wire { trailers: Some(good.clone().into_bytes()), ..plain.clone() },
            401,
            MISSING,
        ),
    ];
    let elsewhere = [
        ("a session cookie", "cookie: __session="),
        ("a cookie", "cookie: access_token="),
        ("Cloud Run's header", "x-serverless-authorization: Bearer "),
        ("a proxy's header", "proxy-authorization: Bearer "),
        ("a forwarded header", "x-forwarded-authorization: Bearer "),
        ("an original header", "x-original-authorization: Bearer "),
        ("App Check's header", "x-firebase-appcheck: "),
        ("IAP's header", "x-goog-iap-jwt-assertion: "),
        ("the gateway's user", "x-apigateway-api-userinfo: "),
        ("an access token's header", "x-access-token: "),
    ];
    for (name, line) in elsewhere {
        tricks.push((name, with(format!("{line}{token}").as_bytes()), 401, MISSING));
    }
    tricks
}
