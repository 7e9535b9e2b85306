//! Cloud Asset Inventory: what there is in a project, a folder or an organisation.
//!
//! Source: <https://cloud.google.com/asset-inventory/docs/reference/rpc/google.cloud.asset.v1>.

mod convert;

use std::{sync::Arc, time::Duration};

use function::Environment;
use gcloud_sdk::{
    GoogleApi, GoogleAuthMiddleware, RequestTimeouts,
    google::cloud::asset::v1::{
        ContentType, ListAssetsRequest, asset_service_client::AssetServiceClient,
    },
    google_cloud_auth::credentials::anonymous,
    prost_types, tonic,
};
use model::{Timestamp, asset::Asset};
use problem::{Code, Coded};
use tokio::sync::OnceCell;

/// Where the service is, unless `CLOUD_ASSET_EMULATOR_HOST` says otherwise.
const SERVICE: &str = "https://cloudasset.googleapis.com";
/// The largest page that the service gives.
const PAGE_SIZE: i32 = 1_000;
/// The largest answer: of a full page each asset may take 64 KiB.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long one page may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

type Client = GoogleApi<AssetServiceClient<GoogleAuthMiddleware>>;

/// Why the estate cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// There is no connection.
    #[error("cannot reach Cloud Asset Inventory")]
    Unreachable(#[source] gcloud_sdk::error::Error),
    /// The service refuses.
    #[error(
        "Cloud Asset Inventory does not list `{scope}`: {}; the API must be enabled there, and \
         audit-engine's account needs roles/cloudasset.viewer",
        status.message()
    )]
    Refused {
        /// What was to be listed.
        scope: String,
        /// The answer.
        status: Box<tonic::Status>,
    },
}

impl Coded for InventoryError {
    fn code(&self) -> Code {
        match self {
            Self::Unreachable(_) => Code::Unavailable,
            Self::Refused { status, .. } => match status.code() {
                tonic::Code::InvalidArgument
                | tonic::Code::NotFound
                | tonic::Code::PermissionDenied
                | tonic::Code::Unauthenticated => Code::FailedPrecondition,
                tonic::Code::ResourceExhausted => Code::ResourceExhausted,
                _ => Code::Unavailable,
            },
        }
    }
}

/// What is asked of each asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Its resource.
    Resource,
    /// Its policy.
    IamPolicy,
}

/// Some assets, and where the others are.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// The assets.
    pub assets: Vec<Asset>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// The inventory of one scope. Cheap to clone; connects when it is first used.
#[derive(Clone)]
pub struct Inventory {
    scope: Arc<str>,
    emulator: Option<String>,
    client: Arc<OnceCell<Client>>,
}

impl Inventory {
    /// Prepares to list what `ASSET_SCOPE` names; nothing is connected yet.
    ///
    /// # Errors
    /// When it names nothing that can be listed.
    pub fn new(project: &str, environment: &Environment) -> Result<Self, String> {
        Ok(Self {
            scope: scope(environment.get("ASSET_SCOPE"), project)?.into(),
            emulator: environment.get("CLOUD_ASSET_EMULATOR_HOST").map(str::to_owned),
            client: Arc::default(),
        })
    }

    /// Returns what is listed, such as `projects/p`.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Reads a page of the assets as they were at an instant.
    ///
    /// # Errors
    /// When the service cannot be reached or refuses.
    pub async fn page(
        &self,
        content: Content,
        at: Timestamp,
        token: Option<&str>,
    ) -> Result<Page, InventoryError> {
        let request = ListAssetsRequest {
            parent: self.scope.to_string(),
            read_time: Some(prost_types::Timestamp {
                seconds: at.as_second(),
                nanos: at.subsec_nanosecond(),
            }),
            content_type: match content {
                Content::Resource => ContentType::Resource.into(),
                Content::IamPolicy => ContentType::IamPolicy.into(),
            },
            page_size: PAGE_SIZE,
            page_token: token.unwrap_or_default().to_owned(),
            ..ListAssetsRequest::default()
        };
        let mut client = self.client().await?.get().max_decoding_message_size(ANSWER_BYTES_MAX);
        let answer = client.list_assets(request).await.map_err(|status| {
            InventoryError::Refused { scope: self.scope.to_string(), status: Box::new(status) }
        })?;
        let answer = answer.into_inner();
        Ok(Page {
            assets: answer.assets.into_iter().map(convert::asset).collect(),
            next: Some(answer.next_page_token).filter(|token| !token.is_empty()),
        })
    }

    async fn client(&self) -> Result<&Client, InventoryError> {
        let connect = || async {
            let new = AssetServiceClient::new;
            let api = match &self.emulator {
                Some(host) => {
                    let nobody = anonymous::Builder::new().build();
                    let url = format!("http://{host}");
                    GoogleApi::from_function_with_credentials(new, url, None, nobody).await
                }
                None => GoogleApi::from_function(new, SERVICE, None).await,
            };
            let timeouts = RequestTimeouts::new().with_total(REQUEST_TIMEOUT);
            api.map(|api| api.with_request_timeouts(timeouts))
        };
        self.client.get_or_try_init(connect).await.map_err(InventoryError::Unreachable)
    }
}

/// Reads what is to be listed: `project` is the project that this runs in.
fn scope(text: Option<&str>, project: &str) -> Result<String, String> {
    let text = text.unwrap_or("project");
    if text == "project" {
        return Ok(format!("projects/{project}"));
    }
    match text.split_once('/') {
        Some(("projects" | "folders" | "organizations", id))
            if !id.is_empty() && !id.contains('/') =>
        {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "ASSET_SCOPE: `{text}` is neither `project` nor `projects/…`, `folders/…` or \
             `organizations/…`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_project_a_folder_or_an_organisation() {
        assert_eq!(scope(None, "p"), Ok("projects/p".into()));
        assert_eq!(scope(Some("project"), "p"), Ok("projects/p".into()));
        assert_eq!(scope(Some("organizations/1"), "p"), Ok("organizations/1".into()));
        for wrong in ["", "p", "projects/", "projects/a/b", "billingAccounts/1"] {
            assert!(scope(Some(wrong), "p").is_err(), "{wrong}");
        }
    }
}
