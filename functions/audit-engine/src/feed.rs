//! What becomes of an asset when a change of it is told.

use jiff::SignedDuration;
use model::{
    Timestamp,
    asset::{Asset, AssetChange, AssetTimes},
};

/// How long messages can be late: as long as Pub/Sub keeps them.
const LATE_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What becomes of an asset.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Nothing: something newer is known.
    Old,
    /// It is gone.
    Gone,
    /// It is like this.
    Is(Box<Asset>),
}

/// Decides what a change at an instant means for what is known.
///
/// A message about a resource says nothing of its policy, and the other way round, so that
/// both have times of their own.
#[must_use]
pub fn decide(
    known: Option<&Asset>,
    times: Option<&AssetTimes>,
    change: &AssetChange,
    told: &Asset,
    at: Timestamp,
) -> (Told, AssetTimes) {
    let mut times = times.cloned().unwrap_or_else(|| AssetTimes::none(at));
    times.expires_at = times.expires_at.max(at.plus(LATE_MAX));
    // Of what came from a file or a listing there are no times but its own.
    let own = known.and_then(|known| known.update_time.as_deref()?.parse::<Timestamp>().ok());
    let resource = times.resource.max(own);
    let newest = resource.max(times.iam_policy);
    if change.deleted {
        return match newest.is_some_and(|newest| newest > at) {
            true => (Told::Old, times),
            false => {
                let gone = times.gone.max(Some(at));
                (Told::Gone, AssetTimes { resource: None, iam_policy: None, gone, ..times })
            }
        };
    }
    if times.gone.is_some_and(|gone| gone >= at) {
        return (Told::Old, times);
    }
    let news = |since: Option<Timestamp>| since.is_none_or(|since| since <= at);
    let (takes_resource, takes_policy) = (
        told.resource.is_some() && news(resource),
        told.iam_policy.is_some() && news(times.iam_policy),
    );
    if !takes_resource && !takes_policy {
        return (Told::Old, times);
    }
    let mut told = told.clone();
    if !takes_resource {
        told.resource = None;
        told.update_time = None;
    }
    if !takes_policy {
        told.iam_policy = None;
    }
    let times = AssetTimes {
        resource: if takes_resource { Some(at) } else { times.resource },
        iam_policy: if takes_policy { Some(at) } else { times.iam_policy },
        ..times
    };
    let asset = match known {
        Some(known) => {
            let mut merged = known.clone();
            merged.merge(told);
            merged
        }
        None => told,
    };
    (Told::Is(Box::new(asset)), times)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(second: u8) -> Timestamp {
        format!("2026-11-23T00:00:{second:02}Z").parse().expect("valid")
    }

    fn asset(parts: Value) -> Asset {
        let mut asset = json!({"name": "//a/b", "assetType": "t"});
        if let (Some(asset), Value::Object(parts)) = (asset.as_object_mut(), parts) {
            asset.extend(parts);
        }
        serde_json::from_value(asset).expect("an asset")
    }

    fn resource(size: u8) -> Value {
        json!({"resource": {"data": {"size": size}}})
    }

    fn policy(role: &str) -> Value {
        json!({"iamPolicy": {"bindings": [{"role": role, "members": ["allUsers"]}]}})
    }

    /// What is known after some messages, in some order.
    #[derive(Default)]
    struct Known {
        asset: Option<Asset>,
        times: Option<AssetTimes>,
    }

    impl Known {
        fn hear(&mut self, parts: Value, deleted: bool, second: u8) -> bool {
            let told = asset(parts);
            let change = AssetChange { asset: None, window: None, deleted };
            let (what, times) =
                decide(self.asset.as_ref(), self.times.as_ref(), &change, &told, at(second));
            self.times = Some(times);
            match what {
                Told::Old => return false,
                Told::Gone => self.asset = None,
                Told::Is(asset) => self.asset = Some(*asset),
            }
            true
        }
    }

    #[test]
    fn a_resource_and_a_policy_do_not_take_each_others_place() {
        let mut known = Known::default();
        assert!(known.hear(resource(1), false, 1));
        assert!(known.hear(policy("r"), false, 1));
        assert!(known.hear(resource(2), false, 3));
        // Older than the resource, newer than the policy.
        assert!(known.hear(policy("s"), false, 2));
        assert!(!known.hear(policy("r"), false, 1));
        assert!(!known.hear(resource(1), false, 2));
        let expected = asset(json!({
            "resource": resource(2)["resource"], "iamPolicy": policy("s")["iamPolicy"],
        }));
        assert_eq!(known.asset, Some(expected));
    }

    #[test]
    fn what_is_gone_comes_back_by_a_newer_message_alone() {
        let mut known = Known::default();
        assert!(known.hear(resource(1), false, 1));
        assert!(known.hear(json!({}), true, 3));
        assert!(!known.hear(resource(1), false, 2));
        assert_eq!(known.asset, None);
        assert!(known.hear(resource(5), false, 4));
        assert!(!known.hear(json!({}), true, 3), "it was made anew");
        assert!(known.asset.is_some());
    }

    #[test]
    fn an_export_is_as_new_as_its_asset_says() {
        let mut known = Known {
            asset: Some(asset(json!({
                "updateTime": "2026-11-23T00:00:05.123456789Z",
                "resource": resource(5)["resource"],
            }))),
            times: None,
        };
        assert!(!known.hear(resource(4), false, 4));
        assert!(!known.hear(json!({}), true, 4));
        assert!(known.hear(resource(6), false, 6));
    }

    #[test]
    fn any_order_of_messages_ends_alike() {
        let messages = [
            (resource(1), false, 1),
            (policy("r"), false, 2),
            (json!({}), true, 3),
            (resource(2), false, 4),
            (policy("s"), false, 5),
            (resource(3), false, 6),
        ];
        let expected = asset(json!({
            "resource": resource(3)["resource"], "iamPolicy": policy("s")["iamPolicy"],
        }));
        let mut order = [0, 1, 2, 3, 4, 5];
        // Heap's algorithm over all 720 orders.
        let mut counts = [0; 6];
        let mut place = 0;
        loop {
            let mut known = Known::default();
            for index in order {
                let (parts, deleted, second) = messages[index].clone();
                known.hear(parts, deleted, second);
            }
            assert_eq!(known.asset, Some(expected.clone()), "{order:?}");
            while place < 6 && counts[place] >= place {
                counts[place] = 0;
                place += 1;
            }
            if place == 6 {
                return;
            }
            order.swap(if place.is_multiple_of(2) { 0 } else { counts[place] }, place);
            counts[place] += 1;
            place = 0;
        }
    }
}
