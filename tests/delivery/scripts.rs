//! What the scripts of delivery do, beside programs that stand in for those of a cloud.

use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};

use crate::{read, repository};

/// A copy of what the scripts need of the repository, with programs that write down how they were
/// called, in `calls`.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = env::temp_dir().join(format!("mesh-delivery-{}", uuid::Uuid::now_v7()));
        for part in [
            "bin",
            "terraform/delivery",
            "release",
            "terraform",
            "functions/alpha",
            "functions/beta",
        ] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        for function in ["alpha", "beta"] {
            let file = folder.join("functions").join(function).join("function.yaml");
            fs::write(file, "").expect("a file");
        }
        for file in ["plan.tfplan", "terraform.lock.hcl"] {
            fs::write(folder.join("release").join(file), "").expect("a file");
        }
        for script in ["images", "plan", "release", "revisions", "smoke"] {
            let to = folder.join("terraform/delivery").join(script);
            fs::copy(repository().join("terraform/delivery").join(script), to).expect("a copy");
        }
        Self { folder }
    }

    /// Puts a program in front of all others. `$*` is how it was called.
    fn program(&self, name: &str, body: &str) {
        let file = self.folder.join("bin").join(name);
        let text = format!("#!/bin/sh\necho {name} \"$*\" >> {}\n{body}\n", self.calls().display());
        fs::write(&file, text).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
    }

    fn calls(&self) -> PathBuf {
        self.folder.join("calls")
    }

    fn called(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.calls()).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    fn run(&self, script: &str, arguments: &[&str], input: &str) -> Output {
        let path = env::var("PATH").expect("a path");
        let mut child = Command::new(self.folder.join("terraform/delivery").join(script))
            .args(arguments)
            .env("PATH", format!("{}:{path}", self.folder.join("bin").display()))
            .env("SMOKE_PATIENCE", "0")
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the script runs");
        let mut stdin = child.stdin.take().expect("piped");
        // A script that reads nothing may have ended.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the script ends")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Answers a few requests on this machine like a mesh whose page or API may be broken.
fn mesh(page: &'static str, api: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming().take(8) {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 2048];
            let length = stream.read(&mut request).expect("a request");
            let request = text(&request[..length]);
            let answer = if request.starts_with("GET /api/") { api } else { page };
            let _ = write!(stream, "HTTP/1.1 {answer}");
        }
    });
    address
}

const PAGE: &str = "200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n<!doctype html><title>Mesh</title>";
const NO_PAGE: &str = "200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\nwelcome";
const API: &str =
    "401 Unauthorized\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n{}";
const OPEN_API: &str = "200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{}";

#[test]
fn the_smoke_test_wants_a_page_and_an_api_that_is_shut() {
    let place = Place::new();
    for (page, api, good) in [(PAGE, API, true), (NO_PAGE, API, false), (PAGE, OPEN_API, false)] {
        let output = place.run("smoke", &[&mesh(page, api)], "");
        assert_eq!(output.status.success(), good, "{page} {api}: {}", text(&output.stderr));
    }
    let output = place.run("smoke", &["http://127.0.0.1:9"], "");
    assert!(!output.status.success(), "nobody answers, and the smoke test is content");
    assert!(place.run("smoke", &[""], "").status.success(), "there is nothing to try");
}

/// Two functions of ours and a service of somebody else's.
const SERVICES: &str = r#"case "$*" in
*"services list"*) printf 'alpha\talpha-00007-abc\nbeta\tbeta-00003-xyz\nforeign\tforeign-00001-aaa\n' ;;
*"update-traffic alpha"*) exit ${ALPHA:-0} ;;
esac"#;

#[test]
fn only_our_functions_are_recorded_and_each_is_restored() {
    let place = Place::new();
    place.program("gcloud", SERVICES);
    let recorded = text(&place.run("revisions", &["record", "p", "r"], "").stdout);
    assert_eq!(recorded, "alpha\talpha-00007-abc\nbeta\tbeta-00003-xyz\n");
    place.program("gcloud", &SERVICES.replace("${ALPHA:-0}", "1"));
    let output = place.run("revisions", &["restore", "p", "r"], &recorded);
    assert!(!output.status.success(), "`alpha` could not be restored, and nobody says so");
    let restored = |of: &str| place.called().iter().any(|call| call.contains(of));
    assert!(restored(
        "update-traffic alpha --project=p --region=r --to-revisions=alpha-00007-abc=100"
    ));
    assert!(restored(
        "update-traffic beta --project=p --region=r --to-revisions=beta-00003-xyz=100"
    ));
}

#[test]
fn a_release_that_fails_gives_the_traffic_back() {
    // How terraform ends, what answers, and whether the release stands.
    let cases = [("0", PAGE, true), ("0", NO_PAGE, false), ("1", PAGE, false)];
    for (applied, page, stands) in cases {
        let place = Place::new();
        place.program("gcloud", SERVICES);
        place
            .program("terraform", &format!("case \"$*\" in *\" apply \"*) exit {applied} ;; esac"));
        let output = place.run("release", &["p", "prod", "r", "bucket", &mesh(page, API)], "");
        assert_eq!(output.status.success(), stands, "{}", text(&output.stderr));
        let called = place.called();
        let place_of = |of: &str| called.iter().position(|call| call.contains(of));
        let apply = place_of("apply -input=false").expect("the plan is applied");
        assert!(called[apply].ends_with(" ../release/plan.tfplan"), "{}", called[apply]);
        assert!(place_of("services list").expect("recorded") < apply, "{called:?}");
        let restored = called.iter().filter(|call| call.contains("update-traffic")).count();
        assert_eq!(restored, if stands { 0 } else { 2 }, "{called:?}");
    }
}

#[test]
fn a_plan_is_made_of_digests_in_the_state_of_its_environment() {
    let place = Place::new();
    place.program("terraform", "touch terraform/.terraform.lock.hcl");
    fs::write(place.folder.join("images.tfvars.json"), r#"{"images":{}}"#).expect("a file");
    let output = place.run("plan", &["p", "prod", "bucket"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let called = place.called().join("\n");
    for part in [
        "-backend-config=bucket=bucket -backend-config=prefix=prod",
        "-var-file=environments/prod.tfvars -var-file=../images.tfvars.json -var=project_id=p",
        "-out=../release/plan.tfplan",
    ] {
        assert!(called.contains(part), "{part}:\n{called}");
    }
    for file in ["images.tfvars.json", "plan.txt", "terraform.lock.hcl"] {
        assert!(place.folder.join("release").join(file).is_file(), "{file}");
    }
}

/// Docker as far as pushing needs it. What it saves is as large as it is told.
fn docker(place: &Place, bytes: usize) {
    let digest = "a".repeat(64);
    let body = format!(
        "case \"$1\" in save) head -c {bytes} /dev/urandom ;; \
         inspect) for image; do :; done; \
         echo \"other/registry@sha256:{digest}\"; echo \"${{image%:*}}@sha256:{digest}\" ;; esac"
    );
    place.program("docker", &body);
}

#[test]
fn images_are_pushed_when_they_are_small_and_known_by_their_digest() {
    let place = Place::new();
    docker(&place, 1000);
    let output = place.run("images", &["push", "registry/mesh", "abc"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let digest = format!("sha256:{}", "a".repeat(64));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let wanted = serde_json::json!({ "images": { "alpha": digest, "beta": digest } });
    assert_eq!(printed, wanted);

    let place = Place::new();
    docker(&place, 26 * 1024 * 1024);
    let output = place.run("images", &["push", "registry/mesh", "abc"], "");
    assert!(!output.status.success(), "an image of 26 MiB is pushed");
    assert!(!place.called().iter().any(|call| call.starts_with("docker push")));
}

#[test]
fn every_image_is_built_from_the_one_recipe() {
    let place = Place::new();
    docker(&place, 0);
    let output = place.run("images", &["build", "registry/mesh", "abc"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let called = place.called();
    for name in ["alpha", "beta"] {
        let build = format!(
            "docker build --file functions/Dockerfile --target function --build-arg \
             FUNCTION={name} --build-arg REVISION=abc --tag registry/mesh/{name}:abc ."
        );
        assert!(called.contains(&build), "{called:#?}");
    }
    assert!(called.iter().any(|call| call.contains("--target sbom")), "nobody asks for materials");
    let recipe = read("functions/Dockerfile");
    for stage in ["function", "sbom"] {
        assert!(recipe.contains(&format!(" AS {stage}\n")), "the recipe has no stage `{stage}`");
    }
    assert!(Path::new(&repository()).join("functions/Dockerfile").is_file());
}
