//! What came of a run.

use model::check::Verdict;
use store::StoreError;

/// The longest text that is kept of a run.
const DETAIL_LENGTH_MAX: usize = 500;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it came to; `None` when it says nothing about what is watched.
    pub verdict: Option<Verdict>,
    /// What was seen, without addresses that may hold credentials.
    pub detail: String,
    /// How long it took.
    pub latency_ms: u64,
}

impl Answer {
    /// Makes an answer.
    pub fn new(verdict: Verdict, detail: impl Into<String>) -> Self {
        Self { verdict: Some(verdict), ..Self::unknown(detail) }
    }

    /// Makes an answer that says nothing about what is watched.
    pub fn unknown(detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if detail.len() > DETAIL_LENGTH_MAX {
            let end = (0..=DETAIL_LENGTH_MAX).rfind(|at| detail.is_char_boundary(*at));
            detail.truncate(end.unwrap_or(0));
        }
        Self { verdict: None, detail, latency_ms: 0 }
    }

    pub(super) fn good(detail: impl Into<String>) -> Self {
        Self::new(Verdict::Good, detail)
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(Verdict::Bad, detail)
    }

    /// Makes the answer when documents cannot be read: that is no news of what is watched.
    pub(super) fn unread(error: &StoreError) -> Self {
        Self::unknown(format!("documents cannot be read: {error}"))
    }

    /// Adds how long it took; a good answer that took longer than it may is slow.
    pub(super) fn timed(self, latency_ms: u64, degraded_above_ms: Option<u32>) -> Self {
        let late = degraded_above_ms.is_some_and(|bound| latency_ms > bound.into());
        if late && self.verdict == Some(Verdict::Good) {
            let detail = format!("{}, after {latency_ms} ms", self.detail);
            return Self { latency_ms, ..Self::new(Verdict::Slow, detail) };
        }
        Self { latency_ms, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_answer_that_comes_late_is_slow_and_a_bad_one_is_bad() {
        let verdict = |answer: Answer, bound| answer.timed(100, bound).verdict;
        assert_eq!(verdict(Answer::good("ok"), None), Some(Verdict::Good));
        assert_eq!(verdict(Answer::good("ok"), Some(100)), Some(Verdict::Good));
        assert_eq!(verdict(Answer::good("ok"), Some(99)), Some(Verdict::Slow));
        assert_eq!(verdict(Answer::bad("no"), Some(99)), Some(Verdict::Bad));
    }

    #[test]
    fn a_long_text_is_cut_between_letters() {
        let answer = Answer::bad("é".repeat(400));
        assert_eq!(answer.detail, "é".repeat(250));
    }
}
