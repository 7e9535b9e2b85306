//! An elevation ends on time, whatever the clocks say.
//!
//! The end of an elevation is an instant that iam-control's clock set. Who decides has a
//! clock of their own, which may be up to five seconds off. What is promised: the first
//! request at which the deciding clock shows the end, or later, is refused, without any
//! grace; so no elevation outlives its end by more than the clock is off, and none is cut
//! short by more than that.

use jiff::SignedDuration;
use model::{
    Permission, Role, Timestamp,
    access::{Session, UserState},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::{approve, tests::asked};
use crate::people::tests::{NOON, at, by, person};

const CASES: usize = 10_000;
const OFF_MAX_MICROS: i64 = 5_000_000;

fn micros(micros: i64) -> SignedDuration {
    SignedDuration::from_micros(micros)
}

#[test]
fn an_expired_elevation_is_refused_at_the_first_request_after_its_end() {
    let mut random = StdRng::seed_from_u64(20_261_123);
    let user = person(&[Role::Viewer]);
    assert_eq!(user.state, UserState::Active);
    for case in 0..CASES {
        let start = at(NOON).plus(micros(random.random_range(0..86_400_000_000)));
        let start = start.min(at("2026-11-24T11:49:59Z"));
        let minutes = random.random_range(15..=480);
        let grant = asked(Role::Treasurer, minutes);
        let both = approve(&grant, &user, &by("adam", false), start).expect("approved");
        let end = both.grant.expires_at.expect("it ends");
        let permission = Permission::GrantsRequest;
        let allowed = |clock: Timestamp| {
            let session = Session { authenticated_at: start, second_factor: false };
            both.user.decide(permission, session, clock).allows()
        };
        let off = random.random_range(-OFF_MAX_MICROS..=OFF_MAX_MICROS);
        let clock = |real: Timestamp| real.plus(micros(off));

        // By the deciding clock: allowed up to the last microsecond, refused from then on.
        let after = random.random_range(0..3_600_000_000);
        assert!(allowed(end.plus(micros(-1))), "case {case}");
        assert!(!allowed(end) && !allowed(end.plus(micros(after))), "case {case}");
        // By the real time: refused once the clock cannot be behind any more, allowed
        // while it cannot be ahead.
        let late = end.plus(micros(OFF_MAX_MICROS + after));
        assert!(!allowed(clock(late)), "case {case}: {off} µs off");
        let early = end.plus(micros(-OFF_MAX_MICROS - 1 - after.min(600_000_000)));
        assert!(allowed(clock(early)), "case {case}: {off} µs off");
    }
}
