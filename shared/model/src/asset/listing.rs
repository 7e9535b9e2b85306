//! Listings of the whole estate, which repair what its feed did not tell.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{AssetListingId, Document, Measurement, Timestamp};

/// How long a listing may take before another one is begun: what its page tokens stand for
/// is forgotten some day.
const TAKES_MAX: SignedDuration = SignedDuration::from_hours(6);
/// How soon after the last one a listing is begun: once a day, and a bit earlier the next day.
const INTERVAL: SignedDuration = SignedDuration::from_hours(20);
/// How long a listing is known.
const TTL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a listing does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingStage {
    /// It reads resources.
    Resources,
    /// It reads policies.
    Policies,
    /// It looks for what is gone: assets that were listed before, and were not this time.
    Gone,
    /// Nothing: it is done.
    Done,
}

/// One listing of the estate, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetListing {
    /// The project, folder or organisation.
    pub scope: String,
    /// When it began: the instant that it shows the estate at.
    pub began_at: Timestamp,
    /// What it does next.
    pub stage: ListingStage,
    /// Where the stage goes on; absent at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Resources that it has read.
    pub assets: u64,
    /// Assets that are known differently since.
    pub changed: u64,
    /// Assets that were removed.
    pub removed: u64,
    /// Why nothing was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_back: Option<String>,
    /// When Firestore may remove it.
    pub expires_at: Timestamp,
}

impl AssetListing {
    /// Begins a listing.
    #[must_use]
    pub fn begin(scope: String, now: Timestamp) -> Self {
        Self {
            scope,
            began_at: now,
            stage: ListingStage::Resources,
            token: None,
            assets: 0,
            changed: 0,
            removed: 0,
            kept_back: None,
            expires_at: now.plus(TTL),
        }
    }

    /// Returns the listing to work on: the last one if it is not done, or a new one when it is
    /// time for that; `None` when there is nothing to do.
    #[must_use]
    pub fn due(last: Option<&Self>, scope: &str, now: Timestamp) -> Option<Self> {
        let new = || Some(Self::begin(scope.to_owned(), now));
        match last {
            None => new(),
            Some(last) if last.scope != scope => new(),
            Some(last) if last.stage == ListingStage::Done => {
                if last.began_at.plus(INTERVAL) <= now { new() } else { None }
            }
            Some(last) if last.began_at.plus(TAKES_MAX) <= now => new(),
            Some(last) => Some(last.clone()),
        }
    }

    /// Goes on after a page: with the next one, or with the next stage.
    #[must_use]
    pub fn advance(mut self, next: Option<String>) -> Self {
        if next.is_none() {
            self.stage = match self.stage {
                ListingStage::Resources => ListingStage::Policies,
                ListingStage::Policies => ListingStage::Gone,
                ListingStage::Gone | ListingStage::Done => ListingStage::Done,
            };
        }
        self.token = next;
        self
    }

    /// Ends a listing that cannot be believed, without removing anything.
    #[must_use]
    pub fn keep_back(self, reason: String) -> Self {
        Self { stage: ListingStage::Done, token: None, kept_back: Some(reason), ..self }
    }
}

impl Document for AssetListing {
    type Id = AssetListingId;
}

impl Measurement for AssetListing {}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-23T{hour:02}:00:00Z").parse().expect("valid")
    }

    #[test]
    fn an_interrupted_listing_goes_on_and_a_done_one_waits_for_the_next_day() {
        let begun = AssetListing::due(None, "projects/p", at(1)).expect("begins");
        let stopped = begun.advance(Some("2".into()));
        assert_eq!(AssetListing::due(Some(&stopped), "projects/p", at(2)), Some(stopped.clone()));
        let new = AssetListing::due(Some(&stopped), "projects/p", at(7)).expect("begins again");
        assert_eq!((new.began_at, new.token), (at(7), None));
        let other = AssetListing::due(Some(&stopped), "folders/1", at(2)).expect("another scope");
        assert_eq!(other.began_at, at(2));
        let done = stopped.advance(None).advance(None).advance(None);
        assert_eq!(done.stage, ListingStage::Done);
        assert_eq!(AssetListing::due(Some(&done), "projects/p", at(20)), None);
        assert!(AssetListing::due(Some(&done), "projects/p", at(21)).is_some());
    }
}
