//! The median of any number of durations, in a bounded place.

/// Steps between a power of two and the next: what is told is at most an eighth too small.
const STEPS: u64 = 8;
/// The largest power of two that is told apart, in milliseconds: 18 hours.
const POWER_MAX: u32 = 26;
/// Below [`STEPS`] each millisecond has a place, and above each step of each power.
const PLACES: usize = (STEPS + STEPS * (POWER_MAX as u64 - 2)) as usize;

/// How many durations there were of about which length.
pub(super) struct Median {
    counts: Box<[u32; PLACES]>,
    all: u32,
}

impl Default for Median {
    fn default() -> Self {
        Self { counts: Box::new([0; PLACES]), all: 0 }
    }
}

impl Median {
    pub(super) fn add(&mut self, ms: u64) {
        let count = &mut self.counts[place(ms)];
        *count = count.saturating_add(1);
        self.all = self.all.saturating_add(1);
    }

    /// Returns the median, to an eighth; `None` when there were none.
    pub(super) fn of_all(&self) -> Option<u64> {
        let mut left = self.all.div_ceil(2);
        let found = self.counts.iter().position(|count| {
            left = left.saturating_sub(*count);
            left == 0 && self.all > 0
        });
        found.map(least)
    }
}

fn place(ms: u64) -> usize {
    let power = ms.checked_ilog2().unwrap_or(0);
    let place = match power {
        0..3 => ms,
        _ if power > POWER_MAX => PLACES as u64 - 1,
        _ => STEPS * u64::from(power - 2) + ((ms >> (power - 3)) & (STEPS - 1)),
    };
    usize::try_from(place).expect("a place is small")
}

/// Returns the least duration of a place.
fn least(place: usize) -> u64 {
    let place = place as u64;
    let (power, step) = (place / STEPS, place % STEPS);
    if power == 0 { step } else { (STEPS + step) << (power - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(durations: &[u64]) -> Option<u64> {
        let mut median = Median::default();
        durations.iter().for_each(|ms| median.add(*ms));
        median.of_all()
    }

    #[test]
    fn the_median_is_told_to_an_eighth() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[0]), Some(0));
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[1, 2, 3, 4]), Some(2));
        for ms in [8, 9, 15, 16, 17, 100, 1_000, 60_000, 86_400_000] {
            let told = median(&[ms]).expect("one");
            assert!(told <= ms && ms - told <= ms / 8, "{ms} is told as {told}");
        }
    }

    #[test]
    fn no_duration_is_without_a_place() {
        let mut last = 0;
        for power in 0..64 {
            for ms in [1_u64 << power, (1_u64 << power) + (1_u64 << power) / 2] {
                let place = place(ms);
                assert!(place >= last && place < PLACES, "{ms}: {place}");
                last = place;
            }
        }
        assert_eq!(place(u64::MAX), PLACES - 1);
        assert!((0..PLACES).all(|one| place(least(one)) == one));
    }
}
