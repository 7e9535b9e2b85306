//! A certificate of an authority of the test's own.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{RootCertStore, ServerConfig, pki_types::PrivateKeyDer};

use super::tls::provider;

/// Returns what a server with a certificate for a name needs, and whom to trust. The
/// certificate ends with 8 March 2040.
pub(super) fn certified(name: &str) -> (ServerConfig, RootCertStore) {
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let root = authority.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(authority, authority_key);
    let mut own = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    own.not_after = rcgen::date_time_ymd(2040, 3, 9);
    let key = KeyPair::generate().expect("a key");
    let certificate = own.signed_by(&key, &issuer).expect("a certificate");

    let mut roots = RootCertStore::empty();
    roots.add(root.der().clone()).expect("a root");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate and its key");
    (config, roots)
}
