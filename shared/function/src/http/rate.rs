//! How much one caller may ask of one route.

use std::{num::NonZeroU32, sync::Arc};

use governor::{Quota, RateLimiter, clock::Clock, state::keyed::DefaultKeyedStateStore};
use problem::Code;

use super::HttpError;
use crate::Environment;

/// What one caller may ask of one route in the long run: quicker than anybody clicks.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// What one caller may ask of one route at once: a page that opens every list it has.
const BURST: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
/// How many pairs of caller and route are watched before idle ones are forgotten.
const WATCHED_MAX: usize = 50_000;

/// Who asks for what: the caller as the journal names them, and the route.
type Key = (String, String);

/// Bounds what each caller asks of each route of this instance.
///
/// It protects the instance and what is behind it from one caller who has gone wrong;
/// the bound on the whole is Cloud Run's, by concurrency and instances.
#[derive(Clone)]
pub(crate) struct Rate(
    Arc<RateLimiter<Key, DefaultKeyedStateStore<Key>, governor::clock::DefaultClock>>,
);

impl Rate {
    /// Reads `MESH_RATE_PER_SECOND` and `MESH_RATE_BURST`, where they are set.
    ///
    /// # Errors
    /// Every variable that is no number above zero.
    pub(crate) fn read(environment: &Environment) -> Result<Self, Vec<String>> {
        let mut mistakes = Vec::new();
        let mut number = |name: &str, otherwise| match environment.get(name).map(str::parse) {
            None => otherwise,
            Some(Ok(number)) => number,
            Some(Err(_)) => {
                mistakes.push(format!("{name}: must be a whole number above zero"));
                otherwise
            }
        };
        let per_second = number("MESH_RATE_PER_SECOND", PER_SECOND);
        let burst = number("MESH_RATE_BURST", BURST);
        let quota = Quota::per_second(per_second).allow_burst(burst);
        if mistakes.is_empty() {
            Ok(Self(Arc::new(RateLimiter::keyed(quota))))
        } else {
            Err(mistakes)
        }
    }

    /// Lets a request through, or says when to come again.
    pub(crate) fn check(&self, caller: &str, route: &str) -> Result<(), HttpError> {
        if self.0.len() > WATCHED_MAX {
            self.0.retain_recent();
        }
        let key = (caller.to_owned(), route.to_owned());
        self.0.check_key(&key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.0.clock().now());
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            let detail = format!("too many requests to `{route}`; try again in {seconds} s");
            HttpError::later(Code::ResourceExhausted, &detail, seconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(pairs: [(&str, &str); 2]) -> Result<Rate, Vec<String>> {
        Rate::read(&Environment::of(pairs))
    }

    #[test]
    fn each_caller_and_each_route_has_a_budget_of_its_own() {
        let rate = rate([("MESH_RATE_PER_SECOND", "1"), ("MESH_RATE_BURST", "2")]).expect("valid");
        for (caller, route) in [("ada", "/a"), ("ada", "/b"), ("bob", "/a")] {
            assert!(rate.check(caller, route).is_ok());
            assert!(rate.check(caller, route).is_ok());
            let refusal = rate.check(caller, route).expect_err("used up");
            assert_eq!(refusal.code(), "RESOURCE_EXHAUSTED");
        }
    }

    #[test]
    fn a_rate_that_is_no_number_is_refused() {
        for wrong in ["0", "-1", "fast", "1.5"] {
            let refused = rate([("MESH_RATE_PER_SECOND", wrong), ("MESH_RATE_BURST", wrong)]);
            assert_eq!(refused.err().map(|mistakes| mistakes.len()), Some(2), "{wrong}");
        }
    }
}
