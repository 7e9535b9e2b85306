//! The local issuer of tokens: what `accounts.google.com` is in production.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    hmac,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use axum::{Json, Router, http::header::CACHE_CONTROL, routing::get};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a token is good for, as Google's are.
const LIFETIME_SECONDS: i64 = 3600;
/// A token is not handed out again when less than this is left of it.
const LIFETIME_LEFT_SECONDS: i64 = 300;
/// Tokens kept for reuse; a stack has a few for each function.
const TOKENS_MAX: usize = 10_000;
/// What access tokens start with. The Firestore emulator takes them for an administrator's.
const ACCESS_PREFIX: &str = "ya29.mesh";

/// Issues identity tokens that anybody can verify, and access tokens that only
/// the local stack understands.
pub struct Issuer {
    url: String,
    key: EncodingKey,
    key_id: String,
    modulus: String,
    exponent: String,
    access_key: hmac::Key,
    tokens: Mutex<HashMap<(String, String), (String, i64)>>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why there is no issuer, or no token.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The key's file cannot be used.
    #[error("cannot use the issuer's key `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not hold a key.
    #[error("`{}` is not an RSA key; remove it to get a new one", .0.display())]
    Key(PathBuf),
    /// No key could be made.
    #[error("cannot make the issuer's key")]
    Generate,
    /// No token could be made.
    #[error("cannot sign a token")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// The claims of Google's identity tokens for service accounts.
#[derive(Debug, Serialize, Deserialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    azp: &'a str,
    sub: &'a str,
    email: &'a str,
    email_verified: bool,
    iat: i64,
    exp: i64,
}

impl Issuer {
    /// Opens the issuer whose key is in a file; makes the key when there is none.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn open(path: &Path, url: String) -> Result<Self, IssuerError> {
        let failed = |source| IssuerError::File { path: path.to_owned(), source };
        let pem = match fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = generate().ok_or(IssuerError::Generate)?;
                write_private(path, pem.as_bytes()).map_err(failed)?;
                pem
            }
            Err(error) => return Err(failed(error)),
        };
        let invalid = || IssuerError::Key(path.to_owned());
        let pair = parse(&pem).ok_or_else(invalid)?;
        let modulus =
            URL_SAFE_NO_PAD.encode(pair.public_key().modulus().big_endian_without_leading_zero());
        let exponent =
            URL_SAFE_NO_PAD.encode(pair.public_key().exponent().big_endian_without_leading_zero());
        Ok(Self {
            url,
            key: EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| invalid())?,
            key_id: model::digest(&[&modulus]),
            access_key: hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes()),
            modulus,
            exponent,
            tokens: Mutex::default(),
        })
    }

    /// Returns the issuer's name, under which its keys are served.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns a token that says to an audience who a service account is.
    ///
    /// The same one is returned again until five minutes before its end.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn identity_token(
        &self,
        account: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<String, IssuerError> {
        let iat = now.as_second();
        let name = (account.to_owned(), audience.to_owned());
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, exp)) = tokens.get(&name)
            && iat + LIFETIME_LEFT_SECONDS < *exp
            // A clock that went back must not hand out tokens of the future.
            && iat + LIFETIME_SECONDS >= *exp
        {
            return Ok(token.clone());
        }
        let exp = iat + LIFETIME_SECONDS;
        let sub = subject(account);
        let claims = Claims {
            iss: &self.url,
            aud: audience,
            azp: &sub,
            sub: &sub,
            email: account,
            email_verified: true,
            iat,
            exp,
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.key_id.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.key)?;
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        tokens.insert(name, (token.clone(), exp));
        Ok(token)
    }

    /// Returns an access token of a service account, and how many seconds it is good for.
    ///
    /// It is checked by its signature, so it outlives the bridge's process.
    #[must_use]
    pub fn access_token(&self, account: &str, now: Timestamp) -> (String, i64) {
        let exp = now.as_second() + LIFETIME_SECONDS;
        let claims = URL_SAFE_NO_PAD.encode(format!("{exp} {account}"));
        let tag = hmac::sign(&self.access_key, claims.as_bytes());
        (format!("{ACCESS_PREFIX}.{claims}.{}", URL_SAFE_NO_PAD.encode(tag)), LIFETIME_SECONDS)
    }

    /// Returns whose access token this is; `None` when it is not valid.
    #[must_use]
    pub fn verify_access_token(&self, token: &str, now: Timestamp) -> Option<String> {
        let rest = token.strip_prefix(ACCESS_PREFIX)?.strip_prefix('.')?;
        let (claims, tag) = rest.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.access_key, claims.as_bytes(), &tag).ok()?;
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let (exp, account) = claims.split_once(' ')?;
        (now.as_second() < exp.parse().ok()?).then(|| account.to_owned())
    }

    /// Returns the public key, as OpenID Connect publishes it.
    #[must_use]
    pub fn key_set(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256",
            "kid": self.key_id, "n": self.modulus, "e": self.exponent,
        }] })
    }

    /// Returns the description that OpenID Connect's discovery expects.
    #[must_use]
    pub fn configuration(&self) -> Value {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}/.well-known/jwks.json", self.url),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    pub(super) fn router(&self) -> Router {
        let serve = |document: Value| {
            get(move || async move { ([(CACHE_CONTROL, "public, max-age=300")], Json(document)) })
        };
        Router::new()
            .route("/.well-known/openid-configuration", serve(self.configuration()))
            .route("/.well-known/jwks.json", serve(self.key_set()))
    }
}

/// Returns an account's number: Google's have 21 digits.
fn subject(account: &str) -> String {
    let digits = u64::from_str_radix(&model::digest(&[account])[..15], 16).unwrap_or(0);
    format!("1{digits:020}")
}

fn generate() -> Option<String> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).ok()?;
    let text = STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Some(pem)
}

fn parse(pem: &str) -> Option<KeyPair> {
    let text = pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    KeyPair::from_pkcs8(&STANDARD.decode(text).ok()?).ok()
}

/// Writes a file that only its owner may read, whole or not at all.
pub(super) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let _ = fs::remove_file(&fresh);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};

    use super::*;

    const AUDIENCE: &str = "https://audit-engine.mesh.internal";
    const ACCOUNT: &str = "mesh-invoker@demo-a.iam.gserviceaccount.com";

    fn issuer() -> (Issuer, PathBuf) {
        let path = std::env::temp_dir().join(format!("mesh-issuer-{}.pem", uuid::Uuid::now_v7()));
        (Issuer::open(&path, "http://127.0.0.1:1".into()).expect("opens"), path)
    }

    #[test]
    fn an_identity_token_verifies_with_the_published_keys_and_after_a_restart() {
        let (issuer, path) = issuer();
        let token = issuer.identity_token(ACCOUNT, AUDIENCE, Timestamp::now()).expect("signed");
        let mode = fs::metadata(&path).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = Issuer::open(&path, "http://127.0.0.1:1".into()).expect("opens again");
        fs::remove_file(path).expect("was there");

        let keys = serde_json::from_value::<JwkSet>(again.key_set()).expect("a key set");
        let kid = jsonwebtoken::decode_header(&token).expect("a token").kid.expect("named");
        let key = DecodingKey::from_jwk(keys.find(&kid).expect("published")).expect("a key");
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&["http://127.0.0.1:1"]);
        let claims =
            jsonwebtoken::decode::<Value>(&token, &key, &validation).expect("valid").claims;
        assert_eq!(claims["email"], ACCOUNT);
        assert_eq!(claims["email_verified"], true);
        assert_eq!(claims["azp"], claims["sub"]);
        assert_eq!(claims["sub"].as_str().map(str::len), Some(21));
        let (iat, exp) = (claims["iat"].as_i64(), claims["exp"].as_i64());
        assert_eq!(exp.zip(iat).map(|(exp, iat)| exp - iat), Some(3600));
    }

    #[test]
    fn a_token_is_reused_until_five_minutes_before_its_end() {
        let (issuer, path) = issuer();
        fs::remove_file(path).expect("was there");
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).expect("valid");
        let token = |second| issuer.identity_token(ACCOUNT, AUDIENCE, at(second)).expect("signed");
        let first = token(0);
        assert_eq!(first, token(3299));
        let second = token(3300);
        assert_ne!(first, second);
        assert_ne!(second, token(0), "not a token of the future");
    }

    #[test]
    fn an_access_token_is_its_accounts_until_it_ends() {
        let (issuer, path) = issuer();
        fs::remove_file(path).expect("was there");
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).expect("valid");
        let (token, seconds) = issuer.access_token(ACCOUNT, at(0));
        assert_eq!(issuer.verify_access_token(&token, at(seconds - 1)).as_deref(), Some(ACCOUNT));
        assert_eq!(issuer.verify_access_token(&token, at(seconds)), None);
        for wrong in
            [token.replace("ya29.mesh.", "ya29.mesh.x"), format!("{token}x"), String::new()]
        {
            assert_eq!(issuer.verify_access_token(&wrong, at(0)), None, "{wrong}");
        }
    }
}
