//! Who may do what: the one table.
//!
//! The API asks it, the Firestore rules and the README's table are made from it, and
//! the dashboard shows what it allows.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Role::{self, Admin, Auditor, Operator, Treasurer, Viewer};

/// Everybody who has a role.
const ALL: &[Role] = &[Viewer, Operator, Auditor, Treasurer, Admin];
/// Everybody whose role lets them do more than read.
const ACTIVE: &[Role] = &[Operator, Auditor, Treasurer, Admin];

/// What a permission lets a person read of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads {
    /// The collection's path pattern, such as `checks/{check}/results`.
    pub collection: &'static str,
    /// Which fields.
    pub fields: Fields,
}

/// Which fields of a document.
///
/// Firestore shows documents as a whole or not at all, so that a collection of which
/// only some fields may be read is read through the API alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// All of them.
    All,
    /// These, and only through the API.
    Only(&'static [&'static str]),
}

const fn all(collection: &'static str) -> Reads {
    Reads { collection, fields: Fields::All }
}

macro_rules! permissions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal to $roles:expr $(, reads $reads:expr)?;)+) => {
        /// Something a person may be allowed to do, as `noun.verb`.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Permission {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the permission's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns what the permission allows, in one line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Returns the roles, besides owner, that hold the permission.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$variant => $roles,)+ }
            }

            /// Returns what the permission lets a person read.
            #[must_use]
            pub const fn reads(self) -> &'static [Reads] {
                match self { $(Self::$variant => permissions!(@reads $($reads)?),)+ }
            }
        }
    };
    (@reads) => { &[] };
    (@reads $reads:expr) => { const { $reads } };
}

// Derived, the names would be those of the variants: `utoipa` does not see through the macro.
impl utoipa::PartialSchema for Permission {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("Something a person may be allowed to do, as `noun.verb`."))
            .enum_values(Some(Self::ALL.iter().map(|permission| permission.name())))
            .into()
    }
}

impl ToSchema for Permission {}

permissions! {
    /// Read services and whether they are well.
    ServicesRead = "services.read" to ALL, reads &[all("services")];
    /// Read checks and their results.
    ChecksRead = "checks.read" to ALL,
        reads &[all("checks"), all("checks/{check}/results"), all("heartbeats")];
    /// Write and delete checks.
    ChecksWrite = "checks.write" to &[Operator];
    /// Say for a heartbeat check that something lives.
    HeartbeatsSend = "heartbeats.send" to &[Operator];
    /// Read incidents.
    IncidentsRead = "incidents.read" to ALL, reads &[all("incidents")];
    /// Acknowledge an incident.
    IncidentsAcknowledge = "incidents.acknowledge" to &[Operator];
    /// Give an incident to somebody.
    IncidentsAssign = "incidents.assign" to &[Operator];
    /// Comment on an incident, and link what it is about.
    IncidentsComment = "incidents.comment" to ACTIVE;
    /// Call somebody further up about an incident.
    IncidentsEscalate = "incidents.escalate" to &[Operator];
    /// Resolve an incident.
    IncidentsResolve = "incidents.resolve" to &[Operator];
    /// Read the state of every kill switch.
    ControlsRead = "controls.read" to ALL,
        reads &[all("controls"), all("controls/{control}/acks"), all("instances")];
    /// Read overrides.
    OverridesRead = "overrides.read" to ALL, reads &[all("overrides")];
    /// Ask for an override.
    OverridesRequest = "overrides.request" to &[Operator];
    /// Approve an override that somebody else asked for.
    OverridesApprove = "overrides.approve" to &[Operator];
    /// End an override before its time.
    OverridesLift = "overrides.lift" to &[Operator];
    /// Look at an override that an owner made alone, in an emergency.
    OverridesReview = "overrides.review" to &[Operator, Auditor, Admin];
    /// Override alone, in an emergency; everybody is told.
    OverridesBreakGlass = "overrides.break_glass" to &[];
    /// Read the estate.
    AssetsRead = "assets.read" to ALL,
        reads &[all("assets"), all("assets/{asset}/parts")];
    /// Read runs of the audit.
    AuditsRead = "audits.read" to ALL,
        reads &[all("audits"), all("audits/{audit}/rows"), all("audit_controls")];
    /// Ask for a run of the audit.
    AuditsRun = "audits.run" to &[Auditor];
    /// Read findings.
    FindingsRead = "findings.read" to ALL, reads &[all("findings")];
    /// Read exceptions from controls of the audit.
    ExceptionsRead = "exceptions.read" to ALL, reads &[all("exceptions")];
    /// Ask for an exception.
    ExceptionsRequest = "exceptions.request" to &[Operator, Auditor];
    /// Approve or reject an exception that somebody else asked for.
    ExceptionsApprove = "exceptions.approve" to &[Auditor];
    /// End an exception before its time.
    ExceptionsRevoke = "exceptions.revoke" to &[Auditor];
    /// Read the journal: who changed what.
    JournalRead = "journal.read" to &[Auditor, Admin], reads &[all("journal")];
    /// Read the audit log: checkpoints, entries and proofs.
    LogRead = "log.read" to &[Auditor, Admin],
        reads &[
            all("log_archives"), all("log_bundles"), all("log_checkpoints"), all("log_checks"),
            all("log_entries"), all("log_tiles"), all("shred_requests"),
        ];
    /// Have a record verified against the audit log.
    LogVerify = "log.verify" to &[Auditor, Admin];
    /// Make what the audit log says about a person unreadable.
    LogShred = "log.shred" to &[Admin];
    /// Follow changes as they happen.
    EventsRead = "events.read" to ALL;
    /// Read deliveries that could not be processed.
    DeadLettersRead = "dead_letters.read" to &[Operator, Auditor, Admin],
        reads &[all("dead_letters"), all("dead_letters/{letter}/parts")];
    /// Deliver a dead letter again.
    DeadLettersReplay = "dead_letters.replay" to &[Operator];
    /// See who else there is: names, addresses, roles.
    DirectoryRead = "directory.read" to ALL,
        reads &[Reads { collection: "users", fields: Fields::Only(DIRECTORY) }];
    /// Read everything about people.
    PeopleRead = "people.read" to &[Auditor, Admin], reads &[all("users")];
    /// Invite a person.
    PeopleInvite = "people.invite" to &[Admin];
    /// Disable a person, and enable them again.
    PeopleDisable = "people.disable" to &[Admin];
    /// End a person's sessions.
    PeopleRevoke = "people.revoke" to &[Admin];
    /// Give and take roles.
    PeopleAssign = "people.assign" to &[Admin];
    /// Read everybody's elevations.
    GrantsRead = "grants.read" to &[Auditor, Admin], reads &[all("grants")];
    /// Ask for a role for some hours.
    GrantsRequest = "grants.request" to ACTIVE;
    /// Approve or reject what somebody else asked for.
    GrantsApprove = "grants.approve" to &[Admin];
    /// End an elevation before its time.
    GrantsRevoke = "grants.revoke" to &[Admin];
    /// Read access reviews.
    ReviewsRead = "reviews.read" to &[Auditor, Admin], reads &[all("access_reviews")];
    /// Start an access review.
    ReviewsStart = "reviews.start" to &[Auditor, Admin];
    /// Answer whether a person keeps a role.
    ReviewsAnswer = "reviews.answer" to &[Admin];
    /// Ask who can do what, and why.
    AccessExplain = "access.explain" to &[Auditor, Admin];
    /// Ask what a change of roles would change.
    AccessSimulate = "access.simulate" to &[Auditor, Admin];
    /// See which roles nobody would miss.
    AccessSuggest = "access.suggest" to &[Auditor, Admin];
    /// Become owner for an hour in an emergency; everybody is told.
    GlassBreak = "glass.break" to &[Admin];
}

/// What everybody sees of everybody.
const DIRECTORY: &[&str] = &["display_name", "email", "roles", "state"];

/// How long ago a person may have signed in to become owner without another's consent.
const FRESH: SignedDuration = SignedDuration::from_mins(15);
/// How long ago a person may have signed in who lets a control be restricted.
const FRESHEST: SignedDuration = SignedDuration::from_mins(5);

impl Permission {
    /// Finds a permission by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name() == name)
    }

    /// Returns how long ago the person may have signed in at the most, if it matters.
    #[must_use]
    pub fn sign_in_age_max(self) -> Option<SignedDuration> {
        match self {
            Self::GlassBreak => Some(FRESH),
            Self::OverridesApprove | Self::OverridesBreakGlass => Some(FRESHEST),
            _ => None,
        }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_only_reads_and_an_owner_may_do_everything() {
        for permission in Permission::ALL {
            assert!(Role::Owner.holds(*permission));
            if Viewer.holds(*permission) {
                assert!(permission.name().ends_with(".read"), "{permission}");
            }
        }
    }

    #[test]
    fn names_are_noun_and_verb_and_lead_back() {
        for permission in Permission::ALL {
            let name = permission.name();
            assert_eq!(name.split('.').count(), 2, "{name}");
            assert_eq!(serde_json::to_value(permission).expect("serializes"), name);
            assert_eq!(Permission::named(name), Some(*permission));
            assert!(permission.summary().ends_with('.'), "{name}");
        }
        assert_eq!(Permission::named("people.eat"), None);
    }

    #[test]
    fn only_what_is_called_reading_reads() {
        for permission in Permission::ALL.iter().filter(|p| !p.reads().is_empty()) {
            assert!(permission.name().ends_with(".read"), "{permission}");
        }
    }
}
