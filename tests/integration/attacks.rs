//! Every way we know of getting in without being let in, over the wire, on real functions.
//!
//! Each is answered with exactly one status, and the function's log says exactly why.

mod deputies;
mod forged;
mod headers;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use function::manifest::Manifest;
use jsonwebtoken::EncodingKey;
use model::{Role, dead_letter::DeadLetter, delivery::Delivery, service::Service};
use serde_json::{Value, json};
use testkit::{Mesh, Setup, token};

use forged::Forge;
use wire::Wire;

/// Why a request is refused, as the log ends. Written out here, so that a change of the
/// words, or of which of them comes first, is seen.
mod reason {
    pub(super) const MISSING: &str = "the token is refused: there is none";
    pub(super) const NOT_BEARER: &str = "the token is refused: the header is not one bearer token";
    pub(super) const TOO_LONG: &str = "the token is refused: it is too long";
    pub(super) const MALFORMED: &str = "the token is refused: it is malformed";
    pub(super) const ALGORITHM: &str = "the token is refused: its algorithm is not accepted";
    pub(super) const CRITICAL: &str = "the token is refused: it demands an extension";
    pub(super) const UNKNOWN_KEY: &str = "the token is refused: its key is not known";
    pub(super) const SIGNATURE: &str = "the token is refused: its signature is wrong";
    pub(super) const ISSUER: &str = "the token is refused: its issuer is not trusted";
    pub(super) const AUDIENCE: &str = "the token is refused: it is for another audience";
    pub(super) const EXPIRED: &str = "the token is refused: it is expired";
    pub(super) const FUTURE: &str = "the token is refused: it is from the future";
    pub(super) const SUBJECT: &str = "the token is refused: its subject is not valid";
    pub(super) const NO_ACCOUNT: &str = "the token names no verified account";
    pub(super) const TWO: &str = "there is more than one `authorization` header";
    pub(super) const TWO_PEOPLE: &str = "there is more than one `x-mesh-person` header";
    pub(super) const NOT_TEXT: &str = "the `authorization` header is not text";
    pub(super) const PERSON_NOT_TEXT: &str = "the `x-mesh-person` header is not text";
    pub(super) const UNKNOWN: &str = "the mesh does not know you: ask an admin to invite you";
    pub(super) const INVITED: &str = "you have not accepted your invitation yet";
    pub(super) const DISABLED: &str = "an admin has disabled you";
    pub(super) const ENDED: &str = "your session was ended: sign in again";
    pub(super) const NO_ROLE: &str = "`audits.run` is needed and you have no role";
    pub(super) const VIEWER: &str =
        "`audits.run` is needed and none of your roles (viewer) holds it";
    /// The server turns the request away before it is one: there is no line in the log.
    pub(super) const UNREADABLE: &str = "";
}

/// Fewer would mean that a part of the table is gone.
const ATTACKS_MIN: usize = 500;
/// How long a function may take to write its log.
const LOG_TIMEOUT: Duration = Duration::from_secs(10);
/// The handler that is not to be reached writes a document of this name.
const WRITTEN: &str = "written";

/// One attack, and how it ends.
#[derive(Debug)]
struct Attack {
    /// The door it comes to.
    door: &'static str,
    kind: &'static str,
    name: String,
    wire: Wire,
    status: u16,
    reason: String,
}

/// The functions that are attacked, and what an attacker may know of them.
struct Field {
    mesh: Mesh,
    forge: Forge,
    /// A function that the neighbour is called by.
    caller: String,
    /// The transport of events.
    invoker: String,
}

/// What stands behind each door.
const DELIVERIES: &str = "deliveries";
const FUNCTIONS: &str = "functions";
const PEOPLE: &str = "people";

impl Field {
    async fn start() -> Self {
        let (neighbour, probe) = (env!("CARGO_BIN_EXE_neighbour"), env!("CARGO_BIN_EXE_probe"));
        let neighbour = (PathBuf::from(neighbour), include_str!("../neighbour/function.yaml"));
        let calls = format!("{}calls: [neighbour]\n", include_str!("../probe/function.yaml"));
        let setup = Setup {
            programs: vec![(neighbour.0, neighbour.1.to_owned()), (PathBuf::from(probe), calls)],
            ..Setup::default()
        };
        let mesh = Mesh::set_up("attacks", setup).await;
        let account = |name: &str| format!("{name}@{}.iam.gserviceaccount.com", mesh.project);
        let issuer = mesh.bridge.issuer();
        let key_set = issuer.key_set();
        let forge = Forge {
            key: EncodingKey::from_rsa_pem(mesh.issuer_key().as_bytes()).unwrap(),
            kid: key_set["keys"][0]["kid"].as_str().unwrap().to_owned(),
            key_set,
            second: jiff::Timestamp::now().as_second(),
        };
        let good = token::claims(&mesh.delivery_token("neighbour"));
        let invoker = good["email"].as_str().unwrap().to_owned();
        Self { caller: account("probe"), invoker, forge, mesh }
    }

    /// What the issuer says of an account to an audience.
    fn claims(&self, account: &str, function: &str) -> Value {
        let audience = Manifest::audience(function);
        let now = jiff::Timestamp::now();
        let token = self.mesh.bridge.issuer().identity_token(account, &audience, now).unwrap();
        token::claims(&token)
    }

    /// The request of a door, without any proof.
    fn plain(&self, door: &str) -> Wire {
        let (function, method, target, body) = match door {
            DELIVERIES => {
                let data = BASE64_STANDARD.encode(json!(WRITTEN).to_string());
                let message = json!({
                    "data": data, "messageId": "1", "publishTime": "2026-11-23T00:00:00Z",
                });
                let body = json!({"message": message, "subscription": "s"});
                ("neighbour", "POST", "/events/heard", body.to_string())
            }
            FUNCTIONS => ("neighbour", "GET", "/person", String::new()),
            _ => ("probe", "POST", "/order", json!({"count": 1, "name": "a"}).to_string()),
        };
        Wire {
            port: self.mesh.function(function).port,
            method,
            target: target.to_owned(),
            lines: Vec::new(),
            body: body.into_bytes(),
            trailers: None,
        }
    }

    fn with_token(&self, door: &str, token: &str) -> Wire {
        self.plain(door).line(format!("authorization: Bearer {token}"))
    }

    /// Waits until the logs have a line for each trace, and returns the lines.
    async fn lines(&self, traces: &BTreeSet<String>) -> BTreeMap<String, String> {
        let started = Instant::now();
        loop {
            let mut found = BTreeMap::new();
            for function in ["neighbour", "probe"] {
                for line in self.mesh.function(function).log().lines() {
                    let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
                    let trace = line["logging.googleapis.com/trace"].as_str().unwrap_or_default();
                    let trace = trace.rsplit('/').next().unwrap_or_default().to_owned();
                    let message = line["message"].as_str().unwrap_or_default().to_owned();
                    found.insert(trace, message);
                }
            }
            if traces.iter().all(|trace| found.contains_key(trace)) {
                return found;
            }
            assert!(started.elapsed() < LOG_TIMEOUT, "the logs lack a line");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Everything that is tried.
fn attacks(field: &Field) -> Vec<Attack> {
    let forge = &field.forge;
    let delivery = field.claims(&field.invoker, "neighbour");
    let function = field.claims(&field.caller, "neighbour");
    let person = token::claims(&token::person(&field.mesh.project, "olga"));
    let mut attacks = Vec::new();
    let mut add = |door, kind, name: &str, wire, status, reason: &str| {
        let (name, reason) = (name.to_owned(), reason.to_owned());
        attacks.push(Attack { door, kind, name, wire, status, reason });
    };
    for (door, good) in [(DELIVERIES, &delivery), (FUNCTIONS, &function)] {
        for (name, token, reason) in forge.forms(good) {
            add(door, "form", name, field.with_token(door, &token), 401, reason);
        }
        for (name, token, reason) in forged::claims(forge.second, good, &|c| forge.issue(c)) {
            add(door, "claims", name, field.with_token(door, &token), 401, reason);
        }
        for (name, wire, status, reason) in headers::tricks(&field.plain(door), &forge.issue(good))
        {
            add(door, "header", name, wire, status, reason);
        }
    }
    let unsigned = |claims: &Value| token::unsigned(claims);
    let mut forged = forged::claims(forge.second, &person, &unsigned);
    forged.extend(forged::people(&field.mesh.project, forge.second, &person));
    for (name, token, reason) in &forged {
        add(PEOPLE, "claims", name, field.with_token(PEOPLE, token), 401, reason);
    }
    for (name, wire, status, reason) in headers::tricks(&field.plain(PEOPLE), &unsigned(&person)) {
        add(PEOPLE, "header", name, wire, status, reason);
    }
    // The person whom a function says it calls for has to prove it all the same.
    let calls = field.with_token(FUNCTIONS, &forge.issue(&function));
    for (name, token, reason) in &forged {
        let wire = calls.clone().line(format!("x-mesh-person: {token}"));
        add(FUNCTIONS, "claims of a person", name, wire, 401, reason);
    }
    attacks.extend(deputies::attacks(field, &delivery, &function, &person));
    attacks
}

/// Makes the people whom attackers are, or say they are.
async fn populate(mesh: &Mesh) {
    use model::{
        Uid,
        access::{User, UserState},
    };
    for (uid, roles) in [
        ("olga", &[Role::Owner][..]),
        ("vera", &[Role::Viewer]),
        ("norma", &[]),
        ("ivan", &[Role::Owner]),
        ("dora", &[Role::Owner]),
        ("saul", &[Role::Owner]),
        ("elias", &[]),
    ] {
        mesh.person(uid, roles).await;
    }
    let change = async |uid: &str, change: &dyn Fn(&mut User)| {
        let uid = Uid::new(uid);
        let mut user: User = mesh.get(&uid).await;
        change(&mut user);
        mesh.put(&uid, &user).await;
    };
    let now = model::Timestamp::from(
        jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).unwrap(),
    );
    change("ivan", &|user| user.state = UserState::Invited).await;
    change("dora", &|user| user.state = UserState::Disabled).await;
    change("saul", &|user| user.sessions_since = now).await;
    change("elias", &|user| user.elevations = [(Role::Owner, now)].into()).await;
}

#[tokio::test]
async fn nobody_gets_in_without_being_let_in() {
    let field = Field::start().await;
    populate(&field.mesh).await;
    let mut attacks = attacks(&field);
    let names: BTreeSet<_> = attacks.iter().map(|a| (a.door, a.kind, a.name.clone())).collect();
    assert_eq!(names.len(), attacks.len(), "two attacks have one name");
    assert!(attacks.len() >= ATTACKS_MIN, "{} attacks", attacks.len());

    let mut wrong = Vec::new();
    let mut logged = BTreeMap::new();
    for (number, attack) in attacks.iter_mut().enumerate() {
        let trace = format!("{:032x}", number + 1);
        let traceparent = format!("traceparent: 00-{trace}-00f067aa0ba902b7-01");
        attack.wire.lines.insert(0, traceparent.into_bytes());
        let status = attack.wire.send().await;
        if status != attack.status {
            wrong.push(format!("{status}: {attack:?}"));
        }
        if !attack.reason.is_empty() {
            logged.insert(trace, &*attack);
        }
    }
    assert!(wrong.is_empty(), "{} answered wrongly: {wrong:#?}", wrong.len());
    let lines = field.lines(&logged.keys().cloned().collect()).await;
    let differs = logged.iter().filter(|(trace, attack)| {
        let line = &lines[*trace];
        !line.ends_with(&format!(": {}", attack.reason))
    });
    let differs: Vec<_> = differs
        .map(|(trace, attack)| {
            format!("{} {} {}: {}", attack.door, attack.kind, attack.name, lines[trace])
        })
        .collect();
    assert!(differs.is_empty(), "{} refused for another reason: {differs:#?}", differs.len());
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for attack in &attacks {
        *kinds.entry((attack.door, attack.kind)).or_default() += 1;
    }
    println!("{} attacks, none accepted: {kinds:?}", attacks.len());

    // Nothing came of any of them.
    assert!(field.mesh.all::<Service>().await.is_empty());
    assert!(field.mesh.all::<Delivery>().await.is_empty());
    assert!(field.mesh.all::<DeadLetter>().await.is_empty());

    // And who is let in gets in, or the doors would only be shut.
    let function =
        field.with_token(FUNCTIONS, &field.forge.issue(&field.claims(&field.caller, "neighbour")));
    let olga = token::person(&field.mesh.project, "olga");
    assert_eq!(function.line(format!("x-mesh-person: {olga}")).send().await, 200);
    assert_eq!(field.with_token(PEOPLE, &olga).send().await, 200);
    let delivery = field
        .with_token(DELIVERIES, &field.forge.issue(&field.claims(&field.invoker, "neighbour")));
    assert_eq!(delivery.send().await, 204);
    assert_eq!(field.mesh.all::<Service>().await.len(), 1);
}
