#![doc = include_str!("../README.md")]

#[cfg(test)]
mod accepted;
mod cache;
mod caller;
mod claims;
mod error;
mod fetch;
#[cfg(test)]
mod forged;
mod keys;
mod own;
mod people;
mod person;
mod remote;
#[cfg(test)]
mod renewed;
mod service;
mod settings;
#[cfg(test)]
mod testing;
mod token;
mod verifier;

use std::sync::Arc;

pub use caller::Caller;
pub use error::{IdentityError, OwnTokenError, Refusal};
pub use fetch::FetchError;
pub use jsonwebtoken::jwk::JwkSet;
pub use keys::KeySource;
use model::Timestamp;
pub use own::OwnTokens;
pub use people::{FindError, FindUser, Found, People, Person};
pub use person::SignIn;
pub use service::Service;
pub use settings::Settings;

use crate::{
    person::PersonClaims,
    service::ServiceClaims,
    verifier::{Signatures, Verifier},
};

/// Verifies tokens. Cheap to clone; every clone shares the keys and what was verified.
#[derive(Clone)]
pub struct Identity(Arc<Shared>);

struct Shared {
    settings: Settings,
    services: Verifier<ServiceClaims>,
    people: Verifier<PersonClaims>,
}

impl Identity {
    /// Prepares to verify with the issuers' published keys. Fetches nothing yet.
    ///
    /// # Panics
    /// When the settings name a local issuer or the Auth emulator in a project
    /// whose id does not start with `demo-`; [`Settings::from_env`] never does.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let services = KeySource::Url(service::keys_url(&settings));
        Self::with_keys(settings, services, KeySource::Url(person::KEYS_URL.to_owned()))
    }

    /// Prepares to verify with given keys of services and of people, as tests do.
    ///
    /// Everything but where the keys come from is as with [`Identity::new`]. The
    /// keys of people are not used when the settings name the Auth emulator.
    ///
    /// # Panics
    /// As [`Identity::new`].
    #[must_use]
    pub fn with_keys(settings: Settings, services: KeySource, people: KeySource) -> Self {
        assert!(
            settings.is_demo() || (settings.issuer.is_none() && !settings.auth_emulator),
            "a local issuer and the Auth emulator are for `demo-` projects only"
        );
        let people = if settings.auth_emulator {
            Signatures::None
        } else {
            Signatures::Rs256(people.into())
        };
        Self(Arc::new(Shared {
            services: Verifier::new(Signatures::Rs256(services.into())),
            people: Verifier::new(people),
            settings,
        }))
    }

    /// Verifies who delivers an event, from the value of the `Authorization` header.
    ///
    /// The account is one of [`Settings::invokers`].
    ///
    /// # Errors
    /// `Unauthenticated` when the token is missing, forged, expired or for somebody
    /// else; `PermissionDenied` when it proves an account that may not deliver
    /// events; `Unavailable` when the keys cannot be fetched.
    pub async fn verify_delivery(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<Service, IdentityError> {
        self.service_claims(authorization, now).await?.invoker(&self.0.settings)
    }

    /// Verifies which service calls, from the value of the `Authorization` header.
    ///
    /// The account is one of [`Settings::callers`]: any Google account of any project can
    /// ask Google for a token with our audience.
    ///
    /// # Errors
    /// As [`Identity::verify_delivery`].
    pub async fn verify_service(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<Service, IdentityError> {
        self.service_claims(authorization, now).await?.colleague(&self.0.settings)
    }

    /// Verifies which person signed in, from the value of the `Authorization` header.
    /// Whether they may come in is asked of [`People::admit`].
    ///
    /// # Errors
    /// `Unauthenticated` when the token is missing, forged, expired or of another
    /// project; `Unavailable` when the keys cannot be fetched.
    pub async fn verify_person(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<SignIn, IdentityError> {
        let Shared { settings, people, .. } = &*self.0;
        let claims =
            people.verify(authorization, |claims| claims.check(&settings.project, now)).await?;
        Ok(claims.sign_in(settings.auth_emulator)?)
    }

    async fn service_claims(
        &self,
        authorization: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<ServiceClaims>, IdentityError> {
        let Shared { settings, services, .. } = &*self.0;
        services.verify(authorization, |claims| claims.check(settings, now)).await
    }
}
