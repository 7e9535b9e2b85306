use std::str::FromStr;

use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};

use crate::TraceContext;

/// Which traces are recorded: those that somebody upstream decided to record, and of the others
/// a share.
///
/// The share is taken by the trace's id, as OpenTelemetry's `TraceIdRatioBased` does, so that
/// every function with the same ratio decides the same for a trace, however it came by it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sampling(Option<f64>);

/// Why a text is no ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARatio;

impl std::fmt::Display for NotARatio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("must be a number from 0 to 1")
    }
}

impl FromStr for Sampling {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        ratio.map(|ratio| Self(Some(ratio))).ok_or(NotARatio)
    }
}

impl Sampling {
    /// Marks a trace as recorded if it is in the share. What it causes learns of it by the flag.
    #[must_use]
    pub fn decide(self, trace: TraceContext) -> TraceContext {
        TraceContext { sampled: trace.sampled || self.takes(trace.trace), ..trace }
    }

    fn takes(self, trace: u128) -> bool {
        let Some(ratio) = self.0 else { return false };
        let id = TraceId::from(trace);
        let sampler = Sampler::TraceIdRatioBased(ratio);
        // The sampler looks at nothing but the id.
        let taken = sampler.should_sample(None, id, "", &SpanKind::Internal, &[], &[]);
        taken.decision == SamplingDecision::RecordAndSample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampling(text: &str) -> Sampling {
        text.parse().expect("a ratio")
    }

    #[test]
    fn a_ratio_is_a_number_from_0_to_1() {
        for good in ["0", "1", "0.1", "1.0", "1e-3"] {
            assert!(good.parse::<Sampling>().is_ok(), "{good}");
        }
        for bad in ["", "on", "-0.1", "1.01", "10%", "NaN", "inf", " 1"] {
            assert_eq!(bad.parse::<Sampling>(), Err(NotARatio), "{bad}");
        }
    }

    #[test]
    fn what_was_decided_upstream_stays_and_the_share_of_the_rest_is_taken() {
        let taken = |sampling: Sampling| {
            let traces = (0..10_000).map(|_| TraceContext::random());
            traces.filter(|trace| sampling.decide(*trace).sampled()).count()
        };
        assert_eq!(taken(Sampling::default()), 0, "off");
        assert_eq!(taken(sampling("0")), 0);
        assert_eq!(taken(sampling("1")), 10_000);
        let tenth = taken(sampling("0.1"));
        assert!((800..1200).contains(&tenth), "{tenth}");

        let decided = TraceContext { sampled: true, ..TraceContext::random() };
        for upstream in [Sampling::default(), sampling("0")] {
            assert_eq!(upstream.decide(decided), decided);
        }
    }

    #[test]
    fn every_function_decides_the_same_for_a_trace() {
        let half = sampling("0.5");
        for _ in 0..1_000 {
            let trace = TraceContext::random();
            assert_eq!(half.decide(trace).sampled(), half.decide(trace.child()).sampled());
        }
    }
}
