//! Every way of forging a token that we know of, tried on every door.

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey};
use problem::{Code, Coded};
use serde_json::{Value, json};

use crate::{
    Identity, IdentityError, KeySource, Refusal, Settings,
    testing::{
        COLLEAGUE, INVOKER, KNOWN, KNOWN_PUBLIC, PROJECT, STRANGER, bearer, header, issue,
        issue_as, key_set, now, part, person_claims, rsa, service_claims, settings, sign, unsigned,
        with, without,
    },
};

/// A name, the value of the `Authorization` header, and why it is refused.
type Forgery = (String, String, Refusal);

fn forgery(name: &str, token: String, refusal: Refusal) -> Forgery {
    (name.to_owned(), bearer(&token), refusal)
}

fn identity(settings: Settings) -> Identity {
    let keys = || KeySource::Fixed(key_set(KNOWN, "known"));
    Identity::with_keys(settings, keys(), keys())
}

/// Tokens whose form or header is wrong. The claims are right.
fn forged_headers(good: &Value) -> Vec<Forgery> {
    let claims = good.to_string();
    let plain = header().to_string();
    let token = issue(good);
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (head, payload) = message.split_once('.').expect("three parts");
    let signed = |header: &str| sign(header, &claims, &rsa(KNOWN), Algorithm::RS256);
    let changed = |changes: Value| signed(&with(&header(), changes).to_string());
    let with_secret = |secret: &[u8]| {
        let header = with(&header(), json!({"alg": "HS256"})).to_string();
        sign(&header, &claims, &EncodingKey::from_secret(secret), Algorithm::HS256)
    };
    let der: String = KNOWN_PUBLIC.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(der).expect("a PEM file");
    let rsa_der = &der[24..];
    let set = serde_json::to_string(&key_set(KNOWN, "known")).expect("serializes");
    let stranger =
        |header: &Value| sign(&header.to_string(), &claims, &rsa(STRANGER), Algorithm::RS256);
    let really = |algorithm: Algorithm, name: &str| {
        let header = with(&header(), json!({ "alg": name })).to_string();
        sign(&header, &claims, &rsa(KNOWN), algorithm)
    };
    let without_kid = without(&header(), "kid").to_string();

    use Refusal::{
        Algorithm as Alg, Critical, Malformed, NotBearer, Signature, TooLong, UnknownKey,
    };
    let mut forgeries = vec![
        forgery("an HMAC with the public key as PEM", with_secret(KNOWN_PUBLIC.as_bytes()), Alg),
        forgery("an HMAC with the trimmed PEM", with_secret(KNOWN_PUBLIC.trim().as_bytes()), Alg),
        forgery("an HMAC with the public key as DER", with_secret(&der), Alg),
        forgery("an HMAC with the public key as PKCS#1", with_secret(rsa_der), Alg),
        forgery("an HMAC with the published set", with_secret(set.as_bytes()), Alg),
        forgery("an HMAC with nothing", with_secret(b""), Alg),
        forgery("RS384", really(Algorithm::RS384, "RS384"), Alg),
        forgery("RS512", really(Algorithm::RS512, "RS512"), Alg),
        forgery("PS256", really(Algorithm::PS256, "PS256"), Alg),
        forgery("RS384 under the name of RS256", really(Algorithm::RS384, "RS256"), Signature),
        forgery("PS256 under the name of RS256", really(Algorithm::PS256, "RS256"), Signature),
        forgery("no algorithm", signed(&without(&header(), "alg").to_string()), Malformed),
        forgery("a null algorithm", changed(json!({"alg": null})), Malformed),
        forgery("a list of algorithms", changed(json!({"alg": ["RS256"]})), Malformed),
        forgery("two algorithms", signed(&plain.replacen('{', r#"{"alg":"none","#, 1)), Malformed),
        forgery("two key ids", signed(&plain.replacen('{', r#"{"kid":"x","#, 1)), Malformed),
        forgery(
            "an escaped second name",
            signed(&plain.replacen('{', r#"{"\u0061lg":"none","#, 1)),
            Malformed,
        ),
        forgery("another key id", issue_as(good, "other"), UnknownKey),
        forgery("a key id in other case", issue_as(good, "KNOWN"), UnknownKey),
        forgery("an empty key id", issue_as(good, ""), UnknownKey),
        forgery("a path as a key id", issue_as(good, "../known"), UnknownKey),
        forgery("no key id", signed(&without_kid), UnknownKey),
        forgery("a null key id", changed(json!({"kid": null})), UnknownKey),
        forgery("a number as a key id", changed(json!({"kid": 7})), Malformed),
        forgery("critical extensions", changed(json!({"crit": ["exp"]})), Critical),
        forgery("no critical extensions", changed(json!({"crit": []})), Critical),
        forgery("null critical extensions", changed(json!({"crit": null})), Critical),
        forgery("an access token", changed(json!({"typ": "at+jwt"})), Malformed),
        forgery("a logout token", changed(json!({"typ": "logout+jwt"})), Malformed),
        forgery("a header that is a list", signed(r#"["RS256","known","JWT"]"#), Malformed),
        forgery("a header that goes on", signed(&format!("{plain}{{}}")), Malformed),
        forgery("a header after a space", signed(&format!(" {plain}")), Malformed),
        forgery("a header after a byte order mark", signed(&format!("\u{feff}{plain}")), Malformed),
        forgery("a header that is not JSON", signed("{alg: RS256}"), Malformed),
        forgery("a stranger's key", stranger(&header()), Signature),
        forgery(
            "a stranger's key in the header",
            stranger(&with(&header(), json!({"jwk": key_set(STRANGER, "known").keys[0]}))),
            Signature,
        ),
        forgery(
            "a stranger's key at a URL in the header",
            stranger(&with(&header(), json!({"jku": "https://evil.example/jwks.json"}))),
            Signature,
        ),
        forgery(
            "a stranger's certificate in the header",
            stranger(&with(&header(), json!({"x5c": ["MIIB"]}))),
            Signature,
        ),
        forgery(
            "a stranger's certificate at a URL in the header",
            stranger(&with(&header(), json!({"x5u": "https://evil.example/certificate"}))),
            Signature,
        ),
        forgery(
            "a payload that is not encoded",
            changed(json!({"b64": false, "crit": ["b64"]})),
            Critical,
        ),
        forgery("a bare payload", format!("{head}.{claims}.{signature}"), NotBearer),
        forgery(
            "a token in a token",
            sign(&plain, &token, &rsa(KNOWN), Algorithm::RS256),
            Malformed,
        ),
        forgery("an empty signature", format!("{message}."), Signature),
        forgery("a short signature", format!("{message}.AAAA"), Signature),
        forgery("a signature of zeroes", format!("{message}.{}", part([0; 256])), Signature),
        forgery("a signature of ones", format!("{message}.{}", part([255; 256])), Signature),
        forgery("a longer signature", format!("{token}AAAA"), Signature),
        forgery("a signature cut by one", token[..token.len() - 1].to_owned(), Signature),
        forgery("a signature cut in half", format!("{message}.{}", &signature[..170]), Signature),
        forgery("a signature in another spelling", respelled(&token), Signature),
        forgery(
            "another token's signature",
            {
                let other = issue(&with(good, json!({"jti": "other"})));
                format!("{message}.{}", other.rsplit_once('.').expect("three parts").1)
            },
            Signature,
        ),
        forgery(
            "a changed payload",
            {
                let forged = part(with(good, json!({"admin": true})).to_string());
                format!("{head}.{forged}.{signature}")
            },
            Signature,
        ),
        forgery("parts in another order", format!("{payload}.{head}.{signature}"), Malformed),
        forgery("two parts", message.to_owned(), Malformed),
        forgery("one part", head.to_owned(), Malformed),
        forgery("four parts", format!("{token}.{signature}"), Malformed),
        forgery("a part before", format!("x.{token}"), Malformed),
        forgery("five parts, as if encrypted", format!("{token}.x.y"), Malformed),
        forgery("a dot at the end", format!("{token}."), Malformed),
        forgery("a dot at the start", format!(".{token}"), Malformed),
        forgery("only dots", "..".into(), Malformed),
        forgery("one dot", ".".into(), Malformed),
        forgery("no header", format!(".{payload}.{signature}"), Malformed),
        forgery("no payload", format!("{head}..{signature}"), Malformed),
        forgery("padding", format!("{token}="), NotBearer),
        forgery("the alphabet of mail", format!("{token}+/"), NotBearer),
        forgery("two tokens", format!("{token} {token}"), NotBearer),
        forgery("two tokens and a comma", format!("{token},{token}"), NotBearer),
        forgery("a space before", format!(" {token}"), NotBearer),
        forgery("a space after", format!("{token} "), NotBearer),
        forgery("nothing", String::new(), NotBearer),
        forgery("too much", issue(&with(good, json!({"x": "x".repeat(8192)}))), TooLong),
        ("no scheme".into(), token.clone(), NotBearer),
        ("another scheme".into(), format!("Basic {token}"), NotBearer),
        ("a scheme twice".into(), format!("Bearer Bearer {token}"), NotBearer),
        ("an empty header".into(), String::new(), NotBearer),
    ];
    for name in ["none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "ES256", "EdDSA", "HS512"] {
        forgeries.push(forgery(&format!("unsigned `{name}`"), unsigned(name, good), Alg));
        let header = with(&header(), json!({ "alg": name })).to_string();
        let name = format!("signed, and says `{name}`");
        forgeries.push(forgery(&name, signed(&header), Alg));
    }
    forgeries
}

/// Returns the token with the unused bits of its last character set.
fn respelled(token: &str) -> String {
    let last = token.chars().last().expect("not empty");
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = digits.find(last).expect("a digit");
    assert_eq!(place % 16, 0, "256 bytes leave four bits unused");
    format!("{}{}", &token[..token.len() - 1], &digits[place + 1..place + 2])
}

/// Tokens that are signed well and say the wrong thing, whoever they are about.
fn forged_claims(good: &Value) -> Vec<Forgery> {
    use Refusal::{Audience, Expired, Future, Issuer, Malformed};
    let second = now().as_second();
    let text = good.to_string();
    let verbatim =
        |claims: &str| sign(&header().to_string(), claims, &rsa(KNOWN), Algorithm::RS256);
    let issuer = good["iss"].as_str().expect("text");
    let mut forgeries = vec![
        forgery("claims that are a list", verbatim("[1, 2]"), Malformed),
        forgery("claims that are text", verbatim("\"x\""), Malformed),
        forgery("claims that are nothing", verbatim(""), Malformed),
        forgery(
            "claims that are no UTF-8",
            {
                let message =
                    format!("{}.{}", part(header().to_string()), part([0x7b, 0xff, 0x7d]));
                format!("{message}.{}", part([0; 256]))
            },
            Malformed,
        ),
        forgery("claims that go on", verbatim(&format!("{text} {text}")), Malformed),
        forgery(
            "claims nested too deep",
            verbatim(&format!("{{\"x\":{}", "[".repeat(4000))),
            Malformed,
        ),
        forgery(
            "an escaped second audience",
            verbatim(&text.replacen('{', r#"{"\u0061ud":"x","#, 1)),
            Malformed,
        ),
        forgery("an empty issuer", issue(&with(good, json!({"iss": ""}))), Issuer),
        forgery(
            "an issuer that ends with a slash",
            issue(&with(good, json!({"iss": format!("{issuer}/")}))),
            Issuer,
        ),
        forgery(
            "an issuer in capitals",
            issue(&with(good, json!({"iss": issuer.to_uppercase()}))),
            Issuer,
        ),
        forgery(
            "an issuer after a space",
            issue(&with(good, json!({"iss": format!(" {issuer}")}))),
            Issuer,
        ),
        forgery(
            "an issuer and a zero byte",
            issue(&with(good, json!({"iss": format!("{issuer}\0")}))),
            Issuer,
        ),
        forgery(
            "an issuer without TLS",
            issue(&with(good, json!({"iss": issuer.replace("https", "http")}))),
            Issuer,
        ),
        forgery(
            "an issuer as a user",
            issue(&with(good, json!({"iss": format!("{issuer}@evil.example")}))),
            Issuer,
        ),
        forgery(
            "another issuer",
            issue(&with(good, json!({"iss": "https://evil.example"}))),
            Issuer,
        ),
        forgery("an empty audience", issue(&with(good, json!({"aud": ""}))), Audience),
        forgery(
            "another audience",
            issue(&with(good, json!({"aud": "https://other.example"}))),
            Audience,
        ),
        forgery(
            "a longer audience",
            issue(&with(good, json!({"aud": format!("{}/", good["aud"].as_str().expect("text"))}))),
            Audience,
        ),
        forgery(
            "a list of our audience",
            issue(&with(good, json!({"aud": [good["aud"]]}))),
            Malformed,
        ),
        forgery(
            "a list of audiences",
            issue(&with(good, json!({"aud": ["x", good["aud"]]}))),
            Malformed,
        ),
        forgery("an expired token", issue(&with(good, json!({"exp": second - 3600}))), Expired),
        forgery(
            "a token at the end of the leeway",
            issue(&with(good, json!({"exp": second - 30}))),
            Expired,
        ),
        forgery("a token that ended in 1970", issue(&with(good, json!({"exp": 0}))), Expired),
        forgery(
            "a token that ended before 1970",
            issue(&with(good, json!({"exp": i64::MIN}))),
            Expired,
        ),
        forgery("an end as text", issue(&with(good, json!({"exp": "9999999999"}))), Malformed),
        forgery(
            "an end as a fraction",
            issue(&with(good, json!({"exp": 9_999_999_999.5}))),
            Malformed,
        ),
        forgery(
            "an end past the end",
            verbatim(&replaced(good, "exp", "99999999999999999999")),
            Malformed,
        ),
        forgery("an endless end", verbatim(&replaced(good, "exp", "1e400")), Malformed),
        forgery(
            "a token issued in the future",
            issue(&with(good, json!({"iat": second + 31}))),
            Future,
        ),
        forgery(
            "a token issued at the end of time",
            issue(&with(good, json!({"iat": i64::MAX}))),
            Future,
        ),
        forgery("a token for later", issue(&with(good, json!({"nbf": second + 31}))), Future),
        forgery("a start as text", issue(&with(good, json!({"nbf": "0"}))), Malformed),
    ];
    for name in ["iss", "aud", "exp", "iat"] {
        forgeries.push(forgery(&format!("no {name}"), issue(&without(good, name)), Malformed));
        let null = with(good, json!({ name: null }));
        forgeries.push(forgery(&format!("a null {name}"), issue(&null), Malformed));
        let twice = format!("{{\"{name}\":{},{}", good[name], &text[1..]);
        forgeries.push(forgery(&format!("{name} twice"), verbatim(&twice), Malformed));
    }
    forgeries
}

/// Returns the claims with the text of one value replaced.
fn replaced(claims: &Value, name: &str, value: &str) -> String {
    let marked = with(claims, json!({ name: "MARK" })).to_string();
    marked.replace("\"MARK\"", value)
}

fn check(name: &str, error: &IdentityError, header: &str, refusal: Refusal) {
    assert!(
        matches!(error, IdentityError::Refused(found) if *found == refusal),
        "{name}: {error} instead of {refusal}"
    );
    assert_eq!(error.code(), Code::Unauthenticated, "{name}");
    let said = format!("{error} {error:?}");
    let token = header.rsplit(' ').next().unwrap_or_default();
    assert!(token.len() < 20 || !said.contains(token), "{name}: the error holds the token");
}

#[tokio::test]
async fn no_forged_token_passes_for_a_service() {
    let identity = identity(settings());
    let good = service_claims();
    let token = bearer(&issue(&good));
    // Whatever was verified before must not help what comes after.
    identity.verify_delivery(Some(&token), now()).await.expect("good");
    let mut forgeries = forged_headers(&good);
    forgeries.extend(forged_claims(&good));
    forgeries.push(forgery("a person's token", issue(&person_claims()), Refusal::Issuer));
    for (name, header, refusal) in &forgeries {
        let delivery = identity.verify_delivery(Some(header), now()).await;
        check(name, &delivery.expect_err(name), header, *refusal);
        let service = identity.verify_service(Some(header), now()).await;
        check(name, &service.expect_err(name), header, *refusal);
    }
    let missing = identity.verify_delivery(None, now()).await.expect_err("no header");
    check("no header", &missing, "", Refusal::Missing);
    assert!(forgeries.len() >= 100, "{} forgeries", forgeries.len());
}

#[tokio::test]
async fn no_forged_token_passes_for_a_person() {
    let identity = identity(settings());
    let good = person_claims();
    let token = bearer(&issue(&good));
    identity.verify_person(Some(&token), now()).await.expect("good");
    let mut forgeries = forged_headers(&good);
    forgeries.extend(forged_claims(&good));
    forgeries.extend(forged_people(&good));
    let service = service_claims();
    forgeries.push(forgery("a service's token", issue(&service), Refusal::Malformed));
    let more = with(&service, json!({"auth_time": 0}));
    forgeries.push(forgery("a service's token that signed in", issue(&more), Refusal::Issuer));
    for (name, header, refusal) in &forgeries {
        let person = identity.verify_person(Some(header), now()).await;
        check(name, &person.expect_err(name), header, *refusal);
    }
    let missing = identity.verify_person(None, now()).await.expect_err("no header");
    check("no header", &missing, "", Refusal::Missing);
    assert!(forgeries.len() >= 100, "{} forgeries", forgeries.len());
}

#[test]
fn every_forgery_has_a_name_of_its_own_and_every_refusal_a_forgery() {
    use std::collections::{BTreeMap, BTreeSet};
    let (service, person) = (service_claims(), person_claims());
    let doors = [
        ("services", [forged_headers(&service), forged_claims(&service)].concat()),
        (
            "people",
            [forged_headers(&person), forged_claims(&person), forged_people(&person)].concat(),
        ),
    ];
    let mut refusals: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for (door, forgeries) in &doors {
        let names: BTreeSet<_> = forgeries.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), forgeries.len(), "two forgeries for {door} have one name");
        total += names.len();
        for (.., refusal) in forgeries {
            *refusals.entry(format!("{refusal:?}")).or_default() += 1;
        }
    }
    // All but `Missing`, which is no forgery.
    assert_eq!(refusals.len(), 12, "{refusals:?}");
    assert!(total >= 200, "{total} forgeries: {refusals:?}");
}

/// Tokens that are signed well and say the wrong thing about a person.
fn forged_people(good: &Value) -> Vec<Forgery> {
    use Refusal::{Audience, Future, Issuer, Malformed, Subject};
    let foreign = "https://securetoken.google.com/mesh-8";
    let claims = |changes: Value| issue(&with(good, changes));
    vec![
        forgery("a foreign project", claims(json!({"iss": foreign, "aud": "mesh-8"})), Issuer),
        forgery("a foreign issuer", claims(json!({"iss": foreign})), Issuer),
        forgery("a foreign audience", claims(json!({"aud": "mesh-8"})), Audience),
        forgery(
            "a session cookie",
            claims(json!({"iss": format!("https://session.firebase.google.com/{PROJECT}")})),
            Issuer,
        ),
        forgery("Google's issuer", claims(json!({"iss": "https://accounts.google.com"})), Issuer),
        forgery(
            "an issuer of no project",
            claims(json!({"iss": "https://securetoken.google.com/"})),
            Issuer,
        ),
        forgery("an empty subject", claims(json!({"sub": ""})), Subject),
        forgery("a long subject", claims(json!({"sub": "x".repeat(129)})), Subject),
        forgery("a path as a subject", claims(json!({"sub": "ada/private/x"})), Subject),
        forgery("a number as a subject", claims(json!({"sub": 7})), Malformed),
        forgery("no subject", issue(&without(good, "sub")), Malformed),
        forgery("no sign-in", issue(&without(good, "auth_time")), Malformed),
        forgery(
            "a sign-in of tomorrow",
            claims(json!({"auth_time": now().as_second() + 31})),
            Future,
        ),
        forgery("a sign-in as text", claims(json!({"auth_time": "0"})), Malformed),
        forgery("a sign-in before time", claims(json!({"auth_time": i64::MIN})), Malformed),
        forgery("a verified e-mail as text", claims(json!({"email_verified": "true"})), Malformed),
    ]
}

#[tokio::test]
async fn a_genuine_token_of_somebody_else_is_forbidden() {
    let identity = identity(settings());
    let good = service_claims();
    let of = |account: &str| with(&good, json!({ "email": account }));
    // What the token says, whether it may deliver events, whether it may call.
    let cases = [
        (good.clone(), true, false),
        (with(&good, json!({"iss": "accounts.google.com"})), true, false),
        (of(COLLEAGUE), false, true),
        (of("another@mesh-7.iam.gserviceaccount.com"), false, false),
        (of("dashboard@mesh-8.iam.gserviceaccount.com"), false, false),
        (of("dashboard@evil-mesh-7.iam.gserviceaccount.com"), false, false),
        (of(&format!("{COLLEAGUE}.evil.example")), false, false),
        (of("mallory@gmail.com"), false, false),
        (of(&INVOKER.to_uppercase()), false, false),
        (of(&format!(" {INVOKER}")), false, false),
        (of(&format!("x{INVOKER}")), false, false),
        (of(&format!("{INVOKER},{COLLEAGUE}x")), false, false),
        (of(""), false, false),
        (with(&good, json!({"email": null})), false, false),
        (without(&good, "email"), false, false),
        (without(&good, "email_verified"), false, false),
        (with(&good, json!({"email_verified": false})), false, false),
        (with(&good, json!({"email_verified": null})), false, false),
    ];
    for (claims, may_deliver, may_call) in cases {
        let token = bearer(&issue(&claims));
        let delivery = identity.verify_delivery(Some(&token), now()).await;
        let service = identity.verify_service(Some(&token), now()).await;
        for (result, may) in [(delivery, may_deliver), (service, may_call)] {
            match result {
                Ok(service) => assert!(may && claims["email"] == service.account, "{claims}"),
                Err(error) => {
                    assert!(!may && error.code() == Code::PermissionDenied, "{claims}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_forged_token_of_somebody_else_is_not_even_forbidden() {
    let claims = with(&service_claims(), json!({"email": "mallory@gmail.com"})).to_string();
    let token = bearer(&sign(&header().to_string(), &claims, &rsa(STRANGER), Algorithm::RS256));
    let error = identity(settings()).verify_delivery(Some(&token), now()).await;
    assert_eq!(error.expect_err("forged").code(), Code::Unauthenticated);
}
