//! The log, verified by programs that other people wrote.

use std::{path::PathBuf, process::Command};

use serde_json::{Value, json};
use tlog::{
    Algorithm, Checkpoint, SigningKey, Tiles, VerifierKey, leaf_hash, log_origin, with_signature,
    witness_name,
};

/// How many entries the log has.
const ENTRIES: u64 = 100_000;
/// Which entries are proven, and which earlier sizes: far apart, and at no special place.
const EVERY_ENTRY: usize = 997;
const EVERY_SIZE: usize = 4_999;

fn entry(index: u64) -> String {
    json!({"action": "service.changed", "record": format!("{index:08}")}).to_string()
}

/// Makes a log, and what it gives to a stranger.
async fn log() -> Value {
    let mut tiles = Tiles::default();
    for index in 0..ENTRIES {
        tiles.append(index, leaf_hash(entry(index).as_bytes())).unwrap();
    }
    let (key, witness) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
    let name = log_origin("demo-mesh");
    let log_key = VerifierKey::new(&name, Algorithm::Ed25519, key.public()).unwrap();
    let name = witness_name("demo-mesh");
    let witness_key = VerifierKey::new(&name, Algorithm::CosignatureV1, witness.public()).unwrap();
    let root = tiles.root(ENTRIES).unwrap();
    let checkpoint = Checkpoint { origin: log_key.name().into(), size: ENTRIES, root };
    let text = checkpoint.to_text();
    let line = witness_key.cosign(&witness, &text, 1_790_000_000).await.unwrap();
    let texts =
        |hashes: Vec<tlog::Hash>| hashes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let inclusion = (0..ENTRIES).step_by(EVERY_ENTRY).map(|index| {
        let proof = texts(tiles.inclusion(ENTRIES, index).unwrap());
        json!({"index": index, "entry": entry(index), "proof": proof})
    });
    let consistency = (1..ENTRIES).step_by(EVERY_SIZE).map(|size| {
        let proof = texts(tiles.consistency(size, ENTRIES).unwrap());
        json!({"size": size, "root": tiles.root(size).unwrap().to_string(), "proof": proof})
    });
    json!({
        "checkpoint": with_signature(&log_key.sign_with(&key, &text), &line),
        "log_key": log_key.to_string(),
        "witness_key": witness_key.to_string(),
        "inclusion": inclusion.collect::<Vec<_>>(),
        "consistency": consistency.collect::<Vec<_>>(),
    })
}

#[tokio::test]
async fn other_peoples_programs_verify_checkpoints_inclusion_and_consistency() {
    let verifiers = crate::root().join("tests/verifiers");
    let python = verifiers.join(".venv/bin/python");
    assert!(python.is_file(), "run emulator/install --with-tests");
    let file: PathBuf =
        std::env::temp_dir().join(format!("mesh-foreign-{}.json", std::process::id()));
    std::fs::write(&file, log().await.to_string()).unwrap();
    let output = Command::new(python).arg(verifiers.join("verify.py")).arg(&file).output().unwrap();
    std::fs::remove_file(&file).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let counts: Value = serde_json::from_str(&said).unwrap();
    println!("{counts}");
    assert_eq!((&counts["inclusion"], &counts["consistency"]), (&json!(101), &json!(21)));
    assert!(counts["mutants"].as_u64().unwrap() > 5_000, "{counts}");
}
