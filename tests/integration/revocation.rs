//! How soon what was taken away is gone, in every process that had seen it.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use futures::{StreamExt, future, stream};
use model::{
    Role, Uid,
    access::{User, UserState},
};
use serde_json::json;
use testkit::{Mesh, Setup, token};
use tokio::sync::Semaphore;

/// What people are promised.
const GONE_WITHIN: Duration = Duration::from_secs(5);
const RUNS: usize = 200;
/// People whose rights are taken away at the same time.
const AT_ONCE: usize = 40;
/// The probe has so many slots and turns away who comes beside them.
const SLOTS: usize = 4;
/// Between two requests of one person to one process.
const PAUSE: Duration = Duration::from_millis(100);
/// After this a right has not gone at all.
const GIVES_UP: Duration = Duration::from_secs(30);

const PROCESSES: [&str; 2] = ["probe", "probe-two"];

/// The same program twice, as two functions.
fn two_probes() -> Setup {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_probe"));
    let manifest = include_str!("../probe/function.yaml");
    let renamed = |name: &str| manifest.replacen("name: probe", &format!("name: {name}"), 1);
    let programs = PROCESSES.map(|name| (program.clone(), renamed(name))).into();
    Setup { programs, ..Setup::default() }
}

/// What is done to a person, and how a function refuses them from then on.
fn taken_away(run: usize, user: &User, second: i64) -> (User, u16) {
    let user = user.clone();
    match run % 3 {
        0 => (User { roles: [Role::Viewer].into(), ..user }, 403),
        1 => {
            let since = jiff::Timestamp::from_second(second).unwrap().into();
            (User { sessions_since: since, ..user }, 401)
        }
        _ => (User { state: UserState::Disabled, ..user }, 403),
    }
}

/// Uses a permission, when there is a slot.
async fn order(mesh: &Mesh, slots: &Semaphore, process: &str, token: &str) -> u16 {
    let _slot = slots.acquire().await.unwrap();
    let url = format!("{}/order", mesh.function(process).url());
    let body = json!({"count": 1, "name": "a"});
    mesh.http.post(url).bearer_auth(token).json(&body).send().await.unwrap().status().as_u16()
}

/// Takes something away from a new person, and returns how long each process let them in.
async fn run(mesh: &Mesh, slots: &BTreeMap<&str, Semaphore>, run: usize) -> [Duration; 2] {
    let uid = Uid::new(format!("person-{run}"));
    mesh.person(uid.as_str(), &[Role::Auditor]).await;
    let signed_in = jiff::Timestamp::now().as_second() - 10;
    let token = token::person_since(&mesh.project, uid.as_str(), signed_in);
    for process in PROCESSES {
        assert_eq!(order(mesh, &slots[process], process, &token).await, 200, "{process} {run}");
    }
    let (user, refused) = taken_away(run, &mesh.get(&uid).await, signed_in + 1);
    // From before the change is on its way, so that nothing is left out.
    let begun = Instant::now();
    mesh.put(&uid, &user).await;
    let until_refused = PROCESSES.map(|process| {
        let token = &token;
        async move {
            loop {
                let status = order(mesh, &slots[process], process, token).await;
                if status == refused {
                    return begun.elapsed();
                }
                assert_eq!(status, 200, "{process} {run}");
                assert!(begun.elapsed() < GIVES_UP, "{process} {run} still lets in");
                tokio::time::sleep(PAUSE).await;
            }
        }
    });
    let [first, second] = until_refused;
    let (first, second) = future::join(first, second).await;
    for process in PROCESSES {
        assert_eq!(order(mesh, &slots[process], process, &token).await, refused, "for good");
    }
    [first, second]
}

#[tokio::test]
async fn what_is_taken_away_is_gone_everywhere_within_seconds() {
    let mesh = Mesh::set_up("revocation", two_probes()).await;
    let slots = PROCESSES.map(|process| (process, Semaphore::new(SLOTS))).into();
    let runs = (0..RUNS).map(|number| run(&mesh, &slots, number));
    let took: Vec<_> = stream::iter(runs).buffer_unordered(AT_ONCE).collect().await;
    assert_eq!(took.len(), RUNS);
    for (place, process) in PROCESSES.into_iter().enumerate() {
        let mut took: Vec<_> = took.iter().map(|took| took[place]).collect();
        took.sort_unstable();
        // The nearest rank: of 200 runs the 198th.
        let at = |percent: usize| took[(RUNS * percent).div_ceil(100) - 1];
        println!("{process}: p50 {:?}, p99 {:?}, longest {:?}", at(50), at(99), at(100));
        assert!(at(99) <= GONE_WITHIN, "{process}: {:?}", at(99));
    }
}
