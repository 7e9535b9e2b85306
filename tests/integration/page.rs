//! The page's server, as browsers meet it.

use std::collections::BTreeSet;

use reqwest::{Client, Response, StatusCode, header};
use serde_json::Value;
use testkit::Mesh;

async fn get_packed(mesh: &Mesh, path: &str, accepted: &str) -> Response {
    get(mesh, path, &[("accept-encoding", accepted)]).await
}

async fn get(mesh: &Mesh, path: &str, headers: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", mesh.function("dashboard").url());
    let mut request = Client::builder().build().unwrap().get(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

fn said<'r>(answer: &'r Response, name: &str) -> &'r str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The addresses of the scripts and styles that the page names.
fn assets(html: &str) -> BTreeSet<&str> {
    let parts = html.split('"').filter(|part| part.starts_with("/assets/"));
    parts.collect()
}

#[tokio::test]
async fn every_answer_of_the_page_is_guarded_and_files_are_kept_by_browsers() {
    let mesh = Mesh::start("page", &["dashboard"]).await;
    let index = get(&mesh, "/", &[]).await;
    assert_eq!(said(&index, "cache-control"), "no-cache");
    let etag = said(&index, "etag").to_owned();
    let html = index.text().await.unwrap();
    let assets = assets(&html);
    assert!(!assets.is_empty(), "the page was built before: {html}");
    assert!(!html.contains("<script>") && !html.contains("style="), "nothing is inline");

    for (path, status) in [
        ("/", 200),
        ("/incidents/shop-1795849680", 200),
        ("/access/a.b@c.example", 200),
        ("/missing.js", 404),
        ("/assets/missing-1a2b3c.js", 404),
        ("/assets/../Cargo.toml", 404),
        ("/..%2f..%2fetc%2fpasswd", 404),
        ("/config.json", 200),
        ("/topology.json", 200),
    ] {
        let answer = get(&mesh, path, &[]).await;
        assert_eq!(answer.status(), status, "{path}");
        let policy = said(&answer, "content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(said(&answer, "strict-transport-security").contains("max-age=63072000"));
        assert_eq!(said(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(said(&answer, "referrer-policy"), "no-referrer");
    }

    let known = get(&mesh, "/", &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    for asset in assets {
        let packed = |accepted| get_packed(&mesh, asset, accepted);
        let plain = packed("br;q=0, identity").await;
        assert_eq!(said(&plain, "content-encoding"), "");
        assert_eq!(said(&plain, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(said(&plain, "vary"), "accept-encoding");
        let plain = plain.bytes().await.unwrap();
        // What is too small, or packed as it is, comes as it is.
        let small = plain.len() < 512;
        let brotli = packed("gzip, br").await;
        assert_eq!(said(&brotli, "content-encoding"), if small { "" } else { "br" }, "{asset}");
        assert!(small || brotli.bytes().await.unwrap().len() < plain.len());
        // The client unpacks this one itself.
        let gzip = packed("gzip;q=0.8").await;
        assert_eq!(gzip.bytes().await.unwrap(), plain, "{asset}");
    }
    let url = mesh.function("dashboard").url();
    let posted = mesh.http.post(url).body("x").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_page_is_told_of_its_place_and_of_nothing_that_is_secret() {
    let mesh = Mesh::start("place", &["dashboard"]).await;
    let answer = get(&mesh, "/config.json", &[]).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
    let policy = said(&answer, "content-security-policy").to_owned();
    let config: Value = answer.json().await.unwrap();
    assert_eq!(config["project"], mesh.project);
    for emulator in ["auth", "firestore"] {
        let origin = config["emulators"][emulator].as_str().unwrap();
        assert!(policy.contains(origin), "the page may reach {origin}: {policy}");
    }
    let names: Vec<_> = config.as_object().unwrap().keys().collect();
    let told = ["api", "apiKey", "authDomain", "emulators", "environment", "project", "version"];
    assert_eq!(names, told);

    let topology: Value = get(&mesh, "/topology.json", &[]).await.json().await.unwrap();
    let functions = topology["functions"].as_array().unwrap();
    let names: BTreeSet<_> = functions.iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.is_superset(&BTreeSet::from(["audit-engine", "dashboard", "firebase-proxy"])));
    assert!(!topology.to_string().to_lowercase().contains("key"), "no names of secrets");
}
