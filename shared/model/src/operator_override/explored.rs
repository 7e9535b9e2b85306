//! Every short history of overrides, and a million long ones: in none of them is there a
//! state that must not be.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use jiff::SignedDuration;

use super::{Approval, Change, Controls, Effect, Override, OverrideState, Policy, Said, Scope};
use crate::{
    Actor, ControlName, OverrideId, Timestamp, Uid,
    control::{ControlState, Target},
};

/// Four modules: one that must not be touched, two of which one must be left, and one
/// without which nothing may be forced.
const POLICY: &str = "
controls:
  trading: { summary: a., max_age_seconds: 1, fails: closed }
  sales:   { summary: b., max_age_seconds: 1, fails: closed }
  forcing: { summary: c., max_age_seconds: 1, fails: closed }
approvals:
  kill:      { global: 2 }
  pause:     { global: 1 }
  drain:     { global: 1 }
  read_only: { global: 1 }
  throttle:  { global: 1 }
  force:     { global: 2 }
rules:
  - { name: protected, protected: [root] }
  - { name: one-is-left, assertion: { of: [trading, sales], at_least: 1 } }
  - { name: master, gating: { kinds: [force], while_enabled: forcing } }
  - { name: slowly, interval: { kinds: [force], seconds: 60 }, emergency: true }
  - { name: not-all, blast_radius: { percent_max: 67 }, emergency: true }
automatic: []
";
const MODULES: [&str; 4] = ["trading", "sales", "forcing", "root"];
const PEOPLE: [&str; 3] = ["olivia", "ben", "cleo"];
const REQUESTER: usize = 0;

fn effects() -> [Effect; 6] {
    [
        Effect::Kill,
        Effect::Pause,
        Effect::Drain,
        Effect::ReadOnly,
        Effect::Throttle { per_second: 5 },
        Effect::Force { value: "x".into() },
    ]
}

/// What somebody does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Ask {
        module: usize,
        effect: usize,
        alone: bool,
    },
    Approve {
        which: usize,
        person: usize,
    },
    Reject {
        which: usize,
        person: usize,
    },
    Withdraw {
        which: usize,
        person: usize,
    },
    Lift {
        which: usize,
    },
    Confirm {
        which: usize,
    },
    Wait {
        minutes: i64,
    },
    /// destine-root carries out what is to be done about one override.
    Step {
        which: usize,
    },
}

/// The rules, and what takes long to find out and is the same in many histories.
struct Known {
    policy: Policy,
    asked: RefCell<HashMap<(usize, usize, usize), Override>>,
    proven: RefCell<HashSet<u64>>,
}

impl Known {
    fn new() -> Self {
        let policy = serde_saphyr::from_str(POLICY).expect("a policy");
        Self { policy, asked: RefCell::default(), proven: RefCell::default() }
    }

    fn asked(&self, place: usize, module: usize, effect: usize, now: Timestamp) -> Override {
        let mut asked = self.asked.borrow_mut();
        let known = asked.entry((place, module, effect)).or_insert_with(|| {
            let change = Change {
                control: ControlName::new(MODULES[module]),
                effect: effects()[effect].clone(),
                scope: Scope::Global,
                minutes: None,
                reason: "because".into(),
            };
            let requester = Actor::Person { uid: Uid::new(PEOPLE[REQUESTER]), email: None };
            Override::ask(&name(place), change, requester, &self.policy, now)
        });
        Override { requested_at: now, ..known.clone() }
    }

    fn check_proven(&self, id: &OverrideId, one: &Override, key: u64) {
        if self.proven.borrow_mut().insert(key) {
            assert_eq!(one.proven(id), Ok(()), "{id}");
        }
    }
}

fn name(place: usize) -> OverrideId {
    OverrideId::new(format!("o{place}"))
}

fn key(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// An override, shared by all worlds in which it is the same.
struct Held {
    id: OverrideId,
    one: Override,
    key: u64,
}

impl Held {
    fn new(id: OverrideId, one: Override) -> Rc<Self> {
        let key = key(&(&id, &one));
        Rc::new(Self { id, one, key })
    }
}

#[derive(Clone)]
struct World {
    now: Timestamp,
    overrides: Vec<Rc<Held>>,
    controls: Rc<Controls>,
}

impl World {
    fn new() -> Self {
        let now = "2026-11-23T12:00:00Z".parse().expect("valid");
        Self { now, overrides: Vec::new(), controls: Rc::new(BTreeMap::new()) }
    }

    fn key(&self) -> u64 {
        let overrides: Vec<_> = self.overrides.iter().map(|held| held.key).collect();
        key(&(self.now, overrides, &self.controls))
    }

    /// Does something, or refuses to, as the API and destine-root do.
    fn after(mut self, deed: Deed, known: &Known) -> Self {
        let (now, person) = (self.now, |number: usize| Uid::new(PEOPLE[number]));
        let said = |number: usize| Said {
            by: Actor::Person { uid: person(number), email: None },
            at: now,
            reason: "because".into(),
        };
        let of = |which: usize| self.overrides[which].one.clone();
        let (which, changed) = match deed {
            Deed::Ask { module, effect, alone } => {
                let place = self.overrides.len();
                let asked = known.asked(place, module, effect, now);
                let asked = if alone { asked.in_emergency() } else { asked };
                self.overrides.push(Held::new(name(place), asked));
                return self;
            }
            Deed::Wait { minutes } => {
                self.now = now.plus(SignedDuration::from_mins(minutes));
                return self;
            }
            Deed::Step { which } => {
                self.step(which, &known.policy);
                return self;
            }
            Deed::Approve { which, person: number } => {
                let hash = self.overrides[which].one.hash.clone();
                let approval = Approval { by: person(number), at: now, hash, signed_in_at: now };
                (which, of(which).approve(approval, now))
            }
            Deed::Reject { which, person: number } => {
                (which, of(which).reject(&person(number), said(number)))
            }
            Deed::Withdraw { which, person: number } => {
                (which, of(which).withdraw(&person(number), said(number)))
            }
            Deed::Lift { which } => (which, of(which).ask_lift(said(1))),
            Deed::Confirm { which } => (which, of(which).confirm(said(1), now)),
        };
        if let Ok(changed) = changed {
            self.put(which, changed);
        }
        self
    }

    fn put(&mut self, which: usize, one: Override) {
        self.overrides[which] = Held::new(self.overrides[which].id.clone(), one);
    }

    fn step(&mut self, which: usize, policy: &Policy) {
        let held = Rc::clone(&self.overrides[which]);
        let name = &held.one.change.control;
        let others = self.in_force(name).len();
        if let Some(next) = held.one.step(&held.id, others, &self.controls, policy, self.now) {
            for (place, older) in self.in_force(name) {
                if next.state == OverrideState::Active && next.supersedes(&older.one) {
                    self.put(place, older.one.clone().superseded(&held.id, self.now));
                }
            }
            self.put(which, next);
        }
        let control = self.controls.get(name).cloned().unwrap_or_default();
        let in_force = self.in_force(name).into_iter();
        let in_force: Vec<_> = in_force.map(|(_, of)| (of.id.clone(), of.one.clone())).collect();
        if let Some(next) = control.restricted(&in_force, "because", self.now) {
            Rc::make_mut(&mut self.controls).insert(name.clone(), next);
        }
    }

    fn in_force(&self, name: &ControlName) -> Vec<(usize, Rc<Held>)> {
        let of = |held: &Held| {
            held.one.change.control == *name && held.one.state == OverrideState::Active
        };
        let all = self.overrides.iter().enumerate().filter(|(_, held)| of(held));
        all.map(|(place, held)| (place, Rc::clone(held))).collect()
    }

    /// Whatever could be done next.
    fn deeds(&self, overrides_max: usize) -> Vec<Deed> {
        let mut deeds = vec![Deed::Wait { minutes: 16 }, Deed::Wait { minutes: 24 * 60 }];
        if self.overrides.len() < overrides_max {
            for module in 0..MODULES.len() {
                for effect in 0..effects().len() {
                    deeds.push(Deed::Ask { module, effect, alone: false });
                    deeds.push(Deed::Ask { module, effect, alone: true });
                }
            }
        }
        for which in 0..self.overrides.len() {
            for person in 0..PEOPLE.len() {
                deeds.push(Deed::Approve { which, person });
            }
            deeds.push(Deed::Reject { which, person: 1 });
            deeds.push(Deed::Withdraw { which, person: REQUESTER });
            deeds.extend([Deed::Lift { which }, Deed::Confirm { which }, Deed::Step { which }]);
        }
        deeds
    }

    /// Checks everything that must hold, whatever happened.
    fn check(&self, known: &Known) {
        for Held { id, one, key } in self.overrides.iter().map(Rc::as_ref) {
            let requester = one.approvals.iter().any(|approval| one.requested_by.is(&approval.by));
            assert!(!requester, "{id} was approved by its requester");
            if one.state != OverrideState::Active {
                continue;
            }
            known.check_proven(id, one, *key);
            assert_ne!(one.change.control.as_str(), "root", "what is protected was restricted");
            let begun = one.confirmed.as_ref().map(|said| said.at).or(one.activated_at);
            let (begun, until) = (begun.expect("began"), one.until.expect("ends"));
            assert!(until <= begun.plus(SignedDuration::from_hours(24)), "{id} has no end");
            let lifted = one.clone().ask_lift(Said {
                by: Actor::service("anybody"),
                at: self.now,
                reason: "undo".into(),
            });
            let lifted = lifted.expect("can be undone");
            let lifted =
                lifted.step(id, 0, &self.controls, &known.policy, self.now).expect("is undone");
            assert_eq!(lifted.state, OverrideState::Lifted);
        }
        let halted = |name: &str| {
            let control = self.controls.get(&ControlName::new(name));
            control.is_some_and(|of| {
                of.decide(Target::default(), self.now).state == ControlState::Halted
            })
        };
        assert!(!(halted("trading") && halted("sales")), "none is left");
        assert!(self.controls.values().all(|of| of.restrictions.len() <= self.overrides.len()));
        for control in self.controls.values() {
            let after = self.now.plus(SignedDuration::from_hours(25));
            assert_eq!(control.decide(Target::default(), after).by, None, "something never ends");
        }
    }
}

#[test]
fn no_short_history_leads_where_nothing_may_be() {
    let known = Known::new();
    let (mut seen, mut open) = (HashSet::new(), VecDeque::from([(World::new(), 0)]));
    while let Some((world, depth)) = open.pop_front() {
        world.check(&known);
        if depth == DEEDS_MAX {
            continue;
        }
        for deed in world.deeds(2) {
            let next = world.clone().after(deed, &known);
            if seen.insert(next.key()) {
                open.push_back((next, depth + 1));
            }
        }
    }
    assert!(seen.len() > 900_000, "only {} states were reached", seen.len());
}

/// Two overrides in force, one of them with others' consent: asked, approved and carried
/// out; done alone and carried out.
const DEEDS_MAX: usize = 5;

#[test]
fn no_long_history_leads_where_nothing_may_be() {
    let known = Known::new();
    // The same histories on every run; xorshift64* is random enough to choose deeds.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let drawn = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).expect("31 bits") % below
    };
    let (mut active, mut failed) = (0, 0);
    for _ in 0..HISTORIES {
        let mut world = World::new();
        for _ in 0..HISTORY_DEEDS {
            let deeds = world.deeds(4);
            // Asking has the most variants; what follows is as likely.
            let asks = deeds.iter().filter(|deed| matches!(deed, Deed::Ask { .. })).count();
            let place = match asks > 0 && random(4) == 0 {
                true => 2 + random(asks),
                false => {
                    let other = random(deeds.len() - asks);
                    if other < 2 { other } else { other + asks }
                }
            };
            world = world.after(deeds[place], &known);
            world.check(&known);
        }
        let ended = |state| world.overrides.iter().filter(|held| held.one.state == state).count();
        active += ended(OverrideState::Active);
        failed += ended(OverrideState::Failed);
    }
    assert!(active > 0 && failed > 0, "{active} active, {failed} failed: nothing was shown");
}

/// Together a million.
const HISTORIES: usize = 40_000;
const HISTORY_DEEDS: usize = 25;
