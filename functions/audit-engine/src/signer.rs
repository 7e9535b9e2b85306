//! Who signs checkpoints: a seed in a secret, or a key that Cloud KMS keeps.

use function::Environment;
use secrecy::ExposeSecret;
use tlog::{Algorithm, Sign, SigningKey, VerifierKey, log_origin};

use crate::kms::{KeyVersion, KmsKey};

/// What signs, and the key that everybody verifies with.
pub(crate) type Signer = (Box<dyn Sign>, VerifierKey);

/// Reads who signs the log of a project. Whoever it is, the published key has to be theirs: a
/// log that nobody could verify is not begun.
///
/// # Errors
/// Every mistake.
pub(crate) fn signer(project: &str, environment: &Environment) -> Result<Signer, Vec<String>> {
    let reader = environment.reader();
    let published = reader.secret("AUDIT_PUBLIC_KEY").and_then(|text| {
        let name = log_origin(project);
        let key = VerifierKey::from_hex(&name, Algorithm::Ed25519, text.expose_secret());
        key.map_err(|error| reader.mistake(format!("AUDIT_PUBLIC_KEY: {error}"))).ok()
    });
    let kept = environment.get("AUDIT_KMS_SIGNER").filter(|name| *name != "none");
    let signer: Option<Box<dyn Sign>> = if kept.is_some() {
        let version = reader.parse::<KeyVersion>("AUDIT_KMS_SIGNER");
        version.zip(published.as_ref()).and_then(|(version, published)| {
            let key = KmsKey::new(version, published.public(), environment);
            let key = key.map_err(|error| reader.mistake(error)).ok()?;
            Some(Box::new(key) as Box<dyn Sign>)
        })
    } else {
        reader.secret("AUDIT_SIGNING_KEY").and_then(|text| {
            let key = SigningKey::from_hex(text.expose_secret());
            let key = key.map_err(|error| reader.mistake(format!("AUDIT_SIGNING_KEY: {error}")));
            Some(Box::new(key.ok()?) as Box<dyn Sign>)
        })
    };
    if let (Some(signer), Some(published)) = (&signer, &published)
        && signer.public() != published.public()
    {
        reader.mistake("AUDIT_SIGNING_KEY: it is not the other half of AUDIT_PUBLIC_KEY".into());
    }
    reader.finish(signer.zip(published))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1";

    fn seed(byte: u8) -> String {
        hex::encode([byte; 32])
    }

    fn public(byte: u8) -> String {
        hex::encode(SigningKey::from_seed([byte; 32]).public())
    }

    fn read(seed: &str, public: &str, kept: &str) -> Result<VerifierKey, Vec<String>> {
        let environment = Environment::of([
            ("AUDIT_SIGNING_KEY", seed),
            ("AUDIT_PUBLIC_KEY", public),
            ("AUDIT_KMS_SIGNER", kept),
        ]);
        signer("p", &environment).map(|(_, key)| key)
    }

    #[test]
    fn whoever_signs_has_the_published_key() {
        let key = read(&seed(1), &public(1), "none").expect("they fit");
        assert_eq!(hex::encode(key.public()), public(1));
        assert_eq!(read(&seed(1), &public(1), ""), Ok(key.clone()));
        // Cloud KMS has the seed: the secret may hold anything.
        assert_eq!(read("none", &public(1), NAME), Ok(key));

        let other = read(&seed(1), &public(2), "none").expect_err("they do not fit");
        assert_eq!(other, ["AUDIT_SIGNING_KEY: it is not the other half of AUDIT_PUBLIC_KEY"]);
        let wrong = read("none", &public(1), "projects/p").expect_err("no name");
        assert!(wrong[0].starts_with("AUDIT_KMS_SIGNER: `projects/p` is not valid"));
        let both = read("abcd", "abcd", "none").expect_err("no keys");
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(!both.concat().contains("abcd"));
    }
}
