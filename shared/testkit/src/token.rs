//! Tokens of test identities. Good ones come from the bridge's own issuer, forged
//! ones are put together by hand.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Returns an unsigned token, as the Firebase Auth emulator gives to a person.
#[must_use]
pub fn person(project: &str, uid: &str) -> String {
    person_since(project, uid, jiff::Timestamp::now().as_second() - 10)
}

/// Returns the token of a person who signed in at a second.
#[must_use]
pub fn person_since(project: &str, uid: &str, auth_time: i64) -> String {
    let now = jiff::Timestamp::now().as_second();
    unsigned(&json!({
        "iss": format!("https://securetoken.google.com/{project}"),
        "aud": project,
        "sub": uid,
        "user_id": uid,
        "email": format!("{uid}@meridian.example"),
        "email_verified": true,
        "auth_time": auth_time,
        "iat": now - 10,
        "exp": now + 3600,
        "firebase": {"sign_in_provider": "password"},
    }))
}

/// Returns a person's token as if they had shown a second factor as well.
#[must_use]
pub fn with_second_factor(token: &str) -> String {
    let mut claims = claims(token);
    claims["firebase"]["sign_in_second_factor"] = "totp".into();
    unsigned(&claims)
}

/// Returns a token whose header says that nobody signed it.
#[must_use]
pub fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}

/// Returns a token with any header, any claims and any signature.
#[must_use]
pub fn assembled(header: &Value, claims: &Value, signature: &[u8]) -> String {
    format!("{}.{}.{}", part(header), part(claims), BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Returns the claims of a token, unverified.
#[must_use]
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("a token has three parts");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("Base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

/// Returns the header of a token, unverified.
#[must_use]
pub fn header(token: &str) -> Value {
    let part = token.split('.').next().expect("a token has three parts");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).expect("Base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}
