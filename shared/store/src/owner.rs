//! What the Firestore emulator calls an administrator.

use gcloud_sdk::{
    GoogleAuthHeaders, HeaderMap,
    google_cloud_auth::{
        credentials::{CacheableResource, Credentials, CredentialsProvider, EntityTag},
        errors::CredentialsError,
    },
};
use http::{Extensions, HeaderValue, header::AUTHORIZATION};

/// Credentials that the emulator takes for an administrator's: its security rules
/// do not apply to them, as they do not to a service account in production.
#[derive(Debug)]
struct Owner {
    tag: EntityTag,
}

impl CredentialsProvider for Owner {
    async fn headers(
        &self,
        extensions: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        if extensions.get::<EntityTag>() == Some(&self.tag) {
            return Ok(CacheableResource::NotModified);
        }
        let headers =
            HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static("Bearer owner"))]);
        Ok(CacheableResource::New { entity_tag: self.tag.clone(), data: headers })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

pub(crate) fn owner() -> GoogleAuthHeaders {
    GoogleAuthHeaders::from(Credentials::from(Owner { tag: EntityTag::new() }))
}
