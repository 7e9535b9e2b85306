//! Numbers that are missing among those that processes gave their journal records.

use std::collections::{BTreeMap, BTreeSet};

use model::journal::Writer;

/// The numbers that were seen, by process. Pure.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    writers: BTreeMap<String, Seen>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    /// Every number up to this one was seen, or is void.
    whole: u64,
    /// Numbers beyond that were seen, or are void.
    beyond: BTreeSet<u64>,
    /// The highest number that a record has.
    last: u64,
}

impl Gaps {
    /// Takes the number of one record.
    pub fn see(&mut self, writer: &Writer) {
        let seen = self.writers.entry(writer.instance.clone()).or_default();
        seen.last = seen.last.max(writer.sequence);
        seen.beyond.extend(writer.void.iter().chain([&writer.sequence]));
        while seen.beyond.first().is_some_and(|number| *number <= seen.whole + 1) {
            let number = seen.beyond.pop_first().unwrap_or_default();
            seen.whole = seen.whole.max(number);
        }
    }

    /// Lists what is missing below the last number of each process, at most `max` ranges.
    #[must_use]
    pub fn missing(&self, max: usize) -> Vec<String> {
        let of = |(instance, seen): (&String, &Seen)| {
            let mut ranges = Vec::new();
            let mut next = seen.whole + 1;
            for number in seen.beyond.iter().copied().chain([seen.last + 1]) {
                if next < number && next <= seen.last {
                    ranges.push(format!("`{instance}`: {}", range(next, number - 1)));
                }
                next = next.max(number + 1);
            }
            ranges
        };
        self.writers.iter().flat_map(of).take(max).collect()
    }
}

fn range(first: u64, last: u64) -> String {
    if first == last { format!("record {first}") } else { format!("records {first} to {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(seen: &[(u64, &[u64])]) -> Vec<String> {
        let mut gaps = Gaps::default();
        for (sequence, void) in seen {
            gaps.see(&Writer { instance: "a".into(), sequence: *sequence, void: void.to_vec() });
        }
        gaps.missing(10)
    }

    #[test]
    fn what_is_neither_seen_nor_void_is_missing() {
        assert_eq!(missing(&[]), [""; 0]);
        assert_eq!(missing(&[(2, &[]), (1, &[]), (3, &[])]), [""; 0]);
        assert_eq!(missing(&[(3, &[1, 2]), (3, &[])]), [""; 0]);
        assert_eq!(missing(&[(1, &[]), (3, &[])]), ["`a`: record 2"]);
        assert_eq!(
            missing(&[(4, &[]), (9, &[6])]),
            ["`a`: records 1 to 3", "`a`: record 5", "`a`: records 7 to 8",]
        );
        // Nothing is known behind the last record.
        assert_eq!(missing(&[(1, &[]), (2, &[])]), [""; 0]);
    }
}
