//! What becomes of an access review: started, answered, closed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use model::{
    Role, Timestamp, Uid,
    access::{
        User,
        api::{AnswerReview, StartReview},
        review::{AccessReview, Outcome, ReviewItem, ReviewState, Verdict},
    },
};

use crate::{
    Refusal,
    by::By,
    people::{OtherOwners, is_owner},
};

/// How many roles of people one review asks about: a document of 200 KiB, a fifth of what
/// Firestore holds, and more than one person answers.
pub const ITEMS_MAX: usize = 1000;

/// Starts a review of the standing roles that people have.
///
/// # Errors
/// When it would ask about nothing, or about more than [`ITEMS_MAX`].
pub fn start<'a>(
    people: impl Iterator<Item = (&'a Uid, &'a User)>,
    asked: &StartReview,
    by: &Uid,
    now: Timestamp,
) -> Result<AccessReview, Refusal> {
    let wanted = |role: &Role| asked.roles.is_empty() || asked.roles.contains(role);
    let items: BTreeMap<_, _> = people
        .flat_map(|(uid, user)| user.roles.iter().filter(|r| wanted(r)).map(move |r| (uid, *r)))
        .map(|(person, role)| {
            let item = ReviewItem {
                person: person.clone(),
                role,
                verdict: None,
                answered_by: None,
                outcome: None,
            };
            (AccessReview::key(person, role), item)
        })
        .collect();
    match items.len() {
        0 => return Err(Refusal::NothingToReview),
        found if found > ITEMS_MAX => {
            return Err(Refusal::ReviewTooLarge { max: ITEMS_MAX, found });
        }
        _ => {}
    }
    Ok(AccessReview {
        title: asked.title.clone(),
        state: ReviewState::Open,
        started_by: by.clone(),
        started_at: now,
        due_at: now.plus(SignedDuration::from_hours(24 * i64::from(asked.due_in_days))),
        items,
    })
}

/// Takes an answer; a later one takes the place of an earlier one.
///
/// # Errors
/// When it is about the person who answers, the review does not ask it, or it takes no
/// answers any more.
pub fn answer(
    review: &AccessReview,
    answer: &AnswerReview,
    by: &By,
    now: Timestamp,
) -> Result<AccessReview, Refusal> {
    by.another(&answer.person, "answers about themselves")?;
    if review.state != ReviewState::Open || review.due_at <= now {
        return Err(Refusal::Review(ReviewState::Closed));
    }
    let mut review = review.clone();
    let item = review.items.get_mut(&AccessReview::key(&answer.person, answer.role));
    let item = item.ok_or(Refusal::NoSuchItem)?;
    item.verdict = Some(answer.verdict);
    item.answered_by = Some(by.uid.clone());
    Ok(review)
}

/// Tells whether a review is to be carried out at an instant.
#[must_use]
pub fn is_due(review: &AccessReview, now: Timestamp) -> bool {
    match review.state {
        ReviewState::Open => review.due_at <= now,
        ReviewState::Closing => true,
        ReviewState::Closed => false,
    }
}

/// Carries out what was answered about one role of one person: the outcome, and the
/// person's document where it changes.
#[must_use]
pub fn carry_out(
    item: &ReviewItem,
    user: Option<&User>,
    others: OtherOwners,
) -> (Outcome, Option<User>) {
    let Some(user) = user.filter(|user| user.roles.contains(&item.role)) else {
        return (Outcome::Gone, None);
    };
    if item.verdict == Some(Verdict::Keep) {
        return (Outcome::Kept, None);
    }
    if item.role == Role::Owner && is_owner(user) && others.0 == 0 {
        return (Outcome::KeptLastOwner, None);
    }
    let mut user = user.clone();
    user.roles.remove(&item.role);
    user.policy_version += 1;
    (Outcome::Removed, Some(user))
}

/// Returns the keys of at most `count` items that are not carried out yet, those of one
/// person next to each other.
#[must_use]
pub fn open_items(review: &AccessReview, count: usize) -> Vec<String> {
    let open = review.items.iter().filter(|(_, item)| item.outcome.is_none());
    open.take(count).map(|(key, _)| key.clone()).collect()
}

/// Notes what came of items, and closes the review with the last of them.
#[must_use]
pub fn carried_out(review: &AccessReview, outcomes: &BTreeMap<String, Outcome>) -> AccessReview {
    let mut review = review.clone();
    for (key, outcome) in outcomes {
        if let Some(item) = review.items.get_mut(key) {
            item.outcome = Some(*outcome);
        }
    }
    let done = review.items.values().all(|item| item.outcome.is_some());
    review.state = if done { ReviewState::Closed } else { ReviewState::Closing };
    review
}

/// Says in one line what came of a review.
#[must_use]
pub fn summary(review: &AccessReview) -> String {
    let count = |wanted: &[Outcome]| {
        let outcomes = review.items.values().filter_map(|item| item.outcome);
        outcomes.filter(|outcome| wanted.contains(outcome)).count()
    };
    let people: BTreeSet<_> = review.items.values().map(|item| &item.person).collect();
    let mut line = format!(
        "{}: {} roles of {} people, {} kept, {} removed",
        review.title,
        review.items.len(),
        people.len(),
        count(&[Outcome::Kept, Outcome::KeptLastOwner]),
        count(&[Outcome::Removed])
    );
    if count(&[Outcome::KeptLastOwner]) > 0 {
        line.push_str("; the last active owner stays");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::tests::{NOON, at, by, person};

    fn people() -> Vec<(Uid, User)> {
        vec![
            (Uid::new("ada"), person(&[Role::Auditor, Role::Viewer])),
            (Uid::new("olga"), person(&[Role::Owner])),
        ]
    }

    fn started(roles: &[Role]) -> Result<AccessReview, Refusal> {
        let roles = roles.iter().copied().collect();
        let asked = StartReview { title: "2026 Q4".into(), due_in_days: 7, roles };
        let people = people();
        start(people.iter().map(|(uid, user)| (uid, user)), &asked, &Uid::new("adam"), at(NOON))
    }

    #[test]
    fn a_review_asks_about_every_role_of_everybody() {
        let review = started(&[]).expect("three roles");
        let keys: Vec<_> = review.items.keys().collect();
        assert_eq!(keys, ["ada:auditor", "ada:viewer", "olga:owner"]);
        assert_eq!(review.due_at, at("2026-11-30T12:00:00Z"));
        assert_eq!(started(&[Role::Owner]).expect("one role").items.len(), 1);
        assert_eq!(started(&[Role::Treasurer]), Err(Refusal::NothingToReview));
    }

    #[test]
    fn a_review_has_a_bound() {
        let count = |count: usize| {
            let people: Vec<_> =
                (0..count).map(|n| (Uid::new(format!("p{n}")), person(&[Role::Viewer]))).collect();
            let asked = StartReview { title: "all".into(), due_in_days: 1, roles: [].into() };
            let people = people.iter().map(|(uid, user)| (uid, user));
            start(people, &asked, &Uid::new("adam"), at(NOON)).is_ok()
        };
        assert!(count(ITEMS_MAX));
        assert!(!count(ITEMS_MAX + 1));
    }

    #[test]
    fn answers_are_about_others_and_in_time() {
        let review = started(&[]).expect("three roles");
        let give = |person: &str, role, now| {
            let person = Uid::new(person);
            let verdict = Verdict::Keep;
            answer(&review, &AnswerReview { person, role, verdict }, &by("ada", false), at(now))
        };
        assert!(matches!(give("ada", Role::Viewer, NOON), Err(Refusal::Own(_))));
        assert_eq!(give("olga", Role::Viewer, NOON), Err(Refusal::NoSuchItem));
        let answered = give("olga", Role::Owner, "2026-11-30T11:59:59Z").expect("in time");
        assert_eq!(answered.items["olga:owner"].answered_by, Some(Uid::new("ada")));
        assert!(give("olga", Role::Owner, "2026-11-30T12:00:00Z").is_err());
    }

    #[test]
    fn what_is_not_kept_is_removed_except_the_last_owner() {
        let review = started(&[]).expect("three roles");
        let people: BTreeMap<_, _> = people().into_iter().collect();
        let out = |key: &str, verdict, others| {
            let item = ReviewItem { verdict, ..review.items[key].clone() };
            carry_out(&item, people.get(&item.person), OtherOwners(others))
        };
        let (outcome, user) = out("ada:auditor", None, 1);
        assert_eq!(outcome, Outcome::Removed);
        let user = user.expect("changed");
        assert_eq!((user.roles, user.policy_version), ([Role::Viewer].into(), 5));
        assert_eq!(out("ada:auditor", Some(Verdict::Keep), 1), (Outcome::Kept, None));
        assert_eq!(out("ada:auditor", Some(Verdict::Remove), 1).0, Outcome::Removed);
        assert_eq!(out("olga:owner", Some(Verdict::Remove), 0), (Outcome::KeptLastOwner, None));
        assert_eq!(out("olga:owner", None, 1).0, Outcome::Removed);
        assert_eq!(carry_out(&review.items["ada:viewer"], None, OtherOwners(1)).0, Outcome::Gone);
    }

    #[test]
    fn a_review_closes_in_parts() {
        let review = started(&[]).expect("three roles");
        assert!(!is_due(&review, at(NOON)));
        assert!(is_due(&review, at("2026-11-30T12:00:00Z")));
        let part = |review: &AccessReview, count, outcome| {
            let keys = open_items(review, count);
            carried_out(review, &keys.into_iter().map(|key| (key, outcome)).collect())
        };
        let begun = part(&review, 2, Outcome::Removed);
        assert_eq!((begun.state, open_items(&begun, 9).len()), (ReviewState::Closing, 1));
        assert!(is_due(&begun, at(NOON)));
        let done = part(&begun, 2, Outcome::KeptLastOwner);
        assert_eq!(done.state, ReviewState::Closed);
        assert!(!is_due(&done, at("2026-12-30T12:00:00Z")));
        assert_eq!(
            summary(&done),
            "2026 Q4: 3 roles of 2 people, 1 kept, 2 removed; the last active owner stays"
        );
    }
}
