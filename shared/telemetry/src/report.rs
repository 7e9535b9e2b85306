use serde::Serialize;

use crate::{Settings, members::members};

const TYPE: &str =
    "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent";

/// Where an error was reported. Error Reporting cannot read Rust's stack traces,
/// so it groups by this place instead.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location<'a> {
    pub(crate) file_path: &'a str,
    pub(crate) line_number: u32,
    pub(crate) function_name: &'a str,
}

/// Renders the members that make a log line an event of Error Reporting.
///
/// It also needs a `message`: a line that has none is given the name of its place.
pub(crate) fn report(settings: &Settings, location: Location<'_>, message: Option<&str>) -> String {
    members(&Report {
        of: TYPE,
        service_context: Service { service: &settings.service, version: &settings.revision },
        context: Context { report_location: location },
        message,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    #[serde(rename = "@type")]
    of: &'static str,
    service_context: Service<'a>,
    context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    report_location: Location<'a>,
}
