//! The accounts of Firebase Authentication, as an administrator sees them.
//!
//! Source: <https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts>.

use std::time::Duration;

use function::{Environment, GoogleApi, GoogleApiError};
use model::{Uid, access::api::Password};
use problem::{Code, Coded};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    account::{Account, Update},
    first_owner::SignUp,
};

/// How long one call may take: the service hashes passwords, and somebody may wait.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How many accounts one lookup names; the service takes a hundred.
pub const LOOKUP_MAX: usize = 100;
/// Where the service is, unless it is emulated.
const SERVICE: &str = "https://identitytoolkit.googleapis.com";
/// What the emulator calls an administrator.
const EMULATOR_TOKEN: &str = "owner";

/// What can go wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum ToolkitError {
    /// There is no answer.
    #[error("the Identity Toolkit gives no answer")]
    NoAnswer(#[from] GoogleApiError),
    /// The service refuses.
    #[error("the Identity Toolkit refuses to {action}: {reason}")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// The service's own word for it, such as `EMAIL_EXISTS`.
        reason: String,
        /// The canonical code.
        code: Code,
    },
}

impl Coded for ToolkitError {
    fn code(&self) -> Code {
        match self {
            Self::NoAnswer(error) => error.code(),
            Self::Refused { code, .. } => *code,
        }
    }
}

/// Calls the Identity Toolkit for one project. Cheap to clone.
#[derive(Clone)]
pub struct IdentityToolkit {
    /// The path of the project's accounts.
    path: String,
    api: GoogleApi,
}

/// An account as the service words it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    local_id: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    custom_attributes: String,
    /// Seconds of Unix time, as text.
    #[serde(default)]
    valid_since: String,
}

#[derive(Deserialize)]
struct Lookup {
    #[serde(default)]
    users: Vec<Found>,
}

impl From<Found> for Account {
    fn from(found: Found) -> Self {
        Self {
            uid: Uid::new(found.local_id),
            email: found.email,
            display_name: found.display_name,
            disabled: found.disabled,
            claims: found.custom_attributes,
            valid_since: found.valid_since.parse().unwrap_or_default(),
        }
    }
}

impl IdentityToolkit {
    /// Prepares to call the service of a project, or the Auth emulator where
    /// `FIREBASE_AUTH_EMULATOR_HOST` names one.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(project: &str, environment: &Environment) -> Result<Self, String> {
        let api = GoogleApi::new(environment, SERVICE, "FIREBASE_AUTH_EMULATOR_HOST", TIMEOUT)?;
        // The emulator stands for several services, each below its name.
        let below = if api.is_emulated() { "/identitytoolkit.googleapis.com" } else { "" };
        Ok(Self { path: format!("{below}/v1/projects/{project}/accounts"), api })
    }

    /// Finds accounts, at most [`LOOKUP_MAX`]; those that do not exist are left out.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn lookup(&self, uids: &[Uid]) -> Result<Vec<Account>, ToolkitError> {
        assert!(uids.len() <= LOOKUP_MAX, "callers ask in parts");
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.find(json!({ "localId": uids })).await?;
        Ok(found.into_iter().map(Account::from).collect())
    }

    /// Finds the accounts with an address: one, unless the project lets several have it.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn lookup_address(&self, address: &str) -> Result<Vec<SignUp>, ToolkitError> {
        let found = self.find(json!({ "email": [address] })).await?;
        let sign_up = |found: Found| {
            let verified = found.email_verified;
            SignUp { account: found.into(), verified }
        };
        Ok(found.into_iter().map(sign_up).collect())
    }

    async fn find(&self, whom: Value) -> Result<Vec<Found>, ToolkitError> {
        let found = self.call("find accounts", ":lookup", whom).await?;
        let found: Lookup = serde_json::from_value(found).map_err(|error| unknown(&error))?;
        Ok(found.users)
    }

    /// Creates an account without a password; `AlreadyExists` when there is one.
    ///
    /// The service takes claims only in an update, so an account is created shut and an
    /// update follows.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn create(&self, account: &Account) -> Result<(), ToolkitError> {
        let body = json!({
            "localId": account.uid,
            "email": account.email,
            "displayName": account.display_name,
            "disabled": true,
        });
        self.call("create an account", "", body).await.map(|_| ())
    }

    /// Updates what differs.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn update(&self, uid: &Uid, update: &Update) -> Result<(), ToolkitError> {
        let mut body = json!({ "localId": uid });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body[name] = value;
            }
        };
        set("email", update.email.clone().map(Value::from));
        set("displayName", update.display_name.clone().map(Value::from));
        set("disableUser", update.disabled.map(Value::from));
        // Empty claims are an empty object: the service leaves alone what is empty text.
        let claims = update.claims.as_deref().map(|text| if text.is_empty() { "{}" } else { text });
        set("customAttributes", claims.map(Value::from));
        set("validSince", update.valid_since.map(|second| Value::from(second.to_string())));
        self.call("update an account", ":update", body).await.map(|_| ())
    }

    /// Sets the password of a person whose address is proven: they have the link that was
    /// sent to it.
    ///
    /// # Errors
    /// When the service cannot be reached, or refuses.
    pub async fn set_password(&self, uid: &Uid, password: &Password) -> Result<(), ToolkitError> {
        let body = json!({ "localId": uid, "password": password.expose(), "emailVerified": true });
        self.call("set a password", ":update", body).await.map(|_| ())
    }

    async fn call(
        &self,
        action: &'static str,
        path: &str,
        body: Value,
    ) -> Result<Value, ToolkitError> {
        let request = self.api.request(Method::POST, format!("{}{path}", self.path)).json(&body);
        let request =
            if self.api.is_emulated() { request.bearer_auth(EMULATOR_TOKEN) } else { request };
        let answer = self.api.send(request).await?;
        let status = answer.status();
        let answer: Value = answer.json().await.map_err(GoogleApiError::from)?;
        if status.is_success() {
            return Ok(answer);
        }
        let message = answer.pointer("/error/message").and_then(Value::as_str);
        // Some messages go on after the word, and may then repeat what was sent.
        let reason = message.and_then(|text| text.split([' ', ':']).next()).unwrap_or("UNKNOWN");
        Err(ToolkitError::Refused { action, reason: reason.to_owned(), code: code(status, reason) })
    }
}

fn code(status: StatusCode, reason: &str) -> Code {
    match (status, reason) {
        (_, "EMAIL_EXISTS" | "DUPLICATE_EMAIL" | "DUPLICATE_LOCAL_ID") => Code::AlreadyExists,
        (_, "USER_NOT_FOUND") => Code::NotFound,
        (_, "WEAK_PASSWORD" | "PASSWORD_DOES_NOT_MEET_REQUIREMENTS" | "INVALID_EMAIL") => {
            Code::InvalidArgument
        }
        (StatusCode::TOO_MANY_REQUESTS, _) | (_, "QUOTA_EXCEEDED") => Code::ResourceExhausted,
        (status, _) if status.is_server_error() => Code::Unavailable,
        // Our account lacks its role, or we sent what the service does not understand.
        _ => Code::Internal,
    }
}

fn unknown(error: &serde_json::Error) -> ToolkitError {
    ToolkitError::Refused {
        action: "find accounts",
        reason: format!("its answer cannot be read: {error}"),
        code: Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_code_of_its_reason() {
        let bad = StatusCode::BAD_REQUEST;
        assert_eq!(code(bad, "EMAIL_EXISTS"), Code::AlreadyExists);
        assert_eq!(code(bad, "WEAK_PASSWORD"), Code::InvalidArgument);
        assert_eq!(code(bad, "SOMETHING_NEW"), Code::Internal);
        assert_eq!(code(StatusCode::BAD_GATEWAY, "UNKNOWN"), Code::Unavailable);
    }
}
