//! Putting manifest, handlers and environment together, or saying why they do not fit.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::extract::Request;
use bus::Bus;
use identity::{FindUser, Found, Identity, OwnTokens, People};
use model::{
    Uid,
    access::User,
    topic::{Message, ReplayRequested},
};
use store::Store;
use telemetry::Spans;
use tower_http::cors::CorsLayer;

use super::{
    Binding, Function, PORT_DEFAULT,
    front::{Answer, Answers},
    http_edge,
    serve::{Leaving, Server},
};
use crate::{
    Controls, Environment, Mesh, Peer,
    event::{EventEdge, Handler},
    figures::Figures,
    http::{Door, Rate, Tallies, cors},
    manifest::{Callers, Kind, Manifest, ServiceShape, Trigger},
    spans::{self, Traced},
};

/// The role without which a function has nothing to do with documents.
const DOCUMENTS: &str = "roles/datastore.user";

impl<C: Clone + Send + Sync + 'static> Function<C> {
    /// Makes the server, without touching the network.
    pub(super) fn assemble(self, environment: &Environment) -> Result<Server, Vec<String>> {
        self.assemble_with(environment, |is_demo| spans::read(environment, is_demo))
    }

    /// Makes the server, with spans that go where somebody says, who learns whether the project
    /// is of this machine only.
    pub(super) fn assemble_with(
        mut self,
        environment: &Environment,
        spans: impl FnOnce(bool) -> Result<Spans, Vec<String>>,
    ) -> Result<Server, Vec<String>> {
        let mut mistakes = std::mem::take(&mut self.mistakes);
        let manifest = match std::mem::replace(&mut self.manifest, Err(Vec::new())) {
            Ok(manifest) => manifest,
            Err(found) => {
                mistakes.extend(found);
                return Err(mistakes);
            }
        };
        mistakes.extend(self.unbound(&manifest));
        mistakes.extend(undeclared(&manifest, environment));
        let port = environment.get("PORT").map_or(Some(PORT_DEFAULT), |port| port.parse().ok());
        if port.is_none() {
            mistakes.push("PORT: must be a port number".into());
        }
        let settings =
            identity::Settings::from_env(|name| environment.get(name).map(str::to_owned));
        let settings = settings.map_err(|found| mistakes.extend(found)).ok();
        let is_demo = settings.as_ref().is_some_and(identity::Settings::is_demo);
        let spans = spans(is_demo).map_err(|found| mistakes.extend(found)).ok();
        let mesh = mesh(&manifest, environment);
        let rate = Rate::read(environment).map_err(|found| mistakes.extend(found)).ok();
        let context =
            (self.connect)(&mesh, environment).map_err(|found| mistakes.extend(found)).ok();
        let cors = cors(environment).map_err(|found| mistakes.extend(found)).ok();
        match (port, settings, context, rate.zip(cors).zip(spans)) {
            (Some(port), Some(settings), Some(context), Some(((rate, cors), spans)))
                if mistakes.is_empty() =>
            {
                let tallies = Tallies::new(&manifest.name);
                let guard = Guard {
                    identity: Identity::new(settings),
                    rate,
                    cors,
                    tallies: tallies.clone(),
                    mesh: mesh.clone(),
                    spans: spans.clone(),
                };
                let answers = self.answers(&manifest, guard, context);
                let leaving = Leaving { tallies, spans };
                Ok(Server::new(port, manifest.service.concurrency, mesh, leaving, answers))
            }
            _ => Err(mistakes),
        }
    }

    /// Returns what is wrong between handlers and triggers.
    fn unbound(&self, manifest: &Manifest) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (id, trigger) in &manifest.triggers {
            let kind = trigger.kind().map_or("", Kind::name);
            match self.bindings.get(id.as_str()) {
                None => {
                    mistakes.push(format!("`{id}`: the manifest has it, and no handler is bound"))
                }
                Some(Binding::Routes(_) | Binding::Files(_)) if kind != "http" => {
                    mistakes.push(format!("`{id}`: routes are bound to a `{kind}` trigger"));
                }
                Some(Binding::Files(_)) if !is_public(trigger) => {
                    mistakes.push(format!("`{id}`: files are for everybody: `callers: [public]`"));
                }
                Some(Binding::Handler(bound, make)) => {
                    let fits = trigger.kind().is_some_and(|kind| make(kind).is_some());
                    if kind != *bound {
                        mistakes.push(format!(
                            "`{id}`: a `{bound}` handler is bound to a `{kind}` trigger"
                        ));
                    } else if !fits {
                        mistakes.push(format!("`{id}`: the handler's message is of another topic"));
                    }
                }
                Some(Binding::Replays) if !is_replay(trigger) => {
                    let topic = ReplayRequested::TOPIC;
                    mistakes.push(format!("`{id}`: replays come from the topic `{topic}`"));
                }
                Some(Binding::Routes(_) | Binding::Files(_) | Binding::Replays) => {}
            }
        }
        for id in self.bindings.keys().filter(|id| !manifest.triggers.contains_key(**id)) {
            mistakes
                .push(format!("`{id}`: a handler is bound, and the manifest has no such trigger"));
        }
        mistakes
    }

    fn answers(self, manifest: &Manifest, guard: Guard, context: C) -> Answers {
        let deadline = deadline(&manifest.service);
        let Guard { identity, rate, cors, tallies, mesh, spans } = guard;
        let people = People::new(Users(mesh.store.clone()));
        let figures = mesh.figures.clone();
        let kind = |id: &str| manifest.triggers.get(id).and_then(Trigger::kind);
        let handler = |(id, binding): (&&'static str, &Binding<C>)| match (binding, kind(id)?) {
            (Binding::Handler(_, make), kind) => Some((*id, make(kind)?)),
            _ => None,
        };
        let traced = |id: &&'static str| Some((*id, Traced::new(spans.clone(), id, kind(id)?)));
        let traced: BTreeMap<_, _> = self.bindings.keys().filter_map(traced).collect();
        let edge = Arc::new(EventEdge {
            function: mesh.function.as_str().into(),
            account: mesh.service_account().into(),
            mesh,
            identity: identity.clone(),
            context: context.clone(),
            handlers: self.bindings.iter().filter_map(handler).collect(),
            traced: traced.clone(),
            deadline,
        });
        let mut answers = Answers::default();
        for (id, binding) in self.bindings {
            match (binding, kind(id)) {
                (Binding::Routes(routes), Some(Kind::Http(http))) => {
                    let door = Door {
                        identity: identity.clone(),
                        people: people.clone(),
                        callers: http.callers.clone(),
                        rate: rate.clone(),
                        tallies: tallies.clone(),
                    };
                    let api = http_edge::Api {
                        manifest,
                        door,
                        deadline,
                        cors: cors.clone(),
                        counted: http_edge::Counted {
                            trigger: id,
                            figures: figures.clone(),
                            traced: traced[id].clone(),
                        },
                    };
                    answers.api = Some(api.answer(routes(), context.clone()));
                }
                (Binding::Files(files), Some(_)) => {
                    answers.api = Some(http_edge::files(files(context.clone())));
                }
                (Binding::Handler(_, make), Some(kind)) => {
                    let Some(handler) = make(kind) else { continue };
                    let answer = deliver(id, handler, edge.clone());
                    answers.deliveries.insert(Manifest::delivery_path(id), answer);
                }
                (Binding::Replays, Some(_)) => {
                    let replaying = edge.clone();
                    let replay = Handler::message(move |_: C, push| {
                        let edge = replaying.clone();
                        async move { edge.replay(push).await }
                    });
                    let answer = deliver(id, replay, edge.clone());
                    answers.deliveries.insert(Manifest::delivery_path(id), answer);
                }
                _ => {}
            }
        }
        answers
    }
}

fn is_public(trigger: &Trigger) -> bool {
    matches!(trigger.kind(), Some(Kind::Http(http)) if http.callers == [Callers::Public])
}

fn is_replay(trigger: &Trigger) -> bool {
    matches!(trigger.kind(), Some(Kind::Pubsub(of)) if of.topic == ReplayRequested::TOPIC)
}

/// Takes the deliveries of one trigger.
fn deliver<C: Clone + Send + Sync + 'static>(
    trigger: &'static str,
    handler: Handler<C>,
    edge: Arc<EventEdge<C>>,
) -> Answer {
    Box::new(move |request: Request| {
        let (edge, handler) = (edge.clone(), handler.clone());
        Box::pin(async move { edge.deliver(trigger, &handler, request).await })
    })
}

/// What stands between callers and handlers.
struct Guard {
    identity: Identity,
    rate: Rate,
    cors: CorsLayer,
    tallies: Tallies,
    mesh: Mesh,
    spans: Spans,
}

/// Finds people where iam-control keeps them.
struct Users(Store);

impl FindUser for Users {
    fn find<'a>(&'a self, uid: &'a Uid) -> Found<'a> {
        Box::pin(async move {
            let found = self.0.get::<User>(uid).await?;
            Ok(found.map(|stored| stored.document))
        })
    }
}

fn mesh(manifest: &Manifest, environment: &Environment) -> Mesh {
    let project = environment.get("GOOGLE_CLOUD_PROJECT").unwrap_or_default().to_owned();
    let emulator = |name: &str| environment.get(name).map(str::to_owned);
    let firestore = store::Settings::new(&project, emulator("FIRESTORE_EMULATOR_HOST"));
    let pubsub = bus::Settings::new(&project, emulator("PUBSUB_EMULATOR_HOST"));
    let store = Store::connect_lazily(firestore);
    let figures = Figures::new(manifest, jiff::Timestamp::now().into());
    let revision = environment.get("K_REVISION");
    Mesh {
        function: manifest.name.clone(),
        controls: Controls::new(store.clone(), &manifest.name, revision, figures.clone()),
        figures,
        store,
        bus: Bus::connect_lazily(pubsub),
        peers: peers(manifest, environment),
        project,
        documents: manifest.roles.iter().any(|role| role == DOCUMENTS),
    }
}

fn peers(manifest: &Manifest, environment: &Environment) -> BTreeMap<String, Peer> {
    if manifest.calls.is_empty() {
        // Clients cost memory and a part of the cold start.
        return BTreeMap::new();
    }
    let tokens = OwnTokens::new(environment.get("GCE_METADATA_HOST"));
    let http = Peer::client();
    let peer = |name: &String| {
        let url = environment.get(&Manifest::url_variable(name))?;
        let peer = Peer {
            name: name.clone(),
            url: url.trim_end_matches('/').to_owned(),
            audience: Manifest::audience(name),
            tokens: tokens.clone(),
            http: http.clone(),
        };
        Some((name.clone(), peer))
    };
    manifest.calls.iter().filter_map(peer).collect()
}

/// Returns what the manifest declares and the environment does not have.
fn undeclared(manifest: &Manifest, environment: &Environment) -> Vec<String> {
    let missing = |kind, names: Vec<&String>| {
        names
            .into_iter()
            .filter(|name| environment.get(name).is_none())
            .map(|name| format!("{name}: the manifest declares this {kind}, and it is not set"))
            .collect::<Vec<_>>()
    };
    let mut mistakes = missing("variable", manifest.env.keys().collect());
    mistakes.extend(missing("secret", manifest.secrets.keys().collect()));
    let urls: Vec<_> = manifest.calls.iter().map(|name| Manifest::url_variable(name)).collect();
    mistakes.extend(missing("address", urls.iter().collect()));
    mistakes
}

/// Returns how long a handler may run: a tenth, and at least a second, is left for the answer.
fn deadline(service: &ServiceShape) -> Duration {
    let timeout = Duration::from_secs(service.timeout_seconds.into());
    let margin = (timeout / 10).max(Duration::from_secs(1));
    timeout.checked_sub(margin).filter(|left| !left.is_zero()).unwrap_or(timeout / 2)
}
