//! How fast an error budget is spent.
//!
//! Source: <https://sre.google/workbook/alerting-on-slos/>, table 5-8: two windows each,
//! so that it fires soon, and ends soon.

use model::{Timestamp, check::Verdict};
use serde::{Deserialize, Serialize};

/// A pair of windows, and how much faster than allowed the budget may be spent.
struct Alert {
    /// In tenths.
    rate_tenths: u64,
    long: Window,
    short: Window,
    verdict: Verdict,
    words: &'static str,
}

#[derive(Clone, Copy)]
enum Window {
    Minutes(i64),
    FiveMinutes(i64),
    Hours(i64),
}

const ALERTS: [Alert; 3] = [
    Alert {
        rate_tenths: 144,
        long: Window::Minutes(60),
        short: Window::Minutes(5),
        verdict: Verdict::Bad,
        words: "14.4 times too fast for an hour",
    },
    Alert {
        rate_tenths: 60,
        long: Window::FiveMinutes(72),
        short: Window::Minutes(30),
        verdict: Verdict::Bad,
        words: "6 times too fast for 6 hours",
    },
    Alert {
        rate_tenths: 10,
        long: Window::Hours(72),
        short: Window::FiveMinutes(72),
        verdict: Verdict::Slow,
        words: "too fast for 3 days",
    },
];

/// Good and bad runs of the last three days: by the minute for an hour, by five minutes for
/// six hours, by the hour for three days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    minutes: Buckets<60>,
    five_minutes: Buckets<72>,
    hours: Buckets<72>,
}

/// The newest buckets, oldest first; at most `KEPT`, and none that is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Buckets<const KEPT: i64>(Vec<Bucket>);

/// A bucket's number since the epoch, its runs, and how many of them were bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket(i64, u32, u32);

impl<const KEPT: i64> Buckets<KEPT> {
    fn count(&mut self, number: i64, bad: bool) {
        self.0.retain(|bucket| bucket.0 > number - KEPT);
        if self.0.last().is_none_or(|last| last.0 < number) {
            self.0.push(Bucket(number, 0, 0));
        }
        if let Some(last) = self.0.last_mut() {
            last.1 = last.1.saturating_add(1);
            last.2 = last.2.saturating_add(u32::from(bad));
        }
    }

    fn sum(&self, newest: i64, buckets: i64) -> (u64, u64) {
        let within = |bucket: &&Bucket| bucket.0 > newest - buckets && bucket.0 <= newest;
        self.0.iter().filter(within).fold((0, 0), |(all, bad), bucket| {
            (all + u64::from(bucket.1), bad + u64::from(bucket.2))
        })
    }
}

impl Counts {
    /// Counts a run. Slow runs are good ones: the objective is that it answers.
    pub fn count(&mut self, verdict: Verdict, at: Timestamp) {
        let (second, bad) = (at.as_second(), verdict == Verdict::Bad);
        self.minutes.count(second.div_euclid(60), bad);
        self.five_minutes.count(second.div_euclid(300), bad);
        self.hours.count(second.div_euclid(3600), bad);
    }

    fn sum(&self, window: Window, now: Timestamp) -> (u64, u64) {
        let second = now.as_second();
        match window {
            Window::Minutes(count) => self.minutes.sum(second.div_euclid(60), count),
            Window::FiveMinutes(count) => self.five_minutes.sum(second.div_euclid(300), count),
            Window::Hours(count) => self.hours.sum(second.div_euclid(3600), count),
        }
    }

    /// Judges how fast the budget of an objective is spent; `None` when there were no runs
    /// within the last hour.
    #[must_use]
    pub fn judge(&self, target_ppm: u32, now: Timestamp) -> Option<(Verdict, String)> {
        let (runs, bad) = self.sum(Window::Minutes(60), now);
        if runs == 0 {
            return None;
        }
        let budget_ppm = u64::from(1_000_000_u32.saturating_sub(target_ppm).max(1));
        // bad / runs >= rate x budget, without fractions.
        let spent = |window, rate_tenths: u64| {
            let (runs, bad) = self.sum(window, now);
            runs > 0 && bad * 10_000_000 >= rate_tenths * budget_ppm * runs && bad > 0
        };
        let fired = ALERTS.iter().find(|alert| {
            spent(alert.long, alert.rate_tenths) && spent(alert.short, alert.rate_tenths)
        });
        Some(match fired {
            Some(alert) => (alert.verdict, format!("the error budget is spent {}", alert.words)),
            None => (Verdict::Good, format!("{bad} of {runs} runs of the last hour were bad")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        jiff::Timestamp::from_second(1_790_000_000 + 60 * minute).expect("in range").into()
    }

    /// Counts a run each minute, of which each `every`-th is bad (0: none).
    fn run(counts: &mut Counts, minutes: std::ops::Range<i64>, every: i64) {
        for minute in minutes {
            let bad = every > 0 && minute % every == 0;
            counts.count(if bad { Verdict::Bad } else { Verdict::Good }, at(minute));
        }
    }

    fn verdict(counts: &Counts, minute: i64) -> Option<Verdict> {
        counts.judge(990_000, at(minute)).map(|(verdict, _)| verdict)
    }

    #[test]
    fn a_budget_that_is_spent_fast_is_bad_and_one_that_is_spent_slowly_is_slow() {
        let mut counts = Counts::default();
        assert_eq!(verdict(&counts, 0), None, "nobody knows");
        run(&mut counts, 0..4320, 0);
        assert_eq!(verdict(&counts, 4319), Some(Verdict::Good));
        // A fifth is 20 times 1 %; the hour needs 14.4 % before both windows agree.
        let mut fast = counts.clone();
        run(&mut fast, 4320..4380, 5);
        assert_eq!(verdict(&fast, 4379), Some(Verdict::Bad));
        // It ends soon after the cause does, because the short window is clean.
        run(&mut fast, 4380..4386, 0);
        assert_ne!(verdict(&fast, 4385), Some(Verdict::Bad));
        // A twelfth is 8.3 times: bad after six hours, not after one.
        let mut steady = counts.clone();
        run(&mut steady, 4320..4380, 12);
        assert_eq!(verdict(&steady, 4379), Some(Verdict::Good));
        run(&mut steady, 4380..4680, 12);
        assert_eq!(verdict(&steady, 4679), Some(Verdict::Bad));
        // A fiftieth is twice what is allowed: a ticket after three days.
        let mut creeping = Counts::default();
        run(&mut creeping, 0..4320, 50);
        assert_eq!(verdict(&creeping, 4319), Some(Verdict::Slow));
        // A two-hundredth is half of it.
        let mut fine = Counts::default();
        run(&mut fine, 0..4320, 200);
        assert_eq!(verdict(&fine, 4319), Some(Verdict::Good));
        assert_eq!(verdict(&fine, 4319 + 61), None, "there is no news");
    }

    #[test]
    fn counts_are_bounded() {
        let mut counts = Counts::default();
        run(&mut counts, 0..100_000, 3);
        let Counts { minutes, five_minutes, hours } = &counts;
        assert_eq!((minutes.0.len(), five_minutes.0.len(), hours.0.len()), (60, 72, 72));
        assert!(serde_json::to_string(&counts).expect("serializes").len() < 5000);
    }
}
