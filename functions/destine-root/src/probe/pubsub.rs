//! A subscription's messages are taken in time.

use jiff::Timestamp;
use model::check::PubsubProbe;

use super::Answer;
use crate::monitoring::{Monitoring, MonitoringError};

/// Seconds that the oldest message waits.
const AGE: &str = "oldest_unacked_message_age";
/// Messages that wait.
const BACKLOG: &str = "num_undelivered_messages";

pub(super) async fn read(monitoring: &Monitoring, probe: &PubsubProbe) -> Answer {
    match measured(monitoring, &probe.subscription).await {
        Ok((Some(age), Some(backlog))) => judge(probe, age, backlog),
        // A name that does not exist looks the same, so this is not good news.
        Ok(_) => Answer::unknown(format!("nothing was measured of `{}`", probe.subscription)),
        Err(error) => Answer::unknown(error.to_string()),
    }
}

async fn measured(
    monitoring: &Monitoring,
    subscription: &str,
) -> Result<(Option<i64>, Option<i64>), MonitoringError> {
    let now = Timestamp::now();
    tokio::try_join!(
        monitoring.of_subscription(AGE, subscription, now),
        monitoring.of_subscription(BACKLOG, subscription, now),
    )
}

fn judge(probe: &PubsubProbe, age: i64, backlog: i64) -> Answer {
    let detail = format!("{backlog} messages wait, the oldest for {age} s");
    let many = probe.backlog_max.is_some_and(|most| backlog > most.into());
    if many || age > probe.age_max_seconds.into() {
        Answer::bad(detail)
    } else {
        Answer::good(detail)
    }
}

#[cfg(test)]
mod tests {
    use model::check::Verdict;

    use super::*;

    #[test]
    fn a_message_may_wait_for_so_long_and_so_many_may_wait() {
        let judge = |backlog_max, age, backlog| {
            let probe =
                PubsubProbe { subscription: "s.t".into(), age_max_seconds: 60, backlog_max };
            judge(&probe, age, backlog).verdict
        };
        assert_eq!(judge(None, 60, 1_000_000), Some(Verdict::Good));
        assert_eq!(judge(None, 61, 1), Some(Verdict::Bad));
        assert_eq!(judge(Some(10), 0, 10), Some(Verdict::Good));
        assert_eq!(judge(Some(10), 0, 11), Some(Verdict::Bad));
    }
}
