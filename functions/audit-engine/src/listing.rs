//! Listing the whole estate: page by page, going on where the last one stopped.
//!
//! The feed of Cloud Asset Inventory tells of changes within minutes, and may miss some; a
//! listing once a day finds what it missed.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use model::{
    AssetListingId, AssetTimesId, Timestamp,
    asset::{
        Asset, AssetChange, AssetListing, AssetTimes, BATCH_ASSETS_MAX, IamPolicy, ListingStage,
        batches,
    },
};
use store::{Cause, Direction, Query, Stored, Transaction};
use tracing::{error, info};

use crate::{
    AuditError, Context,
    feed::{Told, decide},
    inventory::Content,
};

/// How long one delivery works on a listing; the next one goes on.
const WORKS: Duration = Duration::from_secs(200);
/// Transactions at a time.
const TRANSACTIONS_AT_A_TIME: usize = 4;
/// How old something is before its absence says that it is gone: the inventory is that late.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// How long what was listed is known, so that its absence from a later listing is noticed.
const LISTED_TTL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Goes on with the listing of the estate, or begins one when it is time for that.
///
/// # Errors
/// When the inventory cannot be read, or documents cannot be read or written. What was read
/// until then stays.
pub async fn proceed(ctx: &Context, cause: &Cause, now: Timestamp) -> Result<(), AuditError> {
    let newest =
        Query::<AssetListing>::all().order_by("began_at", Direction::Descending).page_size(2);
    let known = ctx.store.list(&newest).await?.items;
    let last = known.first().map(|stored| &stored.document);
    let Some(mut listing) = AssetListing::due(last, ctx.inventory.scope(), now) else {
        return Ok(());
    };
    let known = known.iter().map(|stored| &stored.document);
    let before = known.filter(|known| known.began_at < listing.began_at).map(|known| known.assets);
    let before = before.take(1).sum();
    let id = &AssetListingId::new(listing.began_at.to_string());
    let started = Instant::now();
    while listing.stage != ListingStage::Done && started.elapsed() < WORKS {
        let next = step(ctx, cause, &listing, before).await?;
        if !save(ctx, cause, id, &listing, &next).await? {
            info!(listing = %id, "somebody else goes on with the listing");
            return Ok(());
        }
        listing = next;
    }
    info!(
        listing = %id, stage = ?listing.stage, assets = listing.assets, changed = listing.changed,
        removed = listing.removed, "listed {} assets of {}", listing.assets, listing.scope
    );
    Ok(())
}

/// Writes down how far the listing is, unless somebody else did meanwhile.
async fn save(
    ctx: &Context,
    cause: &Cause,
    id: &AssetListingId,
    from: &AssetListing,
    to: &AssetListing,
) -> Result<bool, AuditError> {
    ctx.store
        .transact(cause, |tx| async move {
            let known = tx.get::<AssetListing>(id).await?.map(|stored| stored.document);
            let is_ours = known.is_none_or(|known| known == *from);
            if is_ours {
                tx.measure(id, to)?;
            }
            Ok(is_ours)
        })
        .await
}

/// Takes over one page; returns how far the listing is then.
async fn step(
    ctx: &Context,
    cause: &Cause,
    listing: &AssetListing,
    before: u64,
) -> Result<AssetListing, AuditError> {
    let content = match listing.stage {
        ListingStage::Resources => Content::Resource,
        ListingStage::Policies => Content::IamPolicy,
        ListingStage::Gone if listing.token.is_none() => {
            if let Some(reason) = implausible(listing.assets, before) {
                error!(
                    event_name = "estate-suspicious",
                    "nothing is removed from the estate: {reason}"
                );
                return Ok(listing.clone().keep_back(reason));
            }
            return remove(ctx, cause, listing).await;
        }
        ListingStage::Gone => return remove(ctx, cause, listing).await,
        ListingStage::Done => return Ok(listing.clone()),
    };
    let page = ctx.inventory.page(content, listing.began_at, listing.token.as_deref()).await?;
    let count = page.assets.len() as u64;
    let changed = each_batch(page.assets, |batch| async move {
        take_over(ctx, cause, &batch, listing.began_at, content).await
    })
    .await?;
    let mut next = listing.clone().advance(page.next);
    next.changed += changed;
    if content == Content::Resource {
        next.assets += count;
    }
    Ok(next)
}

/// Says why a listing is not to be believed about what is gone.
///
/// What an account loses sight of is not gone. When the next listing says the same, it is.
fn implausible(assets: u64, before: u64) -> Option<String> {
    (assets < before / 2).then(|| {
        format!(
            "the listing has {assets} assets, and the one before it had {before}; if the next \
             one is as short, the others are removed"
        )
    })
}

/// Does something with assets in batches, and adds up what it returns.
async fn each_batch<F: Future<Output = Result<u64, AuditError>>>(
    assets: Vec<Asset>,
    work: impl Fn(Vec<Asset>) -> F,
) -> Result<u64, AuditError> {
    let work = stream::iter(batches(assets)).map(work).buffer_unordered(TRANSACTIONS_AT_A_TIME);
    work.try_fold(0, |sum, count| async move { Ok(sum + count) }).await
}

/// Takes over what a page says of some assets; returns how many are different since.
async fn take_over(
    ctx: &Context,
    cause: &Cause,
    batch: &[Asset],
    began: Timestamp,
    content: Content,
) -> Result<u64, AuditError> {
    let ids = &batch.iter().map(Asset::id).collect::<Vec<_>>();
    let times_ids = &ids.iter().map(|id| AssetTimesId::new(id.as_str())).collect::<Vec<_>>();
    ctx.store
        .transact(cause, |tx| async move {
            let known = tx.get_all::<Asset>(ids).await?;
            let times = tx.get_all::<AssetTimes>(times_ids).await?;
            let mut changed = 0;
            for (index, ((asset, known), times)) in batch.iter().zip(known).zip(times).enumerate() {
                let known = known.as_ref().map(|stored| &stored.document);
                let times = times.map(|stored| stored.document);
                let (told, times) = told(known, times.as_ref(), asset, began, content);
                let (Some(id), Some(times_id)) = (ids.get(index), times_ids.get(index)) else {
                    continue;
                };
                if let Told::Is(asset) = told {
                    let reason = format!("Cloud Asset Inventory lists it so at {began}");
                    changed += u64::from(tx.put(id, &*asset, "asset.changed", &reason).await?);
                }
                tx.measure(times_id, &times)?;
            }
            Ok(changed)
        })
        .await
}

/// Decides what an asset in a listing means for what is known.
fn told(
    known: Option<&Asset>,
    times: Option<&AssetTimes>,
    asset: &Asset,
    began: Timestamp,
    content: Content,
) -> (Told, AssetTimes) {
    // A listing may be older than what the feed told: it is as new as each asset says.
    let own = asset.update_time.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
    let at = own.unwrap_or_else(|| began.plus(-LATE));
    let change = AssetChange { asset: None, window: None, deleted: false };
    let (told, times) = decide(known, times, &change, asset, at);
    let times = match content {
        Content::Resource => AssetTimes { listed: Some(began), ..times },
        Content::IamPolicy => AssetTimes { policy_listed: Some(began), ..times },
    };
    (told, AssetTimes { expires_at: began.plus(LISTED_TTL), ..times })
}

/// Looks at some of the assets that were listed before, and removes those that are gone.
async fn remove(
    ctx: &Context,
    cause: &Cause,
    listing: &AssetListing,
) -> Result<AssetListing, AuditError> {
    let began = listing.began_at;
    let mut query = Query::<AssetTimes>::all();
    if let Some(last) = &listing.token {
        query = query.after_id(&AssetTimesId::new(last.clone()));
    }
    let page = ctx.store.list(&query).await?;
    let last = page.items.last().map(|stored| stored.id.to_string());
    let next = page.next.is_some().then_some(last).flatten();
    let missing = page.items.into_iter().filter(|stored| is_missing(&stored.document, began));
    let missing: Vec<_> = missing.map(|Stored { id, .. }| id).collect();
    let batches = missing.chunks(BATCH_ASSETS_MAX);
    let batches = batches.map(|ids| async move {
        ctx.store.transact(cause, |tx| remove_missing(tx, ids, began)).await
    });
    let batches = stream::iter(batches.collect::<Vec<_>>());
    let (removed, changed) = batches
        .buffer_unordered(TRANSACTIONS_AT_A_TIME)
        .try_fold((0, 0), |sum, more| async move { Ok((sum.0 + more.0, sum.1 + more.1)) })
        .await?;
    let mut listing = listing.clone().advance(next);
    listing.removed += removed;
    listing.changed += changed;
    Ok(listing)
}

/// Tells whether an asset, or its policy, was listed before and was not this time.
fn is_missing(times: &AssetTimes, began: Timestamp) -> bool {
    let before = |listed: Option<Timestamp>| listed.is_some_and(|listed| listed < began);
    before(times.listed) || before(times.policy_listed)
}

async fn remove_missing(
    tx: Transaction,
    ids: &[AssetTimesId],
    began: Timestamp,
) -> Result<(u64, u64), AuditError> {
    let (mut removed, mut changed) = (0, 0);
    for times_id in ids {
        let id = &model::AssetId::new(times_id.as_str());
        let Some(times) = tx.get::<AssetTimes>(times_id).await? else { continue };
        let known = tx.get::<Asset>(id).await?.map(|stored| stored.document);
        let Some((told, times)) = missed(known.as_ref(), &times.document, began) else { continue };
        let reason = format!("Cloud Asset Inventory does not list it at {began}");
        match told {
            Told::Gone => {
                removed += u64::from(tx.delete::<Asset>(id, "asset.removed", &reason).await?);
            }
            Told::Is(asset) => {
                changed += u64::from(tx.put(id, &*asset, "asset.changed", &reason).await?);
            }
            Told::Old => {}
        }
        tx.measure(times_id, &times)?;
    }
    Ok((removed, changed))
}

/// Decides what it means that a listing did not have an asset, or its policy.
fn missed(
    known: Option<&Asset>,
    times: &AssetTimes,
    began: Timestamp,
) -> Option<(Told, AssetTimes)> {
    let (known, at) = (known?, began.plus(-LATE));
    if times.listed.is_some_and(|listed| listed < began) {
        let change = AssetChange { asset: None, window: None, deleted: true };
        let (told, times) = decide(Some(known), Some(times), &change, known, at);
        let gone = told == Told::Gone;
        let unlisted = AssetTimes { listed: None, policy_listed: None, ..times.clone() };
        return Some((told, if gone { unlisted } else { times }));
    }
    // A policy without bindings is not listed. That one was shows that the type has them.
    let emptied = times.policy_listed.is_some_and(|listed| listed < began)
        && times.iam_policy.is_none_or(|since| since <= at);
    let bound = known.iam_policy.as_ref().is_some_and(|policy| !policy.bindings.is_empty());
    (emptied && bound).then(|| {
        let asset = Asset { iam_policy: Some(IamPolicy::default()), ..known.clone() };
        (Told::Is(Box::new(asset)), AssetTimes { iam_policy: Some(at), ..times.clone() })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(minute: u8) -> Timestamp {
        format!("2026-11-23T00:{minute:02}:00Z").parse().expect("valid")
    }

    fn asset(minute: u8, parts: Value) -> Asset {
        let mut asset = json!({
            "name": "//a/b", "assetType": "t", "updateTime": at(minute).to_string(),
        });
        if let (Some(asset), Value::Object(parts)) = (asset.as_object_mut(), parts) {
            asset.extend(parts);
        }
        serde_json::from_value(asset).expect("an asset")
    }

    #[test]
    fn a_listing_does_not_take_back_what_the_feed_told_since() {
        let old = asset(10, json!({"resource": {"data": {"size": 1}}}));
        let new = asset(30, json!({"resource": {"data": {"size": 2}}}));
        let (_, times) = told(None, None, &new, at(31), Content::Resource);
        assert_eq!(times.listed, Some(at(31)));
        let (what, times) = told(Some(&new), Some(&times), &old, at(40), Content::Resource);
        assert_eq!((what, times.listed), (Told::Old, Some(at(40))));
    }

    #[test]
    fn what_is_not_listed_any_more_is_gone_unless_it_is_newer() {
        let known = asset(10, json!({"resource": {"data": {}}}));
        let (_, times) = told(None, None, &known, at(20), Content::Resource);
        let (what, after) = missed(Some(&known), &times, at(40)).expect("is missing");
        assert_eq!((what, after.listed), (Told::Gone, None));
        let fresh = asset(35, json!({"resource": {"data": {}}}));
        let times = AssetTimes { resource: Some(at(35)), ..times };
        let (what, _) = missed(Some(&fresh), &times, at(40)).expect("is missing");
        assert_eq!(what, Told::Old, "the inventory may not have it yet");
        let imported = AssetTimes::none(at(0));
        assert!(!is_missing(&imported, at(40)), "nobody ever listed it");
    }

    #[test]
    fn a_policy_that_is_not_listed_any_more_has_no_bindings() {
        let binding = json!({"role": "r", "members": ["allUsers"]});
        let known = asset(10, json!({"iamPolicy": {"bindings": [binding]}}));
        let (_, times) = told(None, None, &known, at(20), Content::IamPolicy);
        let times = AssetTimes { listed: Some(at(40)), ..times };
        assert!(is_missing(&times, at(40)));
        let Some((Told::Is(asset), times)) = missed(Some(&known), &times, at(40)) else {
            panic!("the policy is known")
        };
        assert_eq!(asset.iam_policy, Some(IamPolicy::default()));
        assert_eq!(missed(Some(&asset), &times, at(40)), None, "only once");
    }

    #[test]
    fn a_listing_that_lost_half_of_the_estate_is_not_believed() {
        assert_eq!(implausible(50, 100), None);
        assert!(implausible(49, 100).is_some_and(|reason| reason.contains("49")));
        assert_eq!(implausible(0, 0), None);
    }
}
