//! Many checks, several processes, and what outlives them.

use std::{collections::BTreeSet, path::PathBuf};

use model::{
    check::{CheckShard, CheckState},
    incident::Incident,
};
use testkit::{FunctionProcess, Mesh, event, free_port};

use super::{Watched, http, minute, put, tick};

/// Starts a second process of a function, in the first one's environment.
fn second_process(mesh: &Mesh, function: &str) -> FunctionProcess {
    let proc = PathBuf::from(format!("/proc/{}", mesh.function(function).id()));
    let environment = std::fs::read(proc.join("environ")).unwrap();
    let pairs = environment.split(|byte| *byte == 0).filter_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    let port = free_port();
    let mut environment: std::collections::BTreeMap<_, _> = pairs.collect();
    environment.insert("PORT".to_owned(), port.to_string());
    let program = std::fs::read_link(proc.join("exe")).unwrap();
    let log = std::env::temp_dir().join(format!("mesh-second-{}.log", mesh.project));
    FunctionProcess::start(&program, environment, port, &log)
}

#[tokio::test]
async fn two_ticks_at_once_on_two_processes_run_no_check_twice() {
    let mesh = Mesh::start("two-processes", &["destine-root"]).await;
    let second = second_process(&mesh, "destine-root");
    let watched = Watched::start().await;
    for number in 0..40 {
        let url = watched.url.replace("health", &format!("c{number}"));
        put(&mesh, &format!("c{number}"), http("one of many", &url)).await;
    }
    let token = mesh.delivery_token("destine-root");
    let urls = [mesh.function("destine-root").url(), second.url()];
    let deliver = |url: &str, at: u32| {
        let delivery = event::due(minute(at));
        let mut request = mesh
            .http
            .post(format!("{url}/events/check-due"))
            .bearer_auth(&token)
            .body(delivery.body);
        for (name, value) in delivery.headers {
            request = request.header(name, value);
        }
        request.send()
    };
    // The same tick, on both and twice.
    let answers =
        futures::future::join_all([0, 1, 0, 1].map(|process: usize| deliver(&urls[process], 0)));
    assert!(answers.await.into_iter().all(|answer| answer.unwrap().status() == 204));
    let asked = watched.asked();
    assert_eq!(asked.len(), 40);
    assert!(asked.values().all(|times| *times == 1), "{asked:?}");
    // Ticks that overlap: one waits for the other, or says that it is past.
    for round in 0..3 {
        let (early, late) = (1 + 2 * round, 2 + 2 * round);
        let answers = [deliver(&urls[0], early), deliver(&urls[1], late)];
        let answers = futures::future::join_all(answers).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 204));
    }
    let asked = watched.asked();
    let times: BTreeSet<_> = asked.values().copied().collect();
    assert_eq!(times.len(), 1, "each tick ran every check, or none: {asked:?}");
    assert!((4..=7).contains(times.first().unwrap()), "{times:?}");
}

#[tokio::test]
async fn what_is_remembered_outlives_the_process_and_moves_to_another() {
    let mut mesh = Mesh::start("cold-start", &["destine-root"]).await;
    let watched = Watched::start().await;
    let id = put(&mesh, "shop", http("Shop", &watched.url)).await;
    tick(&mesh, 0).await;
    watched.set(false);
    tick(&mesh, 1).await;
    mesh.function_mut("destine-root").kill();
    mesh.function_mut("destine-root").restart();
    // The client may find out only now that its connection is gone.
    let health = format!("{}/health", mesh.function("destine-root").url());
    while mesh.http.get(&health).send().await.is_err() {}
    tick(&mesh, 2).await;
    let incidents = mesh.all::<Incident>().await;
    assert_eq!(incidents.len(), 1, "the first failure was remembered");
    // Another process goes on, and the first one learns what happened meanwhile.
    let second = second_process(&mesh, "destine-root");
    watched.set(true);
    let delivery = event::due(minute(3));
    let mut request = mesh
        .http
        .post(format!("{}/events/check-due", second.url()))
        .bearer_auth(mesh.delivery_token("destine-root"));
    for (name, value) in delivery.headers {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.unwrap().status(), 204);
    tick(&mesh, 4).await;
    let check: model::check::Check = mesh.get(&id).await;
    assert_eq!((check.state, check.incident), (CheckState::Up, None));
    assert_eq!(mesh.all::<CheckShard>().await.len(), 1, "one document for the checks of a shard");
    mesh.assert_journal_agrees().await;
}
