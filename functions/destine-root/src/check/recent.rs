//! The last results of a check, and how often they changed.

use serde::{Deserialize, Serialize};

/// How many results are remembered.
pub const SAMPLES: u32 = 20;

/// The last results: whether each was bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// One bit for each result; the newest is the lowest.
    bits: u32,
    len: u32,
}

impl Recent {
    /// Adds a result; the oldest goes when there are [`SAMPLES`].
    #[must_use]
    pub fn with(self, bad: bool) -> Self {
        let bits = (self.bits << 1 | u32::from(bad)) & ((1 << SAMPLES) - 1);
        Self { bits, len: (self.len + 1).min(SAMPLES) }
    }

    /// Returns how often a result differs from the one before it.
    #[must_use]
    pub fn transitions(self) -> u32 {
        let pairs = self.len.saturating_sub(1);
        ((self.bits ^ self.bits >> 1) & ((1 << pairs) - 1)).count_ones()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Recent {
        text.chars().fold(Recent::default(), |recent, letter| recent.with(letter == 'x'))
    }

    #[test]
    fn transitions_are_counted_among_the_last_twenty() {
        for (text, transitions) in [
            ("", 0),
            ("x", 0),
            (".", 0),
            ("x.", 1),
            ("..x..x", 3),
            ("x.x.x.x", 6),
            (&".".repeat(40), 0),
            // The changes at the beginning are forgotten.
            (&format!("x.x.x.x{}", ".".repeat(12)), 7),
            (&format!("x.x.x.x{}", "x".repeat(20)), 0),
            (&"x.".repeat(40), 19),
        ] {
            assert_eq!(of(text).transitions(), transitions, "{text}");
        }
    }
}
