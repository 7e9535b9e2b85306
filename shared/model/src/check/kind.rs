//! The kinds of checks, each with what it needs to know.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, OneOfBuilder, Type},
    },
};

use crate::CheckId;

/// What is asked, and what the answer has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Probe {
    /// An HTTP address answers as it should.
    Http(#[garde(dive)] HttpProbe),
    /// A TCP port accepts connections.
    Tcp(#[garde(dive)] TcpProbe),
    /// A gRPC server says that it serves.
    Grpc(#[garde(dive)] GrpcProbe),
    /// A name resolves to what it should.
    Dns(#[garde(dive)] DnsProbe),
    /// A certificate is valid, and does not expire soon.
    Tls(#[garde(dive)] TlsProbe),
    /// Somebody says regularly that they live.
    Heartbeat(#[garde(dive)] HeartbeatProbe),
    /// A subscription's messages are taken in time.
    Pubsub(#[garde(dive)] PubsubProbe),
    /// Few dead letters wait.
    DeadLetters(#[garde(dive)] DeadLettersProbe),
    /// A write comes back through its trigger in time.
    FirestoreLag(#[garde(dive)] FirestoreLagProbe),
    /// A schedule did its work lately.
    Schedule(#[garde(dive)] ScheduleProbe),
    /// Another check's error budget is not spent too fast.
    Slo(#[garde(dive)] SloProbe),
    /// A document's timestamp is not too old.
    Staleness(#[garde(dive)] StalenessProbe),
}

/// The schema of one kind: its settings, and `kind` among them.
fn tagged<P: ToSchema>(kind: &str) -> RefOr<Schema> {
    let schema = P::schema();
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([kind]));
    object.properties.insert("kind".to_owned(), name.into());
    object.required.push("kind".to_owned());
    RefOr::T(Schema::Object(object))
}

// Derived, each kind would be its settings, which allow no other field, and `kind` beside
// them: nothing is both.
impl PartialSchema for Probe {
    fn schema() -> RefOr<Schema> {
        let kinds = [
            tagged::<HttpProbe>("http"),
            tagged::<TcpProbe>("tcp"),
            tagged::<GrpcProbe>("grpc"),
            tagged::<DnsProbe>("dns"),
            tagged::<TlsProbe>("tls"),
            tagged::<HeartbeatProbe>("heartbeat"),
            tagged::<PubsubProbe>("pubsub"),
            tagged::<DeadLettersProbe>("dead_letters"),
            tagged::<FirestoreLagProbe>("firestore_lag"),
            tagged::<ScheduleProbe>("schedule"),
            tagged::<SloProbe>("slo"),
            tagged::<StalenessProbe>("staleness"),
        ];
        let one_of = kinds.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
        one_of.description(Some("What is asked, and what the answer has to be.")).into()
    }
}

impl ToSchema for Probe {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        HttpProbe::schemas(schemas);
        TcpProbe::schemas(schemas);
        GrpcProbe::schemas(schemas);
        DnsProbe::schemas(schemas);
        TlsProbe::schemas(schemas);
        HeartbeatProbe::schemas(schemas);
        PubsubProbe::schemas(schemas);
        DeadLettersProbe::schemas(schemas);
        FirestoreLagProbe::schemas(schemas);
        ScheduleProbe::schemas(schemas);
        SloProbe::schemas(schemas);
        StalenessProbe::schemas(schemas);
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// Asks for the whole answer.
    #[default]
    Get,
    /// Asks for the answer without its body.
    Head,
}

/// An HTTP address, and how it answers when it is well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpProbe {
    /// The address; that of the check's service unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 2000), custom(web_address))]
    pub url: Option<String>,
    /// The method.
    #[serde(default)]
    #[garde(skip)]
    pub method: HttpMethod,
    /// The good statuses; 200 to 299 unless some are said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 20), inner(range(min = 100, max = 599)))]
    pub statuses: Vec<u16>,
    /// What the first 64 KiB of the body have to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 1000))]
    pub body_contains: Option<String>,
    /// A header that has to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub header: Option<HeaderMatch>,
    /// How many redirects are followed, each only to where checks may go. Without any a
    /// redirect is an answer like others.
    #[serde(default)]
    #[garde(range(max = 5))]
    #[schema(maximum = 5)]
    pub redirects_max: u8,
}

/// A header and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// The header's name.
    #[garde(length(max = 100), pattern(r"^[A-Za-z0-9-]+$"))]
    pub name: String,
    /// What its value has to contain.
    #[serde(default)]
    #[garde(length(max = 500))]
    pub contains: String,
}

/// A TCP port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TcpProbe {
    /// A name or an address.
    #[garde(length(min = 1, max = 253))]
    pub host: String,
    /// The port.
    #[garde(range(min = 1))]
    pub port: u16,
}

/// A gRPC server with the standard health service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrpcProbe {
    /// A name or an address.
    #[garde(length(min = 1, max = 253))]
    pub host: String,
    /// The port.
    #[garde(range(min = 1))]
    pub port: u16,
    /// The service that is asked for; empty for the server as a whole.
    #[serde(default)]
    #[garde(length(max = 200))]
    pub service: String,
    /// Whether the connection is encrypted.
    #[serde(default)]
    #[garde(skip)]
    pub tls: bool,
}

/// The type of a DNS record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum DnsRecord {
    /// An IPv4 address.
    #[default]
    A,
    /// An IPv6 address.
    Aaaa,
    /// Another name.
    Cname,
    /// A mail server.
    Mx,
    /// A text.
    Txt,
    /// A name server.
    Ns,
}

/// A name and what it resolves to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DnsProbe {
    /// The name.
    #[garde(length(max = 253), pattern(r"^[A-Za-z0-9_.-]+$"))]
    pub name: String,
    /// The type of the records.
    #[serde(default)]
    #[garde(skip)]
    pub record: DnsRecord,
    /// What has to be among the answers; without any, some answer is enough.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 20), inner(length(min = 1, max = 500)))]
    pub expect: Vec<String>,
    /// The server that is asked, as `address:port`.
    #[garde(custom(socket_address))]
    pub server: String,
}

/// A server with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsProbe {
    /// The server's name, which its certificate is for.
    #[garde(length(min = 1, max = 253))]
    pub host: String,
    /// The port.
    #[serde(default = "https_port")]
    #[garde(range(min = 1))]
    #[schema(default = 443)]
    pub port: u16,
    /// With fewer days left it is degraded, and says so with each threshold.
    #[serde(default = "degraded_days")]
    #[garde(length(max = 5), inner(range(min = 1, max = 365)))]
    pub degraded_days: Vec<u16>,
    /// With fewer days left it is bad.
    #[serde(default = "bad_days")]
    #[garde(range(max = 365))]
    #[schema(maximum = 365, default = 7)]
    pub bad_days: u16,
}

/// Somebody who says that they live, by `POST /api/v1/heartbeats/{check}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatProbe {
    /// How often they say so.
    #[garde(range(min = 10, max = 2_678_400))]
    #[schema(minimum = 10, maximum = 2_678_400)]
    pub period_seconds: u32,
    /// How much later it may come.
    #[serde(default)]
    #[garde(range(max = 86_400))]
    #[schema(maximum = 86_400)]
    pub grace_seconds: u32,
}

/// A subscription of Pub/Sub, and how long and how many of its messages may wait.
///
/// Cloud Monitoring measures both once a minute and shows them up to two minutes later.
/// Source: <https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-pubsub>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PubsubProbe {
    /// The subscription's name within the project, such as `audit-engine.audit-requested`.
    #[garde(length(max = 255), pattern(r"^[A-Za-z][A-Za-z0-9._~+%-]{2,}$"))]
    pub subscription: String,
    /// With a message that waits longer it is bad.
    #[garde(range(min = 10, max = 604_800))]
    #[schema(minimum = 10, maximum = 604_800)]
    pub age_max_seconds: u32,
    /// With more messages that wait it is bad, however young they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub backlog_max: Option<u32>,
}

/// How many dead letters may wait: those that nobody replayed with success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadLettersProbe {
    /// With more it is bad.
    #[garde(range(max = 1000))]
    #[schema(maximum = 1000)]
    pub depth_max: u32,
    /// Counts only the letters of this function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 64))]
    pub function: Option<String>,
}

/// How long a write may take to come back through its trigger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirestoreLagProbe {
    /// Later is bad.
    #[garde(range(min = 10, max = 30_000))]
    #[schema(minimum = 10, maximum = 30_000)]
    pub lag_max_ms: u32,
}

/// A schedule, and how long ago its work may have been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleProbe {
    /// The function and its trigger, such as `audit-engine.nightly`.
    #[garde(length(max = 100), pattern(r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$"))]
    pub schedule: String,
    /// Longer ago is bad: the period, and what a run takes.
    #[garde(range(min = 60, max = 34_560_000))]
    #[schema(minimum = 60, maximum = 34_560_000)]
    pub age_max_seconds: u32,
}

/// How much of another check's runs has to be good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SloProbe {
    /// The other check.
    #[garde(skip)]
    pub of: CheckId,
    /// The share of good runs, in millionths: 999,000 is 99.9 %.
    #[garde(range(min = 500_000, max = 999_999))]
    #[schema(minimum = 500_000, maximum = 999_999)]
    pub target_ppm: u32,
}

/// A document that has to be renewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StalenessProbe {
    /// The document's path, such as `log_checkpoints/latest`.
    #[garde(length(max = 1000), pattern(r"^[^/]+/[^/]+(/[^/]+/[^/]+)*$"))]
    pub document: String,
    /// The name of its field with a timestamp.
    #[garde(length(max = 200), pattern(r"^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub field: String,
    /// Older is bad.
    #[garde(range(min = 1, max = 31_536_000))]
    #[schema(minimum = 1, maximum = 31_536_000)]
    pub age_max_seconds: u32,
}

fn https_port() -> u16 {
    443
}

fn degraded_days() -> Vec<u16> {
    vec![30, 14]
}

fn bad_days() -> u16 {
    7
}

fn web_address(url: &Option<String>, (): &()) -> garde::Result {
    let Some(url) = url else { return Ok(()) };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Err(garde::Error::new("begins with neither `https://` nor `http://`"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err(garde::Error::new("names no host"));
    }
    // Everybody who reads checks would read them.
    if authority.contains('@') {
        return Err(garde::Error::new("holds credentials"));
    }
    Ok(())
}

fn socket_address(text: &str, (): &()) -> garde::Result {
    match text.parse::<std::net::SocketAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(garde::Error::new("not `address:port`")),
    }
}
