//! A document's timestamp is not too old.

use model::{Timestamp, check::StalenessProbe};
use store::Store;

use super::{Answer, Known};

pub(super) async fn read(store: &Store, probe: &StalenessProbe, known: &Known) -> Answer {
    match store.time(&probe.document, &probe.field).await {
        Ok(written) => judge(probe, written, known.at),
        Err(error) => Answer::unread(&error),
    }
}

fn judge(probe: &StalenessProbe, written: Option<Timestamp>, now: Timestamp) -> Answer {
    let Some(written) = written else {
        let StalenessProbe { document, field, .. } = probe;
        return Answer::bad(format!("`{document}` has no timestamp `{field}`"));
    };
    let age = now.duration_since(*written).as_secs().max(0);
    let words = format!("{age} s old");
    if age <= i64::from(probe.age_max_seconds) { Answer::good(words) } else { Answer::bad(words) }
}

#[cfg(test)]
mod tests {
    use model::check::Verdict;

    use super::*;

    #[test]
    fn what_is_older_than_its_bound_is_stale() {
        let at = |text: &str| text.parse::<Timestamp>().expect("valid");
        let probe = StalenessProbe {
            document: "log_checkpoints/latest".into(),
            field: "signed_at".into(),
            age_max_seconds: 60,
        };
        let verdict = |written| judge(&probe, written, at("2026-11-23T12:01:00Z")).verdict;
        assert_eq!(verdict(Some(at("2026-11-23T12:00:00Z"))), Some(Verdict::Good));
        assert_eq!(verdict(Some(at("2026-11-23T11:59:59Z"))), Some(Verdict::Bad));
        assert_eq!(verdict(Some(at("2026-11-23T12:02:00Z"))), Some(Verdict::Good));
        assert_eq!(verdict(None), Some(Verdict::Bad));
    }
}
