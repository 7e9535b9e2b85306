//! Who calls: verified before a route runs, asked for by the route.

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, request::Parts},
};
use identity::{Identity, IdentityError, People, Person};
use model::{Actor, CorrelationId, Permission, Timestamp};
use problem::Code;
use store::Cause;
use uuid::Uuid;

use super::{HttpError, REQUEST_ID, Rate, Tallies, authorization, one_header};
use crate::manifest::Callers;

/// The header in which a function passes on the ID token of the person it calls for.
pub(crate) const PERSON: HeaderName = HeaderName::from_static("x-mesh-person");

/// The verified caller of a request.
///
/// ```ignore
/// async fn list(caller: Caller) -> Result<Json<Paged<Audit>>, HttpError> {
///     caller.require(Permission::AuditsRead)?;
/// ```
#[derive(Clone)]
pub struct Caller {
    caller: identity::Caller,
    people: People,
    tallies: Tallies,
    /// The ID token, to be passed on to functions that are called for the person.
    token: Option<String>,
}

impl Caller {
    /// Lets the caller through if one of their roles holds a permission.
    ///
    /// # Errors
    /// `PermissionDenied`, naming the permission, when none does.
    pub fn require(&self, permission: Permission) -> Result<&Person, IdentityError> {
        let decision = self.caller.require(permission);
        self.tallies.decided(self.actor().to_string(), permission, decision.is_ok());
        decision
    }

    /// Returns the person who calls.
    ///
    /// # Errors
    /// `PermissionDenied` when it is a service on its own account.
    pub fn person(&self) -> Result<&Person, IdentityError> {
        self.caller.person()
    }

    /// Returns the caller as the journal names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.caller.actor()
    }

    /// Returns the cause of what the caller changes now.
    #[must_use]
    pub fn cause(&self) -> Cause {
        let scope = telemetry::Scope::current();
        let traceparent = telemetry::current_trace().map(|trace| trace.traceparent());
        let labels = scope.into_iter().flat_map(|scope| scope.labels);
        let mut request = labels.filter(|(name, _)| *name == REQUEST_ID).map(|(_, id)| id);
        Cause {
            actor: self.actor(),
            correlation: CorrelationId::new(
                request.next().unwrap_or_else(|| Uuid::now_v7().to_string()),
            ),
            traceparent,
            time: jiff::Timestamp::now().into(),
            event: None,
        }
    }

    /// Asks anew who the caller is to the mesh, for an answer that goes on for long.
    ///
    /// # Errors
    /// As when they called first: they may be shut out by now.
    pub async fn again(&self) -> Result<Self, IdentityError> {
        let identity::Caller::Person(person, service) = &self.caller else {
            return Ok(self.clone());
        };
        let now = Timestamp::from(jiff::Timestamp::now());
        let person = self.people.admit(person.sign_in.clone(), now).await?;
        let caller = identity::Caller::Person(person, service.clone());
        Ok(Self { caller, ..self.clone() })
    }

    /// Returns the person's ID token.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            HttpError::new(Code::Unauthenticated, "the route needs a verified caller")
        })
    }
}

/// Who may come through a function's HTTP trigger, and how they are told apart.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) identity: Identity,
    pub(crate) people: People,
    pub(crate) callers: Vec<Callers>,
    pub(crate) rate: Rate,
    pub(crate) tallies: Tallies,
}

impl Door {
    /// Verifies the caller of a request, leaves it there for the route, and bounds how
    /// much one caller asks of one route.
    pub(crate) async fn open(&self, route: &str, request: &mut Request) -> Result<(), HttpError> {
        let caller = self.caller(request.headers()).await?;
        let name = match &caller {
            Some(caller) => caller.actor().to_string(),
            None => address(request.headers()),
        };
        self.rate.check(&name, route)?;
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        Ok(())
    }

    /// Verifies who calls; nobody does where everybody may.
    async fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, HttpError> {
        let header = authorization(headers)?;
        let public = self.callers.contains(&Callers::Public);
        if public && (header.is_none() || self.callers.len() == 1) {
            return Ok(None);
        }
        let now = Timestamp::from(jiff::Timestamp::now());
        let mut refusal = HttpError::new(Code::PermissionDenied, "nobody may call this");
        for kind in &self.callers {
            let verified = match kind {
                Callers::Users => self.person(header, now).await,
                Callers::Services => self.service(header, headers, now).await,
                Callers::Public => continue,
            };
            match verified {
                Ok(caller) => {
                    let token = header.and_then(|header| header.split(' ').nth(1));
                    let token = token.filter(|_| *kind == Callers::Users).map(str::to_owned);
                    return Ok(Some(Caller {
                        caller,
                        people: self.people.clone(),
                        tallies: self.tallies.clone(),
                        token,
                    }));
                }
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    async fn person(
        &self,
        header: Option<&str>,
        now: Timestamp,
    ) -> Result<identity::Caller, HttpError> {
        let sign_in = self.identity.verify_person(header, now).await?;
        Ok(identity::Caller::Person(self.people.admit(sign_in, now).await?, None))
    }

    /// Verifies a function that calls, and the person that it calls for: both have to
    /// prove who they are, so that neither can use the other's rights.
    async fn service(
        &self,
        header: Option<&str>,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<identity::Caller, HttpError> {
        let service = self.identity.verify_service(header, now).await?;
        self.tallies.called(Actor::service(&service.account).to_string());
        let Some(token) = one_header(headers, &PERSON)? else {
            return Ok(identity::Caller::Service(service));
        };
        let sign_in = self.identity.verify_person(Some(&format!("Bearer {token}")), now).await?;
        let person = self.people.admit(sign_in, now).await?;
        Ok(identity::Caller::Person(person, Some(service)))
    }
}

/// Names who calls without a token: the address that Google's front end saw last.
fn address(headers: &HeaderMap) -> String {
    let forwarded = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|value| value.rsplit(',').next()).map(str::trim);
    format!("address:{}", last.unwrap_or("unknown"))
}
