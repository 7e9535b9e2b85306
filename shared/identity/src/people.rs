//! What the mesh knows of the person who signed in.

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::SignedDuration;
use model::{
    Permission, Role, Timestamp, Uid,
    access::{Reason, Session, User},
};

use crate::{IdentityError, SignIn};

/// How long a person's document is believed before it is read again. Together with the
/// time that reading takes it bounds how long a role that was taken away still counts:
/// below the 5 s that people are promised, with room for a slow read.
const BELIEVED: SignedDuration = SignedDuration::from_secs(2);

/// How many people are remembered, at about a kilobyte each.
const PEOPLE_MAX: usize = 10_000;

/// What finding a person gives: nobody, when the mesh does not know them.
pub type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<User>, FindError>> + Send + 'a>>;

/// Why a person could not be looked up.
pub type FindError = Box<dyn std::error::Error + Send + Sync>;

/// Where people are kept.
pub trait FindUser: Send + Sync + 'static {
    /// Reads a person's document.
    fn find<'a>(&'a self, uid: &'a Uid) -> Found<'a>;
}

/// A person who signed in and may come in, as the mesh knows them at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who signed in, and when.
    pub sign_in: SignIn,
    /// What the mesh knows of them.
    pub user: Arc<User>,
    /// The instant for which permissions are decided: that of the request.
    pub now: Timestamp,
}

impl Person {
    /// The person's id.
    #[must_use]
    pub fn uid(&self) -> &Uid {
        &self.sign_in.uid
    }

    /// The roles that count for the person now, elevations included.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<Role> {
        let mut roles = self.user.roles_at(self.now);
        roles.retain(|role| self.user.counts(*role, self.sign_in.session()));
        roles
    }

    /// Decides whether the person has a permission now, and why.
    #[must_use]
    pub fn decide(&self, permission: Permission) -> Reason {
        self.user.decide(permission, self.sign_in.session(), self.now)
    }
}

impl SignIn {
    pub(crate) fn session(&self) -> Session {
        Session { authenticated_at: self.authenticated_at, second_factor: self.second_factor }
    }
}

/// The people of the mesh, each remembered for a moment. Cheap to clone.
#[derive(Clone)]
pub struct People(Arc<Shared>);

struct Shared {
    source: Box<dyn FindUser>,
    remembered: Mutex<HashMap<Uid, Remembered>>,
}

#[derive(Clone)]
struct Remembered {
    user: Option<Arc<User>>,
    asked_at: Timestamp,
}

impl People {
    /// Knows whom `source` knows.
    pub fn new(source: impl FindUser) -> Self {
        Self(Arc::new(Shared { source: Box::new(source), remembered: Mutex::default() }))
    }

    /// Lets a person in who signed in.
    ///
    /// # Errors
    /// `Unauthenticated` when the session was ended or the token is expired; `PermissionDenied` when the mesh does
    /// not know the person, or they are disabled; `Unavailable` when it cannot be told.
    pub async fn admit(&self, sign_in: SignIn, now: Timestamp) -> Result<Person, IdentityError> {
        sign_in.check(now)?;
        let user = self.user(&sign_in.uid, now).await?;
        let user = user.ok_or(IdentityError::ShutOut(Reason::Unknown))?;
        match user.shut_out(sign_in.session()) {
            Some(reason) => Err(IdentityError::ShutOut(reason)),
            None => Ok(Person { sign_in, user, now }),
        }
    }

    async fn user(&self, uid: &Uid, now: Timestamp) -> Result<Option<Arc<User>>, IdentityError> {
        let known = self.remembered().get(uid).cloned();
        if let Some(known) = known.filter(|known| known.is_fresh(now)) {
            return Ok(known.user);
        }
        let found = self.0.source.find(uid).await;
        let user = found.map_err(|error| IdentityError::People(error.into()))?.map(Arc::new);
        let mut remembered = self.remembered();
        if remembered.len() >= PEOPLE_MAX {
            remembered.retain(|_, known| known.is_fresh(now));
        }
        if remembered.len() < PEOPLE_MAX {
            // The instant before asking: what is read may be that old.
            remembered.insert(uid.clone(), Remembered { user: user.clone(), asked_at: now });
        }
        Ok(user)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<Uid, Remembered>> {
        self.0.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// A clock that was set back does not make what is known younger.
    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(*self.asked_at);
        age >= SignedDuration::ZERO && age < BELIEVED
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use model::access::UserState;
    use problem::{Code, Coded};

    use super::*;
    use crate::testing::{NOW, at};

    struct Registry {
        users: Mutex<HashMap<Uid, User>>,
        asked: AtomicUsize,
        down: Mutex<bool>,
    }

    impl FindUser for Arc<Registry> {
        fn find<'a>(&'a self, uid: &'a Uid) -> Found<'a> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let user = self.users.lock().expect("not poisoned").get(uid).cloned();
            let down = *self.down.lock().expect("not poisoned");
            Box::pin(async move { if down { Err("down".into()) } else { Ok(user) } })
        }
    }

    fn ada() -> User {
        User {
            email: "ada@example.com".into(),
            display_name: "Ada".into(),
            state: UserState::Active,
            roles: [Role::Viewer].into(),
            elevations: [(Role::Auditor, at(NOW + 100))].into(),
            second_factor_for: [].into(),
            sessions_since: at(NOW - 1000),
            policy_version: 1,
            invitation: None,
        }
    }

    fn sign_in() -> SignIn {
        SignIn {
            uid: Uid::new("ada"),
            email: None,
            authenticated_at: at(NOW - 600),
            second_factor: false,
            expires_at: at(NOW + 3000),
        }
    }

    fn registry() -> (Arc<Registry>, People) {
        let users = Mutex::new(HashMap::from([(Uid::new("ada"), ada())]));
        let registry =
            Arc::new(Registry { users, asked: AtomicUsize::new(0), down: Mutex::new(false) });
        let people = People::new(Arc::clone(&registry));
        (registry, people)
    }

    async fn refusal(people: &People, second: i64) -> (Code, IdentityError) {
        let error = people.admit(sign_in(), at(second)).await.expect_err("shut out");
        (error.code(), error)
    }

    #[tokio::test]
    async fn a_token_that_expires_later_lets_nobody_in_any_more() {
        let (_, people) = registry();
        assert!(people.admit(sign_in(), at(NOW + 3029)).await.is_ok(), "clocks may differ");
        let (code, error) = refusal(&people, NOW + 3030).await;
        assert_eq!(code, Code::Unauthenticated, "{error}");
    }

    #[tokio::test]
    async fn a_person_is_asked_for_once_in_a_while() {
        let (registry, people) = registry();
        for second in [0, 0, 1, 1, 2, 3, 4] {
            people.admit(sign_in(), at(NOW + second)).await.expect("known");
        }
        assert_eq!(registry.asked.load(Ordering::SeqCst), 3);
        // Back in time is no reason to believe longer.
        people.admit(sign_in(), at(NOW)).await.expect("known");
        assert_eq!(registry.asked.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn what_changes_counts_within_seconds() {
        let (registry, people) = registry();
        let person = people.admit(sign_in(), at(NOW)).await.expect("known");
        assert!(person.decide(Permission::AuditsRun).allows());
        let change = |user: User| {
            registry.users.lock().expect("not poisoned").insert(Uid::new("ada"), user);
        };
        change(User { elevations: [].into(), ..ada() });
        let person = people.admit(sign_in(), at(NOW + 2)).await.expect("known");
        assert!(!person.decide(Permission::AuditsRun).allows());
        change(User { sessions_since: at(NOW - 599), ..ada() });
        let (code, error) = refusal(&people, NOW + 4).await;
        assert_eq!(code, Code::Unauthenticated, "{error}");
        change(User { state: UserState::Disabled, ..ada() });
        assert_eq!(refusal(&people, NOW + 6).await.0, Code::PermissionDenied);
        registry.users.lock().expect("not poisoned").clear();
        assert_eq!(refusal(&people, NOW + 8).await.0, Code::PermissionDenied);
    }

    #[tokio::test]
    async fn an_elevation_ends_while_it_is_remembered() {
        let (_, people) = registry();
        for (second, allowed) in [(99, true), (100, false)] {
            let person = people.admit(sign_in(), at(NOW + second)).await.expect("known");
            assert_eq!(person.decide(Permission::AuditsRun).allows(), allowed, "{second}");
        }
    }

    #[tokio::test]
    async fn nobody_comes_in_while_nobody_can_be_told_apart() {
        let (registry, people) = registry();
        *registry.down.lock().expect("not poisoned") = true;
        assert_eq!(refusal(&people, NOW).await.0, Code::Unavailable);
        *registry.down.lock().expect("not poisoned") = false;
        people.admit(sign_in(), at(NOW)).await.expect("known");
    }
}
