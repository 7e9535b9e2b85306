//! The OIDC tokens of services: what they must say.

use model::Timestamp;
use serde::Deserialize;

use crate::{IdentityError, Refusal, Settings, claims::check_times};

/// The names under which Google issues tokens of service accounts.
///
/// Source: <https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken>.
pub(crate) const GOOGLE_ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// Where Google publishes the keys of those tokens.
///
/// Source: `jwks_uri` of <https://accounts.google.com/.well-known/openid-configuration>.
const GOOGLE_KEYS_URL: &str = "https://www.googleapis.com/oauth2/v3/certs";

/// A service, as its token proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The address of its service account.
    pub account: String,
}

/// Returns where the keys of services' tokens are.
pub(crate) fn keys_url(settings: &Settings) -> String {
    match &settings.issuer {
        Some(issuer) => format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/')),
        None => GOOGLE_KEYS_URL.to_owned(),
    }
}

/// What a service's token says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct ServiceClaims {
    iss: String,
    /// One audience: Google never makes a token for several, and a list would let
    /// one that leaked from another audience in.
    aud: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    email: Option<String>,
    email_verified: Option<bool>,
}

impl ServiceClaims {
    /// Checks that the token is for us, by an issuer we trust, and of now.
    pub(crate) fn check(&self, settings: &Settings, now: Timestamp) -> Result<(), Refusal> {
        let trusted = match &settings.issuer {
            Some(issuer) => self.iss == *issuer,
            None => GOOGLE_ISSUERS.contains(&self.iss.as_str()),
        };
        if !trusted {
            return Err(Refusal::Issuer);
        }
        if self.aud != settings.audience {
            return Err(Refusal::Audience);
        }
        check_times(self.exp, self.iat, self.nbf, now)
    }

    /// Returns the service if it may deliver events. The token is verified by now.
    pub(crate) fn invoker(&self, settings: &Settings) -> Result<Service, IdentityError> {
        self.service_if(|account| is_invoker(account, settings))
    }

    /// Returns the service if its manifest says that it calls us. The token is verified
    /// by now.
    pub(crate) fn colleague(&self, settings: &Settings) -> Result<Service, IdentityError> {
        self.service_if(|account| settings.callers.iter().any(|caller| caller == account))
    }

    fn service_if(&self, welcome: impl Fn(&str) -> bool) -> Result<Service, IdentityError> {
        match (&self.email, self.email_verified) {
            (Some(account), Some(true)) if welcome(account) => {
                Ok(Service { account: account.clone() })
            }
            (Some(account), Some(true)) => Err(IdentityError::Account(account.clone())),
            _ => Err(IdentityError::NoAccount),
        }
    }
}

fn is_invoker(account: &str, settings: &Settings) -> bool {
    settings.invokers.iter().any(|invoker| invoker == account)
}
