//! From a manifest and handlers to a serving process.

mod bind;
mod describe;
mod front;
mod http_edge;
mod probe;
mod serve;

#[cfg(test)]
mod traced_tests;

use std::{collections::BTreeMap, future::Future, process::ExitCode, sync::Arc};

use model::{Document, topic::Message};
use problem::Failure;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    Change, Environment, Mesh, Push, Tick,
    event::Handler,
    manifest::{Kind, Manifest},
};

/// What a process exits with when its manifest, handlers or environment are wrong
/// (`EX_USAGE` of `sysexits.h`).
const EXIT_USAGE: u8 = 64;
/// The port that Cloud Run names unless it is told another.
const PORT_DEFAULT: u16 = 8080;

type Connect<C> = fn(&Mesh, &Environment) -> Result<C, Vec<String>>;
type Routes<C> = fn() -> OpenApiRouter<C>;
type Files<C> = fn(C) -> axum::Router;

/// A function: its manifest, its context, and one handler for each trigger.
///
/// ```ignore
/// fn main() -> std::process::ExitCode {
///     Function::new(manifest!())
///         .context(Context::connect)
///         .document("estate-changed", handlers::estate_changed)
///         .schedule("nightly", handlers::nightly)
///         .run()
/// }
/// ```
pub struct Function<C = ()> {
    manifest: Result<Manifest, Vec<String>>,
    connect: Connect<C>,
    bindings: BTreeMap<&'static str, Binding<C>>,
    mistakes: Vec<String>,
}

/// What is bound to a trigger.
enum Binding<C> {
    Routes(Routes<C>),
    Files(Files<C>),
    Handler(&'static str, Arc<Fit<C>>),
    Replays,
}

/// Makes the handler when it fits the trigger's kind.
type Fit<C> = dyn Fn(Kind<'_>) -> Option<Handler<C>> + Send + Sync;

impl Function<()> {
    /// Starts from the text of a `function.yaml`; see [`manifest!`](crate::manifest!).
    #[must_use]
    pub fn new(manifest: &str) -> Self {
        Self {
            manifest: Manifest::parse(manifest),
            connect: |_, _| Ok(()),
            bindings: BTreeMap::new(),
            mistakes: Vec::new(),
        }
    }

    /// Makes the context that every handler gets. It must not wait for anything:
    /// connections are made when they are first used.
    #[must_use]
    pub fn context<C>(self, connect: Connect<C>) -> Function<C> {
        Function {
            manifest: self.manifest,
            connect,
            bindings: BTreeMap::new(),
            mistakes: self.mistakes,
        }
    }
}

impl<C: Clone + Send + Sync + 'static> Function<C> {
    /// Binds the routes of the `http` trigger.
    #[must_use]
    pub fn http(self, trigger: &'static str, routes: Routes<C>) -> Self {
        self.bind(trigger, Binding::Routes(routes))
    }

    /// Binds files that are answered from memory to an `http` trigger which everybody may call.
    ///
    /// Nobody is asked who they are or counted, and a request leaves no line: Cloud Run's own log
    /// has it, and there is nothing else to say.
    #[must_use]
    pub fn files(self, trigger: &'static str, files: Files<C>) -> Self {
        self.bind(trigger, Binding::Files(files))
    }

    /// Binds the handler of a `firestore` trigger.
    #[must_use]
    pub fn document<D, H, F, E>(self, trigger: &'static str, handler: H) -> Self
    where
        D: Document + Clone,
        H: Fn(C, Change<D>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let make = move |kind: Kind<'_>| match kind {
            Kind::Firestore(of) => Some(Handler::document(of.document.clone(), handler.clone())),
            _ => None,
        };
        self.bind(trigger, Binding::Handler("firestore", Arc::new(make)))
    }

    /// Binds the handler of a `pubsub` trigger.
    #[must_use]
    pub fn message<M, H, F, E>(self, trigger: &'static str, handler: H) -> Self
    where
        M: Message,
        H: Fn(C, Push<M>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let make = move |kind: Kind<'_>| match kind {
            Kind::Pubsub(of) if of.topic == M::TOPIC => Some(Handler::message(handler.clone())),
            _ => None,
        };
        self.bind(trigger, Binding::Handler("pubsub", Arc::new(make)))
    }

    /// Binds the handler of a `schedule` trigger.
    #[must_use]
    pub fn schedule<H, F, E>(self, trigger: &'static str, handler: H) -> Self
    where
        H: Fn(C, Tick) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Failure>,
    {
        let make = move |kind: Kind<'_>| match kind {
            Kind::Schedule(_) => Some(Handler::schedule(handler.clone())),
            _ => None,
        };
        self.bind(trigger, Binding::Handler("schedule", Arc::new(make)))
    }

    /// Binds replays of this function's dead letters to the trigger of the topic
    /// `replay-requested`: the handler of the trigger that a letter was meant for tries again.
    #[must_use]
    pub fn replays(self, trigger: &'static str) -> Self {
        self.bind(trigger, Binding::Replays)
    }

    fn bind(mut self, trigger: &'static str, binding: Binding<C>) -> Self {
        if self.bindings.insert(trigger, binding).is_some() {
            self.mistakes.push(format!("`{trigger}`: two handlers are bound to it"));
        }
        self
    }

    /// Serves until SIGTERM; with the argument `health`, only tells by its exit code whether the
    /// function that serves on the same port is healthy. Exits with 64, after naming every mistake, when the
    /// manifest, the handlers or the environment do not fit together.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let environment = Environment::of_process();
        if std::env::args().nth(1).as_deref() == Some(probe::ARGUMENT) {
            let port = environment.get("PORT").and_then(|port| port.parse().ok());
            return probe::run(port.unwrap_or(PORT_DEFAULT));
        }
        telemetry::init(telemetry::Settings::from_env(|name| {
            environment.get(name).map(str::to_owned)
        }));
        let server = match self.assemble(&environment) {
            Ok(server) => server,
            Err(mistakes) => {
                for mistake in &mistakes {
                    eprintln!("cannot start: {mistake}");
                }
                tracing::error!(
                    event_name = "start-refused",
                    "cannot start: {}",
                    mistakes.join("; ")
                );
                return ExitCode::from(EXIT_USAGE);
            }
        };
        match server.serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("cannot serve: {error}");
                tracing::error!("cannot serve: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
