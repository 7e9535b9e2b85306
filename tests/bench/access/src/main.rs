//! Measures decisions and questions about access, in memory, on one core.
//!
//! ```sh
//! cargo run --release -p bench-access
//! ```

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use iam_control::access::{Directory, History, what_if, who_can};
use jiff::SignedDuration;
use model::{
    GrantId, Permission, Role, Timestamp, Uid,
    access::{
        Session, User, UserState,
        api::{ChangeKind, RoleChange},
        decision_log::{DecisionTally, Tally},
        grant::{Grant, GrantState},
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

const PEOPLE: usize = 10_000;
const GRANTS: usize = 100_000;
const DECISIONS: usize = 1_000_000;
const TALLIES: usize = 1_000_000;

fn main() {
    let now = Timestamp::from(jiff::Timestamp::now());
    let mut random = StdRng::seed_from_u64(1);
    let (directory, people) = directory(&mut random, now);
    decisions(&mut random, &directory, &people, now);
    let started = Instant::now();
    let answers = Permission::ALL.iter().map(|permission| who_can(&directory, *permission, now));
    let holders: usize = answers.map(|answer| answer.holders.len()).sum();
    let each = started.elapsed() / u32::try_from(Permission::ALL.len()).unwrap_or(u32::MAX);
    println!("who-can over {PEOPLE} people: {each:?} each, {holders} holders in all");
    questions(&mut random, &directory, &people, now);
}

/// People with one to three roles, and ten elevations for each of them, of which the last
/// to a role counts.
fn directory(random: &mut StdRng, now: Timestamp) -> (Directory, Vec<Uid>) {
    let people: Vec<_> = (0..PEOPLE).map(|n| Uid::new(format!("person-{n:05}"))).collect();
    let mut users: BTreeMap<Uid, User> =
        people.iter().map(|uid| (uid.clone(), user(random, uid, now))).collect();
    let mut grants = Vec::with_capacity(GRANTS);
    for n in 0..GRANTS {
        let person = people[n % PEOPLE].clone();
        let role = Role::ALL[random.random_range(0..5)];
        let until = now.plus(SignedDuration::from_secs(random.random_range(-3600..3600)));
        if let Some(user) = users.get_mut(&person) {
            user.elevations.insert(role, until);
        }
        let grant = Grant {
            person,
            role,
            minutes: 60,
            reason: "measured".to_owned(),
            state: GrantState::Active,
            requested_at: now,
            decided_by: None,
            started_at: Some(now),
            expires_at: Some(until),
            extended: false,
            break_glass: false,
        };
        grants.push((GrantId::new(format!("grant-{n:06}")), grant));
    }
    (Directory::new(users, grants), people)
}

fn user(random: &mut StdRng, uid: &Uid, now: Timestamp) -> User {
    let count = random.random_range(1..=3);
    let roles = Role::ALL.choose_multiple(random, count).copied().collect();
    User {
        email: format!("{uid}@meridian.example"),
        display_name: uid.to_string(),
        state: if random.random_ratio(1, 20) { UserState::Disabled } else { UserState::Active },
        roles,
        elevations: BTreeMap::new(),
        second_factor_for: [].into(),
        sessions_since: now.plus(SignedDuration::from_hours(-24)),
        policy_version: 1,
        invitation: None,
    }
}

fn decisions(random: &mut StdRng, directory: &Directory, people: &[Uid], now: Timestamp) {
    let session = Session { authenticated_at: now, second_factor: false };
    let asked: Vec<_> = (0..DECISIONS)
        .filter_map(|_| Some((people.choose(random)?, *Permission::ALL.choose(random)?)))
        .collect();
    let (mut times, mut allowed) = (Vec::with_capacity(asked.len()), 0_usize);
    for (uid, permission) in &asked {
        let started = Instant::now();
        let reason = black_box(directory.decide(uid, *permission, session, now));
        times.push(started.elapsed());
        allowed += usize::from(reason.allows());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "decide with {PEOPLE} people and {GRANTS} grants: p50 {:?}, p99 {:?}, p99.9 {:?}, {} of {} allowed",
        at(0.5),
        at(0.99),
        at(0.999),
        allowed,
        times.len(),
    );
}

fn questions(random: &mut StdRng, directory: &Directory, people: &[Uid], now: Timestamp) {
    let tallies: Vec<_> = (0..TALLIES).filter_map(|_| tally(random, people, now)).collect();
    let started = Instant::now();
    let mut history = History::default();
    for tally in &tallies {
        history.add(tally, now);
    }
    let added = started.elapsed();
    let changes: Vec<_> = (0..100)
        .filter_map(|n| {
            let change = if n % 2 == 0 { ChangeKind::Take } else { ChangeKind::Give };
            let (person, role) = (people.choose(random)?.clone(), *Role::ALL.choose(random)?);
            Some(RoleChange { person, role, change })
        })
        .collect();
    let started = Instant::now();
    let answer = what_if(directory, &changes, &history, now);
    let asked: Duration = started.elapsed();
    println!(
        "what-if of {} changes over {} decisions in {TALLIES} tallies: {added:?} to add up, {asked:?} to answer, {} consequences",
        changes.len(),
        answer.decisions,
        answer.consequences.len(),
    );
}

fn tally(random: &mut StdRng, people: &[Uid], now: Timestamp) -> Option<DecisionTally> {
    let permission = *Permission::ALL.choose(random)?;
    let counts = Tally { allowed: random.random_range(0..9), refused: random.random_range(0..2) };
    Some(DecisionTally {
        caller: format!("person:{}", people.choose(random)?),
        function: "firebase-proxy".to_owned(),
        day: now.plus(SignedDuration::from_hours(-24 * random.random_range(0..90))),
        counts: [(permission, counts)].into(),
        calls: 0,
        expires_at: now,
    })
}
