//! Tokens that are not what they say, and tokens that say what is not so.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use testkit::token::unsigned;

use super::reason::{
    ALGORITHM, AUDIENCE, CRITICAL, EXPIRED, FUTURE, ISSUER, MALFORMED, NOT_BEARER, SIGNATURE,
    SUBJECT, TOO_LONG, UNKNOWN_KEY,
};

/// A key that the issuer does not know.
const STRANGER: &str = include_str!("../../../shared/identity/src/fixtures/test-key-stranger.pem");

/// A name, a token, and why it is refused.
pub(super) type Forged = (&'static str, String, &'static str);

pub(super) fn with(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

pub(super) fn without(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(name).unwrap();
    object
}

fn part(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn sign(header: &str, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// Makes tokens with the issuer's own key and without it.
pub(super) struct Forge {
    pub(super) key: EncodingKey,
    pub(super) kid: String,
    /// What everybody can read of the key.
    pub(super) key_set: Value,
    pub(super) second: i64,
}

impl Forge {
    fn header(&self) -> Value {
        json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"})
    }

    /// Signs any claims well.
    pub(super) fn issue(&self, claims: &Value) -> String {
        sign(&self.header().to_string(), &claims.to_string(), &self.key, Algorithm::RS256)
    }

    /// Tokens whose form, header or signature is wrong, about somebody who may come in.
    pub(super) fn forms(&self, good: &Value) -> Vec<Forged> {
        let claims = good.to_string();
        let token = self.issue(good);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (head, payload) = message.split_once('.').unwrap();
        let plain = self.header().to_string();
        let signed = |header: &str| sign(header, &claims, &self.key, Algorithm::RS256);
        let changed = |changes| signed(&with(&self.header(), changes).to_string());
        let stranger = EncodingKey::from_rsa_pem(STRANGER.as_bytes()).unwrap();
        let strange = |changes| {
            let header = with(&self.header(), changes).to_string();
            sign(&header, &claims, &stranger, Algorithm::RS256)
        };
        let really = |algorithm, name: &str| {
            let header = with(&self.header(), json!({ "alg": name })).to_string();
            sign(&header, &claims, &self.key, algorithm)
        };
        let secret = |secret: &[u8]| {
            let header = with(&self.header(), json!({"alg": "HS256"})).to_string();
            sign(&header, &claims, &EncodingKey::from_secret(secret), Algorithm::HS256)
        };
        let key = &self.key_set["keys"][0];
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        let none = |name: &str| {
            let header = with(&self.header(), json!({ "alg": name })).to_string();
            format!("{}.{payload}.", part(header))
        };
        let mut forged = vec![
            (
                "an HMAC with the published set",
                secret(self.key_set.to_string().as_bytes()),
                ALGORITHM,
            ),
            ("an HMAC with the published key", secret(key.to_string().as_bytes()), ALGORITHM),
            ("an HMAC with the modulus", secret(&modulus), ALGORITHM),
            ("an HMAC with the name of the key", secret(self.kid.as_bytes()), ALGORITHM),
            ("an HMAC with nothing", secret(b""), ALGORITHM),
            ("RS384", really(Algorithm::RS384, "RS384"), ALGORITHM),
            ("RS512", really(Algorithm::RS512, "RS512"), ALGORITHM),
            ("PS256", really(Algorithm::PS256, "PS256"), ALGORITHM),
            ("PS256 under the name of RS256", really(Algorithm::PS256, "RS256"), SIGNATURE),
            ("RS512 under the name of RS256", really(Algorithm::RS512, "RS256"), SIGNATURE),
            ("signed and called `none`", changed(json!({"alg": "none"})), ALGORITHM),
            ("an algorithm in small letters", changed(json!({"alg": "rs256"})), ALGORITHM),
            ("an algorithm and a space", changed(json!({"alg": "RS256 "})), ALGORITHM),
            ("an empty algorithm", changed(json!({"alg": ""})), ALGORITHM),
            ("a null algorithm", changed(json!({"alg": null})), MALFORMED),
            ("a list of algorithms", changed(json!({"alg": ["RS256"]})), MALFORMED),
            ("no algorithm", signed(&without(&self.header(), "alg").to_string()), MALFORMED),
            ("two algorithms", signed(&plain.replacen('{', r#"{"alg":"none","#, 1)), MALFORMED),
            ("two key ids", signed(&plain.replacen('{', r#"{"kid":"x","#, 1)), MALFORMED),
            ("another key id", changed(json!({"kid": "other"})), UNKNOWN_KEY),
            ("a key id in capitals", changed(json!({"kid": self.kid.to_uppercase()})), UNKNOWN_KEY),
            (
                "a key id and a zero byte",
                changed(json!({"kid": format!("{}\0", self.kid)})),
                UNKNOWN_KEY,
            ),
            ("a path as a key id", changed(json!({"kid": "../../dev/null"})), UNKNOWN_KEY),
            ("a query as a key id", changed(json!({"kid": "x' OR '1'='1"})), UNKNOWN_KEY),
            ("a URL as a key id", changed(json!({"kid": "https://evil.example/k"})), UNKNOWN_KEY),
            ("an empty key id", changed(json!({"kid": ""})), UNKNOWN_KEY),
            ("a null key id", changed(json!({"kid": null})), UNKNOWN_KEY),
            ("a number as a key id", changed(json!({"kid": 1})), MALFORMED),
            ("no key id", signed(&without(&self.header(), "kid").to_string()), UNKNOWN_KEY),
            ("a stranger's key", strange(json!({})), SIGNATURE),
            ("a key in the header", strange(json!({"jwk": key})), SIGNATURE),
            ("a key at a URL", strange(json!({"jku": "https://evil.example/jwks"})), SIGNATURE),
            ("a certificate", strange(json!({"x5c": ["MIIB"]})), SIGNATURE),
            (
                "a certificate at a URL",
                strange(json!({"x5u": "https://evil.example/c"})),
                SIGNATURE,
            ),
            ("a certificate's digest", strange(json!({"x5t": "AAAA"})), SIGNATURE),
            ("critical extensions", changed(json!({"crit": ["exp"]})), CRITICAL),
            ("no critical extensions", changed(json!({"crit": []})), CRITICAL),
            ("null critical extensions", changed(json!({"crit": null})), CRITICAL),
            (
                "a payload that is not encoded",
                changed(json!({"b64": false, "crit": ["b64"]})),
                CRITICAL,
            ),
            ("a bare payload", format!("{head}.{claims}.{signature}"), NOT_BEARER),
            ("an access token", changed(json!({"typ": "at+jwt"})), MALFORMED),
            ("a token of another type", changed(json!({"typ": "dpop+jwt"})), MALFORMED),
            (
                "a token in a token",
                sign(
                    &with(&self.header(), json!({"cty": "JWT"})).to_string(),
                    &token,
                    &self.key,
                    Algorithm::RS256,
                ),
                MALFORMED,
            ),
            (
                "a token in quotes in a token",
                sign(&plain, &format!("\"{token}\""), &self.key, Algorithm::RS256),
                MALFORMED,
            ),
            (
                "an encrypted token",
                format!("{}.x.y.z.w", part(r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#)),
                MALFORMED,
            ),
            ("a header that is a list", signed(r#"["RS256"]"#), MALFORMED),
            ("a header that goes on", signed(&format!("{plain}{{}}")), MALFORMED),
            ("a header after a space", signed(&format!(" {plain}")), MALFORMED),
            ("an empty signature", format!("{message}."), SIGNATURE),
            ("a short signature", format!("{message}.AAAA"), SIGNATURE),
            ("a signature of zeroes", format!("{message}.{}", part([0; 256])), SIGNATURE),
            ("a signature cut by one", token[..token.len() - 1].to_owned(), SIGNATURE),
            ("a longer signature", format!("{token}AAAA"), SIGNATURE),
            ("parts in another order", format!("{payload}.{head}.{signature}"), MALFORMED),
            ("no signature at all", message.to_owned(), MALFORMED),
            ("four parts", format!("{token}.{signature}"), MALFORMED),
            ("only dots", "..".to_owned(), MALFORMED),
            ("no payload", format!("{head}..{signature}"), MALFORMED),
            ("padding", format!("{token}="), NOT_BEARER),
            ("the alphabet of mail", format!("{token}+/"), NOT_BEARER),
            ("a word", "owner".to_owned(), MALFORMED),
            ("too much", self.issue(&with(good, json!({"x": "x".repeat(8192)}))), TOO_LONG),
        ];
        let spellings = ["none", "None", "NONE", "nOnE", "none ", "null", ""];
        let names = [
            "unsigned: none",
            "unsigned: None",
            "unsigned: NONE",
            "unsigned: nOnE",
            "unsigned: none and a space",
            "unsigned: null",
            "unsigned: nothing",
        ];
        forged.extend(names.into_iter().zip(spellings.map(none)).map(|(n, t)| (n, t, ALGORITHM)));
        let other = self.issue(&with(good, json!({"jti": "other"})));
        let borrowed = other.rsplit_once('.').unwrap().1;
        forged.push(("another token's signature", format!("{message}.{borrowed}"), SIGNATURE));
        let more = part(with(good, json!({"admin": true})).to_string());
        forged.push(("a changed payload", format!("{head}.{more}.{signature}"), SIGNATURE));
        forged
    }
}

/// What a token must not say, whoever signs it: made with `make`.
pub(super) fn claims(second: i64, good: &Value, make: &dyn Fn(&Value) -> String) -> Vec<Forged> {
    let changed = |changes| make(&with(good, changes));
    let (issuer, audience) = (good["iss"].as_str().unwrap(), good["aud"].as_str().unwrap());
    let mut forged = vec![
        ("another issuer", changed(json!({"iss": "https://evil.example"})), ISSUER),
        ("an empty issuer", changed(json!({"iss": ""})), ISSUER),
        ("an issuer and a slash", changed(json!({"iss": format!("{issuer}/")})), ISSUER),
        ("an issuer in capitals", changed(json!({"iss": issuer.to_uppercase()})), ISSUER),
        ("an issuer as a user", changed(json!({"iss": format!("{issuer}@evil.example")})), ISSUER),
        ("an issuer and a zero byte", changed(json!({"iss": format!("{issuer}\0")})), ISSUER),
        ("a list of issuers", changed(json!({"iss": [issuer]})), MALFORMED),
        ("no issuer", make(&without(good, "iss")), MALFORMED),
        ("another audience", changed(json!({"aud": "https://evil.example"})), AUDIENCE),
        ("an empty audience", changed(json!({"aud": ""})), AUDIENCE),
        ("an audience and a slash", changed(json!({"aud": format!("{audience}/")})), AUDIENCE),
        ("an audience in capitals", changed(json!({"aud": audience.to_uppercase()})), AUDIENCE),
        ("a list of audiences", changed(json!({"aud": [audience]})), MALFORMED),
        ("a list with our audience", changed(json!({"aud": ["x", audience]})), MALFORMED),
        ("no audience", make(&without(good, "aud")), MALFORMED),
        ("expired an hour ago", changed(json!({"exp": second - 3600})), EXPIRED),
        ("expired beyond the leeway", changed(json!({"exp": second - 31})), EXPIRED),
        ("an end in 1970", changed(json!({"exp": 0})), EXPIRED),
        ("an end before time", changed(json!({"exp": i64::MIN})), EXPIRED),
        ("an end past all numbers", changed(json!({"exp": u64::MAX})), MALFORMED),
        ("an end as text", changed(json!({"exp": "9999999999"})), MALFORMED),
        ("an end as a fraction", changed(json!({"exp": 9_999_999_999.5})), MALFORMED),
        ("a null end", changed(json!({"exp": null})), MALFORMED),
        ("no end", make(&without(good, "exp")), MALFORMED),
        ("not valid yet", changed(json!({"nbf": second + 600})), FUTURE),
        ("a start as text", changed(json!({"nbf": "0"})), MALFORMED),
        ("issued tomorrow", changed(json!({"iat": second + 86_400})), FUTURE),
        ("issued at the end of time", changed(json!({"iat": i64::MAX})), FUTURE),
        ("issued as text", changed(json!({"iat": "0"})), MALFORMED),
        ("not issued", make(&without(good, "iat")), MALFORMED),
    ];
    forged.push(("claims that are a list", make(&json!([1])), MALFORMED));
    forged.push(("claims that are text", make(&json!("x")), MALFORMED));
    forged
}

/// What a person's token must not say besides.
pub(super) fn people(project: &str, second: i64, good: &Value) -> Vec<Forged> {
    let changed = |changes| unsigned(&with(good, changes));
    let of = |project: &str| format!("https://securetoken.google.com/{project}");
    let other = "demo-another";
    let header = |header: Value| testkit::token::assembled(&header, good, b"");
    let mut forged = vec![
        ("a foreign project", changed(json!({"iss": of(other), "aud": other})), ISSUER),
        ("a foreign project's issuer", changed(json!({"iss": of(other)})), ISSUER),
        ("a foreign project's audience", changed(json!({"aud": other})), AUDIENCE),
        (
            "a project that starts like ours",
            changed(json!({"iss": of(&format!("{project}x"))})),
            ISSUER,
        ),
        (
            "a session cookie",
            changed(json!({"iss": format!("https://session.firebase.google.com/{project}")})),
            ISSUER,
        ),
        ("Google's issuer", changed(json!({"iss": "https://accounts.google.com"})), ISSUER),
        ("an empty subject", changed(json!({"sub": ""})), SUBJECT),
        ("a long subject", changed(json!({"sub": "x".repeat(129)})), SUBJECT),
        ("a path as a subject", changed(json!({"sub": "olga/private/x"})), SUBJECT),
        ("a number as a subject", changed(json!({"sub": 7})), MALFORMED),
        ("no subject", unsigned(&without(good, "sub")), MALFORMED),
        ("no sign-in", unsigned(&without(good, "auth_time")), MALFORMED),
        ("a sign-in of tomorrow", changed(json!({"auth_time": second + 86_400})), FUTURE),
        ("a sign-in as text", changed(json!({"auth_time": "0"})), MALFORMED),
        ("a sign-in as a fraction", changed(json!({"auth_time": 1.5})), MALFORMED),
        ("a sign-in before time", changed(json!({"auth_time": i64::MIN})), MALFORMED),
        ("a signature where none belongs", format!("{}AAAA", unsigned(good)), ALGORITHM),
        ("no algorithm", header(json!({"typ": "JWT"})), MALFORMED),
        ("critical extensions", header(json!({"alg": "none", "crit": ["exp"]})), CRITICAL),
        ("an access token", header(json!({"alg": "none", "typ": "at+jwt"})), MALFORMED),
    ];
    let spellings = [
        ("called None", "None"),
        ("called NONE", "NONE"),
        ("called nOnE", "nOnE"),
        ("called none and a space", "none "),
        ("called RS256", "RS256"),
        ("called HS256", "HS256"),
        ("called ES256", "ES256"),
        ("called EdDSA", "EdDSA"),
        ("called nothing", ""),
    ];
    for (name, spelling) in spellings {
        forged.push((name, header(json!({"alg": spelling, "typ": "JWT"})), ALGORITHM));
    }
    forged
}
