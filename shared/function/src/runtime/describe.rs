//! What the description of an API says about every route alike.

use problem::{Code, FieldError, Problem};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response, SecurityRequirement,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::manifest::{Callers, Manifest};

/// The name of the way in which callers prove who they are.
const TOKEN: &str = "token";

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
    if proves {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(scheme));
        document.security =
            Some(vec![SecurityRequirement::new::<_, Vec<String>, String>(TOKEN, Vec::new())]);
    }
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            for (status, words) in problems(operation, path, proves) {
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_string()).or_insert_with(|| problem(words).into());
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
        let json = serde_json::to_value(&document).expect("serializes");
        let responses = &json["paths"]["/api/v1/things/{thing}"]["get"]["responses"];
        for status in ["400", "401", "403", "404", "429", "500", "503", "504"] {
            let content = &responses[status]["content"][Problem::MEDIA_TYPE];
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{status}");
        }
        assert_eq!(responses.get("413"), None);
        assert_eq!(json["security"][0]["token"], serde_json::json!([]));
    }
}
