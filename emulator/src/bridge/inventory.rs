//! The part of Cloud Asset Inventory that functions ask for: listing what there is.
//!
//! Written by hand, not Google's, on the published messages: `AssetService.ListAssets` with
//! resources or policies, over an export of one asset a line in the bridge's state folder.
//! The file is read for each request, so that whoever changes it changes the estate.
//! Source: <https://cloud.google.com/asset-inventory/docs/reference/rpc/google.cloud.asset.v1>.

mod convert;

use std::{collections::BTreeMap, fs, future::ready, path::Path, sync::Arc};

use axum::{Router, body::Body, extract::State, response::Response, routing::post};
use gcloud_sdk::{
    google::cloud::asset::v1::{Asset, ContentType, ListAssetsRequest, ListAssetsResponse},
    tonic::{self, Status, server::Grpc},
};
use http::Request;
use tonic_prost::ProstCodec;
use tower::service_fn;

/// The file's name in the state folder.
pub const FILE: &str = "inventory.ndjson";
/// As many as it gives at most: fewer than are asked for, as the definition allows.
const PAGE_SIZE_MAX: usize = 100;

/// Whose estate is listed, and where it stands.
#[derive(Clone)]
struct Source {
    project: Arc<str>,
    file: Arc<Path>,
}

pub(super) fn router(project: &str, file: &Path) -> Router {
    let method = "/google.cloud.asset.v1.AssetService/ListAssets";
    let source = Source { project: project.into(), file: file.into() };
    Router::new().route(method, post(answer)).with_state(source)
}

async fn answer(State(source): State<Source>, request: Request<Body>) -> Response<Body> {
    let service = service_fn(move |request: tonic::Request<ListAssetsRequest>| {
        let listed = list(&source.project, &source.file, &request.into_inner());
        ready(listed.map(tonic::Response::new))
    });
    let answer = Grpc::new(ProstCodec::default()).unary(service, request).await;
    answer.map(Body::new)
}

/// Answers as the service does; a token is the name of the last asset.
fn list(
    project: &str,
    file: &Path,
    request: &ListAssetsRequest,
) -> Result<ListAssetsResponse, Status> {
    if request.parent != format!("projects/{project}") {
        let message = format!("no permission to list the assets of `{}`", request.parent);
        return Err(Status::permission_denied(message));
    }
    let content = ContentType::try_from(request.content_type).unwrap_or_default();
    if !matches!(content, ContentType::Resource | ContentType::IamPolicy) {
        return Err(Status::invalid_argument("only resources and policies are served locally"));
    }
    let size = usize::try_from(request.page_size)
        .map_err(|_| Status::invalid_argument("page_size is negative"))?;
    let size = if size == 0 { PAGE_SIZE_MAX } else { size.min(PAGE_SIZE_MAX) };
    let assets = read(file, content).map_err(Status::internal)?;
    let after =
        assets.into_iter().filter(|(name, _)| *name > request.page_token).map(|(_, asset)| asset);
    let mut page: Vec<_> = after.take(size + 1).collect();
    let is_last = page.len() <= size;
    page.truncate(size);
    let last = page.last().filter(|_| !is_last).map(|asset| asset.name.clone());
    Ok(ListAssetsResponse {
        read_time: request.read_time,
        assets: page,
        next_page_token: last.unwrap_or_default(),
    })
}

/// Reads the assets that have a content, by their names.
fn read(file: &Path, content: ContentType) -> Result<BTreeMap<String, Asset>, String> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| format!("{}: {error}", file.display()))?,
    };
    let mut assets = BTreeMap::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let asset: model::asset::Asset = serde_json::from_str(text)
            .map_err(|error| format!("{}:{line}: {error}", file.display()))?;
        let asset = convert::asset(asset, content);
        if let Some(asset) = asset {
            assets.insert(asset.name.clone(), asset);
        }
    }
    Ok(assets)
}
