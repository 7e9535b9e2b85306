//! Faults on purpose: what production does rarely, often enough to be seen.

use std::{fmt, str::FromStr, time::Duration};

/// Longest delay that may be asked for; a longer one looks like a hang.
const DELAY_MAX: Duration = Duration::from_secs(60);

/// Which faults to inject, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chaos {
    /// The share of deliveries that come twice.
    pub duplicate: f64,
    /// The share of deliveries that a later one of the same key overtakes.
    pub reorder: f64,
    /// The longest that an attempt is held back, at random.
    pub delay: Duration,
    /// The share of successes that are taken for failures.
    pub drop_ack: f64,
}

/// A part of a chaos description that is not one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChaos {
    /// No such fault.
    #[error("`{0}` is none of `duplicate=`, `reorder=`, `delay=`, `drop-ack=`")]
    Fault(String),
    /// Not a share.
    #[error("`{0}`: the share must be a number from 0 to 1, and below 1 for `drop-ack`")]
    Share(String),
    /// Not a delay.
    #[error("`{0}`: the delay must be milliseconds or seconds up to a minute, such as `200ms`")]
    Delay(String),
    /// Said twice.
    #[error("`{0}` repeats a fault")]
    Repeated(String),
}

impl FromStr for Chaos {
    type Err = InvalidChaos;

    /// Reads `duplicate=0.1,reorder=0.1,delay=200ms,drop-ack=0.05`; each part may be absent.
    fn from_str(text: &str) -> Result<Self, InvalidChaos> {
        let mut chaos = Self::default();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) =
                part.split_once('=').ok_or_else(|| InvalidChaos::Fault(part.to_owned()))?;
            if seen.contains(&name) {
                return Err(InvalidChaos::Repeated(part.to_owned()));
            }
            seen.push(name);
            let share = || {
                let share = value.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
                share.ok_or_else(|| InvalidChaos::Share(part.to_owned()))
            };
            match name {
                "duplicate" => chaos.duplicate = share()?,
                "reorder" => chaos.reorder = share()?,
                "delay" => {
                    let delay = delay(value).filter(|delay| *delay <= DELAY_MAX);
                    chaos.delay = delay.ok_or_else(|| InvalidChaos::Delay(part.to_owned()))?;
                }
                "drop-ack" => {
                    chaos.drop_ack = share()?;
                    // With every success dropped nothing would ever be done.
                    if chaos.drop_ack >= 1.0 {
                        return Err(InvalidChaos::Share(part.to_owned()));
                    }
                }
                _ => return Err(InvalidChaos::Fault(part.to_owned())),
            }
        }
        Ok(chaos)
    }
}

impl fmt::Display for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { duplicate, reorder, delay, drop_ack } = self;
        let delay = delay.as_millis();
        write!(f, "duplicate={duplicate},reorder={reorder},delay={delay}ms,drop-ack={drop_ack}")
    }
}

fn delay(text: &str) -> Option<Duration> {
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_in_any_order_and_part() {
        let all = "duplicate=0.1, reorder=1,delay=200ms,drop-ack=0.05".parse::<Chaos>();
        let all = all.expect("valid");
        assert_eq!((all.duplicate, all.reorder, all.drop_ack), (0.1, 1.0, 0.05));
        assert_eq!(all.delay, Duration::from_millis(200));
        assert_eq!(all.to_string().parse(), Ok(all), "what is shown can be read");
        assert_eq!("".parse(), Ok(Chaos::default()));
        assert_eq!("delay=2s".parse::<Chaos>().map(|c| c.delay), Ok(Duration::from_secs(2)));
    }

    #[test]
    fn a_mistake_is_named() {
        for (text, mistake) in [
            ("duplicate=0.1,noise=1", InvalidChaos::Fault("noise=1".into())),
            ("duplicate", InvalidChaos::Fault("duplicate".into())),
            ("duplicate=1.1", InvalidChaos::Share("duplicate=1.1".into())),
            ("reorder=-0.1", InvalidChaos::Share("reorder=-0.1".into())),
            ("reorder=NaN", InvalidChaos::Share("reorder=NaN".into())),
            ("drop-ack=1", InvalidChaos::Share("drop-ack=1".into())),
            ("delay=200", InvalidChaos::Delay("delay=200".into())),
            ("delay=61s", InvalidChaos::Delay("delay=61s".into())),
            ("delay=1s,delay=2s", InvalidChaos::Repeated("delay=2s".into())),
        ] {
            assert_eq!(text.parse::<Chaos>(), Err(mistake), "{text}");
        }
    }
}
