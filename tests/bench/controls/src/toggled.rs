//! How soon an override is in force in every instance.

use std::time::{Duration, Instant};

use model::{
    Actor, ControlName, OverrideId, Timestamp, Uid,
    control::{Ack, Control},
    operator_override::{Approval, Change, Effect, Override, Policy, Said, Scope},
};
use store::Query;
use testkit::{Mesh, Setup};

use crate::percentile;

/// destine-root and eleven others.
const INSTANCES: usize = 12;
const LOOK_EVERY: Duration = Duration::from_millis(5);
const WITHIN: Duration = Duration::from_secs(30);

/// Approves and lifts overrides in turn, and measures each from when it was saved to when
/// the last instance applied it: both are instants of this machine's clock.
pub async fn measure(toggles: usize) {
    let manifest = include_str!("../../../../functions/firebase-proxy/function.yaml");
    let program = std::env::current_exe().unwrap_or_default().with_file_name("firebase-proxy");
    let others = (1..INSTANCES).map(|number| {
        let name = format!("name: proxy-{number}");
        (program.clone(), manifest.replace("name: firebase-proxy", &name))
    });
    let setup = Setup {
        functions: vec!["destine-root".into()],
        programs: others.collect(),
        ..Setup::default()
    };
    let mesh = Mesh::set_up("bench-controls", setup).await;
    let name = ControlName::new("trading");
    let mut times = Vec::with_capacity(toggles);
    let mut epoch = 0;
    while times.len() < toggles {
        let id = OverrideId::new(format!("toggle-{}", times.len()));
        for halt in [true, false] {
            let saved = save(&mesh, &id, halt).await;
            epoch += 1;
            match in_force(&mesh, &name, epoch).await {
                Some(last) => {
                    let took = last.duration_since(*saved).unsigned_abs();
                    times.push(took);
                }
                None => {
                    eprintln!("toggle {} was not applied within {WITHIN:?}", times.len());
                    return;
                }
            }
        }
    }
    let control: Control = mesh.get(&name).await;
    assert_eq!(control.epoch, epoch, "each toggle is one version");
    let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| percentile(&mut times, share));
    println!(
        "override saved to applied and acknowledged by {INSTANCES} instances, {} toggles: p50 {p50:?}, p90 {p90:?}, p99 {p99:?}, most {:?}",
        times.len(),
        times[times.len() - 1]
    );
}

/// Saves an approved override, or that it shall end; returns when that began.
async fn save(mesh: &Mesh, id: &OverrideId, halt: bool) -> Timestamp {
    let now = Timestamp::from(jiff::Timestamp::now());
    let document = match halt {
        true => {
            let change = Change {
                control: ControlName::new("trading"),
                effect: Effect::Pause,
                scope: Scope::Global,
                minutes: None,
                reason: "measured".into(),
            };
            let by = Actor::Person { uid: Uid::new("oscar"), email: None };
            let asked = Override::ask(id, change, by, Policy::of_mesh(), now);
            let hash = asked.hash.clone();
            let consent = Approval { by: Uid::new("opal"), at: now, hash, signed_in_at: now };
            asked.approve(consent, now).expect("approved")
        }
        false => {
            let said =
                Said { by: Actor::service("bench@mesh"), at: now, reason: "measured".into() };
            mesh.get::<Override>(id).await.ask_lift(said).expect("in force")
        }
    };
    mesh.put(id, &document).await;
    now
}

/// Waits until every instance applies a version; returns when the last one did.
async fn in_force(mesh: &Mesh, name: &ControlName, epoch: u64) -> Option<Timestamp> {
    let started = Instant::now();
    while started.elapsed() < WITHIN {
        let page = mesh.store.list(&Query::<Ack>::below(name)).await.ok()?;
        let applied = page.items.iter().filter(|ack| ack.document.epoch >= epoch);
        let at: Vec<_> = applied.map(|ack| ack.updated_at).collect();
        if at.len() >= INSTANCES {
            return at.into_iter().max();
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    None
}
