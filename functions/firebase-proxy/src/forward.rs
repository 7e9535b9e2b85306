//! Requests that other functions answer: passed on with the person's token, and its answer back.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use function::{Caller, HttpError, Peer, PeerRequest, RawBody};
use problem::Code;
use serde_json::Value;

use crate::{
    Context,
    idempotency::{IdempotencyKey, once},
};

/// What in a request is about the thing asked for, and not about the connection.
const PASSED_ON: [HeaderName; 1] = [header::IF_MATCH];
/// What in an answer is.
const PASSED_BACK: [HeaderName; 3] =
    [header::ETAG, header::CONTENT_TYPE, header::CONTENT_DISPOSITION];

/// A request on its way to another function.
pub(crate) struct Onward {
    ctx: Context,
    caller: Option<Caller>,
    key: IdempotencyKey,
    request: PeerRequest,
}

impl FromRequest<Context> for Onward {
    type Rejection = HttpError;

    async fn from_request(request: Request, ctx: &Context) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, ctx).await.ok();
        let key = IdempotencyKey::from_request_parts(&mut parts, ctx).await?;
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        let path = path.strip_prefix("/api").unwrap_or(path).to_owned();
        let (method, headers) = (parts.method.clone(), only(&parts.headers, &PASSED_ON));
        let RawBody(body) = RawBody::from_request(Request::from_parts(parts, body), ctx).await?;
        let body = (method != Method::GET).then_some(body);
        let request = PeerRequest { method, path, headers, body };
        Ok(Self { ctx: ctx.clone(), caller, key, request })
    }
}

impl Onward {
    /// Passes the request on to iam-control for the person who sent it.
    pub(crate) async fn pass(self) -> Result<Response, HttpError> {
        let iam_control = self.ctx.iam_control.clone();
        self.pass_to(&iam_control).await
    }

    /// Passes the request on to audit-engine for the person who sent it.
    pub(crate) async fn pass_to_audit_engine(self) -> Result<Response, HttpError> {
        let audit_engine = self.ctx.audit_engine.clone();
        self.pass_to(&audit_engine).await
    }

    async fn pass_to(self, peer: &Peer) -> Result<Response, HttpError> {
        let caller = self.caller()?;
        let answer = peer.call(Some(&caller), self.request).await?;
        Ok((answer.status, only(&answer.headers, &PASSED_BACK), answer.body).into_response())
    }

    /// Passes a create on, once for each `Idempotency-Key`.
    pub(crate) async fn pass_once(self) -> Result<Response, HttpError> {
        let caller = self.caller()?;
        let Self { ctx, key, request, .. } = self;
        let route = request.path.clone();
        let body =
            String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
        once(&ctx, &caller, &route, key, &body, async |_| {
            let answer = ctx.iam_control.call(Some(&caller), request).await?;
            Ok::<(StatusCode, Value), HttpError>((answer.status, json(&answer.body)?))
        })
        .await
    }

    /// Passes the request on for whoever sent it: what it holds proves enough.
    pub(crate) async fn pass_for_nobody(self) -> Result<Response, HttpError> {
        let answer = self.ctx.iam_control.call(None, self.request).await?;
        Ok((answer.status, only(&answer.headers, &PASSED_BACK), answer.body).into_response())
    }

    fn caller(&self) -> Result<Caller, HttpError> {
        self.caller.clone().ok_or_else(|| {
            HttpError::new(Code::Unauthenticated, "the route needs a verified caller")
        })
    }
}

fn json(body: &Bytes) -> Result<Value, HttpError> {
    serde_json::from_slice(body).map_err(|error| {
        HttpError::new(Code::Internal, format!("iam-control answers with no JSON: {error}"))
    })
}

fn only(headers: &HeaderMap, names: &[HeaderName]) -> HeaderMap {
    let kept = names.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
    kept.collect()
}
