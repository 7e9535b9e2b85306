//! From the header of a request to claims that can be believed.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{
    IdentityError, Refusal,
    cache::Verified,
    keys::is_signed,
    remote::Keys,
    token::{Token, bearer},
};

/// How the tokens of one kind of caller are signed.
pub(crate) enum Signatures {
    /// RS256 with one of these keys.
    Rs256(Keys),
    /// Not at all: the Auth emulator's.
    None,
}

/// Verifies the tokens of one kind of caller.
pub(crate) struct Verifier<C> {
    signatures: Signatures,
    verified: Verified<C>,
}

impl<C: DeserializeOwned> Verifier<C> {
    pub(crate) fn new(signatures: Signatures) -> Self {
        Self { signatures, verified: Verified::new() }
    }

    /// Returns the claims of the token, which are signed and pass `check`.
    ///
    /// `check` also runs before the signature is verified, so that a token that
    /// would be refused anyway costs neither a key nor a verification.
    pub(crate) async fn verify(
        &self,
        authorization: Option<&str>,
        check: impl Fn(&C) -> Result<(), Refusal>,
    ) -> Result<Arc<C>, IdentityError> {
        let text = bearer(authorization)?;
        match &self.signatures {
            Signatures::Rs256(keys) => self.verify_signed(text, keys, check).await,
            Signatures::None => {
                let token = Token::parse(text)?;
                // A signature that nobody can verify is no better than none: it is refused.
                if token.header.alg != "none" || !token.signature.is_empty() {
                    return Err(Refusal::Algorithm.into());
                }
                Ok(Arc::new(checked(&token, check)?))
            }
        }
    }

    async fn verify_signed(
        &self,
        text: &str,
        keys: &Keys,
        check: impl Fn(&C) -> Result<(), Refusal>,
    ) -> Result<Arc<C>, IdentityError> {
        let digest = Sha256::digest(text).into();
        let before = keys.generation().and_then(|now| self.verified.get(now, &digest));
        if let Some(claims) = before {
            check(&claims)?;
            return Ok(claims);
        }
        let token = Token::parse(text)?;
        // Decided before any key is looked at, so that no key is used for what it is not.
        if token.header.alg != "RS256" {
            return Err(Refusal::Algorithm.into());
        }
        let claims = checked(&token, check)?;
        let id = token.header.kid.as_deref().ok_or(Refusal::UnknownKey)?;
        let found = keys.find(id).await?;
        if !is_signed(token.message, token.signature, &found.key) {
            return Err(Refusal::Signature.into());
        }
        let claims = Arc::new(claims);
        self.verified.put(found.generation, digest, Arc::clone(&claims));
        Ok(claims)
    }
}

fn checked<C: DeserializeOwned>(
    token: &Token<'_>,
    check: impl Fn(&C) -> Result<(), Refusal>,
) -> Result<C, Refusal> {
    let claims = token.claims()?;
    check(&claims).map(|()| claims)
}
