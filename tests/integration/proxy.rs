//! The API for people: who may do what, and what becomes of what they do.

mod audits;
mod commands;
mod lists;
mod matrix;
mod overrides;
mod own;
mod replay;
mod stream;

use model::Role;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use testkit::{Mesh, Setup};

/// A mesh with the API, and whoever a test wants to ask it.
struct Desk {
    mesh: Mesh,
}

impl Desk {
    async fn open(name: &str, functions: &[&str]) -> Self {
        Self::with(name, functions, [("MESH_RATE_PER_SECOND", "5000"), ("MESH_RATE_BURST", "5000")])
            .await
    }

    async fn with<const N: usize>(
        name: &str,
        functions: &[&str],
        variables: [(&str, &str); N],
    ) -> Self {
        let functions = functions.iter().map(|&name| name.to_owned()).collect();
        Self::set_up(name, variables, Setup { functions, ..Setup::default() }).await
    }

    async fn set_up<const N: usize>(
        name: &str,
        variables: [(&str, &str); N],
        mut setup: Setup,
    ) -> Self {
        setup.functions.insert(0, "firebase-proxy".to_owned());
        setup.environment = variables.map(|(name, value)| (name.into(), value.into())).into();
        Self { mesh: Mesh::set_up(name, setup).await }
    }

    fn request(&self, method: Method, path: &str, person: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.mesh.function("firebase-proxy").url());
        self.mesh.http.request(method, url).bearer_auth(person)
    }

    async fn get(&self, path: &str, person: &str) -> Response {
        self.request(Method::GET, path, person).send().await.unwrap()
    }

    async fn post(&self, path: &str, person: &str, body: &Value) -> Response {
        self.request(Method::POST, path, person).json(body).send().await.unwrap()
    }

    async fn person(&self, uid: &str, role: Role) -> String {
        self.mesh.person(uid, &[role]).await
    }
}

fn etag(answer: &Response) -> String {
    answer.headers()["etag"].to_str().unwrap().to_owned()
}

async fn json(answer: Response) -> Value {
    answer.json().await.unwrap()
}
