//! The instant type of every document.

use std::{fmt, ops::Deref, str::FromStr};

use serde::{Deserialize, Serialize};

/// An instant with the microsecond precision that Firestore keeps.
///
/// Dereferences to [`jiff::Timestamp`]. In JSON it is an RFC 3339 string. In
/// Firestore it is a native timestamp, which TTL policies and range queries
/// need: the `firestore` crate recognises the name that the value is serialized
/// under, so this crate does not have to link it.
///
/// Parts of a microsecond are cut off when a value is made, so that a value
/// always comes back from Firestore as it went in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Returns this instant moved by `duration`, held at the ends of time.
    #[must_use]
    pub fn plus(self, duration: jiff::SignedDuration) -> Self {
        match self.0.saturating_add(duration) {
            Ok(moved) => moved.into(),
            Err(_) => self,
        }
    }
}

impl Deref for Timestamp {
    type Target = jiff::Timestamp;

    fn deref(&self) -> &jiff::Timestamp {
        &self.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        let microsecond = instant.as_microsecond();
        Self(jiff::Timestamp::from_microsecond(microsecond).unwrap_or(instant))
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("FirestoreTimestamp", &self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(deserializer).map(Self::from)
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_keeps_microseconds_and_reads_back_as_written() {
        let instant: Timestamp = "2026-11-23T01:02:03.123456789Z".parse().expect("valid");
        assert_eq!(instant.to_string(), "2026-11-23T01:02:03.123456Z");
        let json = serde_json::to_string(&instant).expect("serializes");
        assert_eq!(json, r#""2026-11-23T01:02:03.123456Z""#);
        assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("parses"), instant);
    }
}
