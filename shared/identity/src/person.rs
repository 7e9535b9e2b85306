//! The Firebase ID tokens of people: what they must say.

use model::{DocumentId, Timestamp, Uid};
use serde::Deserialize;

use crate::{
    Refusal,
    claims::{check_past, check_times},
};

/// Where Firebase publishes the keys of ID tokens.
///
/// Source: <https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library>;
/// these are the same keys as JWK instead of certificates.
pub(crate) const KEYS_URL: &str =
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";

/// What the issuer of a project's ID tokens starts with; the project's id follows.
const ISSUER_PREFIX: &str = "https://securetoken.google.com/";

/// The longest uid, as Firebase limits it.
///
/// Source: <https://firebase.google.com/docs/auth/admin/manage-users#create_a_user>.
const UID_CHARS_MAX: usize = 128;

/// A person's sign-in, as their token proved it. What the person may do does not follow
/// from the token, which is up to an hour old, but from what the mesh knows of them now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The person's id.
    pub uid: Uid,
    /// The person's address, only if it was verified (or the Auth emulator said so).
    pub email: Option<String>,
    /// When the person last signed in, to the second.
    pub authenticated_at: Timestamp,
    /// Whether a second factor was shown.
    pub second_factor: bool,
    /// Until when the token proves it.
    pub expires_at: Timestamp,
}

impl SignIn {
    /// Refuses a sign-in whose token has expired since it was verified.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        let seconds = self.expires_at.as_second();
        check_times(seconds, i64::MIN, None, now)
    }
}

/// What a person's token says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct PersonClaims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    auth_time: i64,
    email: Option<String>,
    email_verified: Option<bool>,
    #[serde(default)]
    firebase: FirebaseClaims,
}

/// Source: <https://cloud.google.com/identity-platform/docs/reference/rest/v1/accounts>.
#[derive(Debug, Default, Deserialize)]
struct FirebaseClaims {
    sign_in_second_factor: Option<String>,
}

impl PersonClaims {
    /// Checks that the token is of our project, about somebody, and of now.
    pub(crate) fn check(&self, project: &str, now: Timestamp) -> Result<(), Refusal> {
        if self.iss.strip_prefix(ISSUER_PREFIX) != Some(project) {
            return Err(Refusal::Issuer);
        }
        if self.aud != project {
            return Err(Refusal::Audience);
        }
        check_times(self.exp, self.iat, self.nbf, now)?;
        check_past(self.auth_time, now)?;
        self.uid().map(drop)
    }

    /// Returns the sign-in. The token is verified by now.
    pub(crate) fn sign_in(&self, trust_email: bool) -> Result<SignIn, Refusal> {
        let email_counts = trust_email || self.email_verified == Some(true);
        let signed_in =
            jiff::Timestamp::from_second(self.auth_time).map_err(|_| Refusal::Malformed)?;
        let expires = jiff::Timestamp::from_second(self.exp).unwrap_or(jiff::Timestamp::MAX);
        Ok(SignIn {
            expires_at: expires.into(),
            uid: self.uid()?,
            email: self.email.clone().filter(|_| email_counts),
            authenticated_at: signed_in.into(),
            second_factor: self.firebase.sign_in_second_factor.is_some(),
        })
    }

    /// Returns the subject as the id of a document, which has no slash.
    fn uid(&self) -> Result<Uid, Refusal> {
        if self.sub.chars().count() > UID_CHARS_MAX {
            return Err(Refusal::Subject);
        }
        Uid::from_path(&format!("{}/{}", Uid::COLLECTION, self.sub)).map_err(|_| Refusal::Subject)
    }
}
