use audit_engine::{
    kms::KmsKey,
    seal::{Sealer, SubjectSecret, sweep},
};
use function::Environment;
use testkit::{Mesh, Setup};
use tlog::{Sign, SigningKey};

use super::{
    KEEPERS, assert_sealed, checkpoint,
    fake_kms::{FakeKms, Fault, VERSION},
    head, later, log_key, secret, write,
};

fn seed(mesh: &Mesh) -> SigningKey {
    SigningKey::from_hex(&secret(mesh, "audit-signing-key")).unwrap()
}

fn key(host: &str, public: [u8; 32]) -> KmsKey {
    let environment = Environment::of([("KMS_EMULATOR_HOST", host)]);
    KmsKey::new(VERSION.parse().unwrap(), public, &environment).unwrap()
}

#[tokio::test]
async fn a_key_in_kms_signs_as_the_same_key_in_memory_does() {
    let (kms, host) = FakeKms::start().await;
    kms.keep(SigningKey::from_seed([7; 32]));
    let own = SigningKey::from_seed([7; 32]);
    let key = key(&host, own.public());
    for message in [&b""[..], b"a message", &[0; 4096]] {
        assert_eq!(key.sign(message).await.unwrap(), own.sign_now(message));
    }
    // The public half is asked for once.
    assert_eq!(kms.calls(), (3, 1));
}

#[tokio::test]
async fn an_answer_that_is_not_the_signature_is_not_used() {
    let (kms, host) = FakeKms::start().await;
    kms.keep(SigningKey::from_seed([7; 32]));
    let public = SigningKey::from_seed([7; 32]).public();
    for (fault, reason) in [
        (Fault::Away, "503"),
        (Fault::Unverified, "compared no checksum"),
        (Fault::TornSignature, "does not have its checksum"),
        (Fault::OtherMessage, "not of the published key"),
        (Fault::OtherVersion, "another key has signed"),
    ] {
        kms.fault(fault);
        let refused = key(&host, public).sign(b"a message").await.expect_err(reason).to_string();
        assert!(refused.contains(reason), "{fault:?}: {refused}");
    }
    kms.fault(Fault::None);
    let other = key(&host, SigningKey::from_seed([8; 32]).public());
    let refused = other.sign(b"a message").await.expect_err("not ours").to_string();
    assert!(refused.contains("not the one of `AUDIT_PUBLIC_KEY`"), "{refused}");
}

#[tokio::test]
async fn while_the_key_is_away_nothing_is_sealed_and_nothing_is_lost() {
    let mesh = Mesh::start("kms-away", &[]).await;
    let (kms, host) = FakeKms::start().await;
    kms.keep(seed(&mesh));
    kms.fault(Fault::Away);
    let subjects = SubjectSecret::new(&secret(&mesh, "audit-subject-secret")).unwrap();
    let signer = Box::new(key(&host, seed(&mesh).public()));
    let sealer = Sealer::new(mesh.store.clone(), log_key(&mesh), signer, subjects, None);
    write(&mesh.store, &mesh.cause(), "a", 20).await;
    sweep(&sealer, &mesh.cause(), later()).await.expect_err("nobody signs");
    assert!(head(&mesh).await.is_none());
    kms.fault(Fault::None);
    sweep(&sealer, &mesh.cause(), later()).await.unwrap();
    assert_eq!(assert_sealed(&mesh, 0).await.len(), 20);
}

#[tokio::test]
async fn the_function_signs_with_the_key_that_its_environment_names() {
    let (kms, host) = FakeKms::start().await;
    let environment = [("AUDIT_KMS_SIGNER", VERSION), ("KMS_EMULATOR_HOST", &*host)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let setup = Setup {
        functions: KEEPERS.map(str::to_owned).to_vec(),
        environment: environment.into(),
        ..Setup::default()
    };
    let mesh = Mesh::set_up("kms-function", setup).await;
    kms.keep(seed(&mesh));
    write(&mesh.store, &mesh.cause(), "a", 30).await;
    mesh.settle().await;
    assert_eq!(assert_sealed(&mesh, 0).await.len(), 30);
    assert_eq!(checkpoint(&mesh).await.witnessed_size, Some(30));
    assert!(kms.calls().0 > 0);
}
