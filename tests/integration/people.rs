//! People, from their invitation to their last day: on real emulators, accounts included.

mod account;
mod console;
mod first_owner;
mod grants;
mod owners;
mod questions;
mod reviews;
mod second_factor;

use std::collections::BTreeMap;

use model::{Role, Uid, access::User};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::{Mesh, Setup};

const PASSWORD: &str = "correct horse battery";

/// A mesh with iam-control, its Auth emulator, and an owner and an admin.
struct Office {
    mesh: Mesh,
    service: String,
    olga: String,
    adam: String,
}

impl Office {
    async fn open(name: &str) -> Self {
        let functions = vec!["iam-control".to_owned()];
        let rate = [("MESH_RATE_PER_SECOND", "1000"), ("MESH_RATE_BURST", "1000")];
        let environment: BTreeMap<_, _> =
            rate.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let callers = vec!["firebase-proxy".to_owned()];
        let setup = Setup { functions, auth: true, environment, callers, ..Setup::default() };
        let mesh = Mesh::set_up(name, setup).await;
        let olga = mesh.person("olga", &[Role::Owner]).await;
        let adam = mesh.person("adam", &[Role::Admin]).await;
        let service = mesh.service_token("firebase-proxy", "iam-control");
        Self { mesh, service, olga, adam }
    }

    /// A request as firebase-proxy makes it for a person.
    fn request(&self, method: Method, path: &str, person: Option<&str>) -> RequestBuilder {
        let url = format!("{}/v1{path}", self.mesh.function("iam-control").url());
        let request = self.mesh.http.request(method, url).bearer_auth(&self.service);
        match person {
            Some(token) => request.header("x-mesh-person", token),
            None => request,
        }
    }

    async fn get(&self, path: &str, person: &str) -> Value {
        let answer = self.request(Method::GET, path, Some(person)).send().await.unwrap();
        good(answer).await
    }

    async fn post(&self, path: &str, person: &str, body: Value) -> Response {
        self.request(Method::POST, path, Some(person)).json(&body).send().await.unwrap()
    }

    async fn accept(&self, secret: &Value, password: &str) -> Response {
        let body = json!({"secret": secret, "password": password});
        let request = self.request(Method::POST, "/invitations/accept", None).json(&body);
        request.send().await.unwrap()
    }

    /// Reads the version of a person that a change of their roles has to name.
    async fn version(&self, uid: &str) -> String {
        let path = format!("/people/{uid}");
        let answer = self.request(Method::GET, &path, Some(&self.adam)).send().await.unwrap();
        answer.headers()["etag"].to_str().unwrap().to_owned()
    }

    async fn assign(&self, uid: &str, person: &str, roles: &[Role], version: &str) -> Response {
        let body = json!({"roles": roles, "reason": "the rota changes"});
        let request = self.request(Method::PUT, &format!("/people/{uid}/roles"), Some(person));
        request.header("if-match", version).json(&body).send().await.unwrap()
    }

    /// Runs the sweep as if it were due at an instant.
    async fn sweep(&self, at: jiff::Timestamp) {
        let due = testkit::event::due(at.into());
        let answer = self.mesh.deliver("iam-control", "sweep", &due).await;
        assert_eq!(answer.status(), 204, "{:?}", answer.text().await);
    }

    async fn user(&self, uid: &str) -> User {
        self.mesh.get(&Uid::new(uid)).await
    }
}

/// Returns the body of an answer that is no refusal.
async fn good(answer: Response) -> Value {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    body
}

/// Returns what a refusal says.
async fn refused(answer: Response, status: u16) -> String {
    let found = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(found, status, "{body}");
    body["detail"].as_str().unwrap_or_default().to_owned()
}

fn because() -> Value {
    json!({"reason": "the test wants it"})
}

/// The claims of an account, as JSON.
async fn claims(mesh: &Mesh, uid: &str) -> Value {
    let account = mesh.account(uid).await.expect("an account");
    serde_json::from_str(account["customAttributes"].as_str().unwrap_or("null")).unwrap()
}
