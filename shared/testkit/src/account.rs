//! Accounts of the Auth emulator, for tests that have one.

use reqwest::Response;
use serde_json::{Value, json};

use crate::{Emulators, Mesh};

impl Mesh {
    /// Signs in as a person does, and returns their ID token, or the emulator's word for
    /// why not.
    ///
    /// # Errors
    /// Such as `USER_DISABLED` or `INVALID_PASSWORD`.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, String> {
        let body = json!({
            "email": email,
            "password": password,
            "returnSecureToken": true,
            // One emulator serves the projects of all tests.
            "targetProjectId": self.project,
        });
        let answer = self.accounts_call("v1/accounts:signInWithPassword", &body).await;
        let answer: Value = answer.json().await.expect("JSON");
        match (answer["idToken"].as_str(), answer.pointer("/error/message")) {
            (Some(token), _) => Ok(token.to_owned()),
            (None, message) => Err(message.and_then(Value::as_str).unwrap_or("?").to_owned()),
        }
    }

    /// Returns an account as the emulator has it.
    pub async fn account(&self, uid: &str) -> Option<Value> {
        let path = format!("v1/projects/{}/accounts:lookup", self.project);
        let answer = self.accounts_call(&path, &json!({ "localId": [uid] })).await;
        let mut answer: Value = answer.json().await.expect("JSON");
        answer["users"].get_mut(0).map(Value::take)
    }

    /// Changes an account around everything, as a person with the console might.
    pub async fn tamper(&self, uid: &str, mut update: Value) {
        update["localId"] = uid.into();
        let path = format!("v1/projects/{}/accounts:update", self.project);
        let answer = self.accounts_call(&path, &update).await;
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    /// Signs up as anybody can, and returns the account's id.
    pub async fn sign_up(&self, email: &str, password: &str) -> String {
        let body = json!({"email": email, "password": password, "targetProjectId": self.project});
        let answer = self.accounts_call("v1/accounts:signUp", &body).await;
        let answer: Value = answer.json().await.expect("JSON");
        answer["localId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Sets a password as the person does who follows the link in the mail for it.
    pub async fn reset_password(&self, email: &str, password: &str) {
        let project = &self.project;
        let path = format!("v1/projects/{project}/accounts:sendOobCode");
        let asked = json!({"requestType": "PASSWORD_RESET", "email": email, "returnOobLink": true});
        let mail: Value = self.accounts_call(&path, &asked).await.json().await.expect("JSON");
        let body = json!({
            "oobCode": mail["oobCode"],
            "newPassword": password,
            "targetProjectId": project,
        });
        let answer = self.accounts_call("v1/accounts:resetPassword", &body).await;
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    async fn accounts_call(&self, path: &str, body: &Value) -> Response {
        let url = format!("http://{}/identitytoolkit.googleapis.com/{path}", Emulators::auth());
        // `owner` is what the emulator calls an administrator.
        let request = self.http.post(url).bearer_auth("owner").json(body);
        request.send().await.expect("the Auth emulator answers")
    }
}
