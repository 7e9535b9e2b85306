//! What the description of an API says about every route alike.

use axum::http::StatusCode;
use problem::{Code, FieldError, Problem};
use serde_json::{Map, Value};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, Header, OpenApi, Ref, RefOr, Response, SecurityRequirement,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::manifest::{Callers, Manifest};

/// The name of the way in which callers prove who they are.
const TOKEN: &str = "token";
/// The header that names the request.
const REQUEST_ID: &str = "x-request-id";
const RETRY_AFTER: &str = "retry-after";
const WWW_AUTHENTICATE: &str = "www-authenticate";

/// Completes a description: the title, how callers prove who they are, and the problems
/// that the runtime itself answers with before a route runs or when one fails.
pub(super) fn complete(document: &mut OpenApi, manifest: &Manifest, callers: &[Callers]) {
    document.info.title.clone_from(&manifest.name);
    document.info.description = Some(manifest.summary.clone());
    document.info.license = None;
    document.info.contact = None;
    let proves = callers.iter().any(|kind| *kind != Callers::Public);
    let components = document.components.get_or_insert_default();
    for (name, schema) in
        [(Problem::name(), Problem::schema()), (FieldError::name(), FieldError::schema())]
    {
        components.schemas.insert(name.into_owned(), schema);
    }
    let shared = HEADERS.map(|(name, words)| (name.to_owned(), header(words)));
    components.headers.extend(shared);
    if proves {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
        document.security =
            Some(vec![SecurityRequirement::new::<_, Vec<String>, String>(TOKEN, Vec::new())]);
    }
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            let statuses = problems(operation, path, proves);
            let responses = &mut operation.responses.responses;
            for (status, words) in statuses {
                responses.entry(status.to_string()).or_insert_with(|| problem(words).into());
            }
            for (status, response) in responses {
                if let RefOr::T(response) = response {
                    response.headers.extend(headers(status));
                    if response.description.is_empty() {
                        response.description = words_of(status);
                    }
                }
            }
        }
    }
}

/// Returns where the description is served: beside the routes, when all of them are below
/// `/api`, because nothing else comes through the door of people.
pub(super) fn place(document: &OpenApi) -> &'static str {
    let all = document.paths.paths.keys().all(|path| path.starts_with("/api/"));
    if all && !document.paths.paths.is_empty() { "/api/openapi.json" } else { "/openapi.json" }
}

/// Returns a complete description as JSON, in which it stands that each header that is
/// described is always sent: `utoipa` has no word for it. Only the name of the request is
/// missing where the request was turned away before it got one (503).
pub(super) fn as_json(document: &OpenApi) -> Value {
    let mut json = serde_json::to_value(document).unwrap_or_default();
    let shared = json.pointer_mut("/components/headers").into_iter().flat_map(values);
    shared.for_each(|header| header["required"] = true.into());
    let operations = json["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let responses = operations.flat_map(values).flat_map(|one| values(&mut one["responses"]));
    for headers in responses.filter_map(|response| response.get_mut("headers")) {
        for (name, header) in headers.as_object_mut().into_iter().flatten() {
            if header.get("$ref").is_none() && name != REQUEST_ID {
                header["required"] = true.into();
            }
        }
    }
    json
}

fn values(json: &mut Value) -> impl Iterator<Item = &mut Value> {
    json.as_object_mut().into_iter().flat_map(Map::values_mut)
}

/// The headers that the runtime sends, and what they say.
const HEADERS: [(&str, &str); 3] = [
    (REQUEST_ID, "The request, as the log names it"),
    (RETRY_AFTER, "After how many seconds to try again"),
    (WWW_AUTHENTICATE, "How to prove who calls"),
];

fn header(words: &str) -> RefOr<Header> {
    let mut header = Header::default();
    header.description = Some(words.to_owned());
    header.into()
}

/// Returns the words that a status has by itself: OpenAPI asks for some with each answer.
fn words_of(status: &str) -> String {
    let status = status.parse::<StatusCode>().ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("An answer").to_owned()
}

/// Returns the headers that the runtime sends with every answer of a status.
fn headers(status: &str) -> Vec<(String, RefOr<Header>)> {
    let shared = |name: &str| {
        (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))))
    };
    match status {
        "401" => vec![shared(REQUEST_ID), shared(WWW_AUTHENTICATE)],
        "429" => vec![shared(REQUEST_ID), shared(RETRY_AFTER)],
        "503" => vec![(REQUEST_ID.to_owned(), header(HEADERS[0].1)), shared(RETRY_AFTER)],
        _ => vec![shared(REQUEST_ID)],
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch]
        .into_iter()
        .flatten()
}

/// Returns the statuses of problems that a route may answer with, and what they mean.
fn problems(operation: &Operation, path: &str, proves: bool) -> Vec<(u16, &'static str)> {
    let body = operation.request_body.is_some();
    let conditional = operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == "if-match",
        RefOr::Ref(_) => false,
    });
    let mut problems = vec![
        (400, Code::InvalidArgument.title()),
        (429, Code::ResourceExhausted.title()),
        (500, Code::Internal.title()),
        (503, Code::Unavailable.title()),
        (504, Code::DeadlineExceeded.title()),
    ];
    if proves {
        problems.push((401, Code::Unauthenticated.title()));
        problems.push((403, Code::PermissionDenied.title()));
    }
    if path.contains('{') {
        problems.push((404, Code::NotFound.title()));
    }
    if body || conditional {
        problems.push((409, Code::Aborted.title()));
        problems.push((422, "A field does not hold what it should"));
    }
    if body {
        problems.push((413, "The body is too large"));
    }
    if conditional {
        problems.push((412, "Somebody changed it since you read it"));
    }
    problems
}

fn problem(words: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let mut response = Response::new(words);
    response.content.insert(Problem::MEDIA_TYPE.to_owned(), Content::new(Some(schema)).into());
    response
}

#[cfg(test)]
mod tests {
    use utoipa_axum::{router::OpenApiRouter, routes};

    use super::*;

    #[utoipa::path(get, path = "/api/v1/things/{thing}", responses((status = 200)))]
    async fn thing() {}

    #[test]
    fn a_route_says_which_problems_it_answers_with() {
        let (_, mut document) = OpenApiRouter::<()>::new().routes(routes!(thing)).split_for_parts();
        let manifest = Manifest::parse(
            "name: things\nsummary: Things.\nservice: { cpu: 1, memory_mib: 128, timeout_seconds: 9, \
             concurrency: 1, instances: { min: 0, max: 1 } }\ntriggers: { api: { http: { callers: \
             [users] } } }",
        )
        .expect("a manifest");
        complete(&mut document, &manifest, &[Callers::Users]);
        assert_eq!(place(&document), "/api/openapi.json");
        let json = as_json(&document);
        let responses = &json["paths"]["/api/v1/things/{thing}"]["get"]["responses"];
        for status in ["400", "401", "403", "404", "429", "500", "503", "504"] {
            let content = &responses[status]["content"][Problem::MEDIA_TYPE];
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{status}");
        }
        assert_eq!(responses.get("413"), None);
        for (status, name) in [("200", REQUEST_ID), ("401", WWW_AUTHENTICATE), ("429", RETRY_AFTER)]
        {
            let reference = &responses[status]["headers"][name]["$ref"];
            assert_eq!(*reference, format!("#/components/headers/{name}"), "{status}");
            assert_eq!(json["components"]["headers"][name]["required"], true, "{name}");
        }
        assert_eq!(responses["200"]["description"], "OK");
        // Turned away before it was named.
        assert_eq!(responses["503"]["headers"][REQUEST_ID].get("required"), None);
        assert_eq!(json["security"][0]["token"], serde_json::json!([]));
    }
}
