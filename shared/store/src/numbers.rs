//! Numbers for the journal records that one process writes.
//!
//! A record that is deleted before it is sealed would be missed by nobody. So each process
//! numbers its records, in memory: a counter in the database would be written by every
//! transaction, and everybody would wait for it. A number is taken when a transaction
//! commits. If the commit fails, or nobody knows whether it did, the process says so with
//! its next record. Every other number that is missing was a record.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use model::journal::Writer;

/// How many void numbers one record carries; the others wait for the next one.
const VOID_MAX: usize = 100;

/// The numbers of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    instance: Arc<str>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    void: BTreeSet<u64>,
}

/// Numbers that were taken for one commit; void unless it is said that they are used.
#[derive(Debug)]
pub(crate) struct Taken {
    numbers: Numbers,
    taken: BTreeSet<u64>,
}

impl Numbers {
    /// Begins to count.
    pub(crate) fn new() -> Self {
        let instance = uuid::Uuid::now_v7().simple().to_string();
        Self { instance: instance.into(), state: Arc::default() }
    }

    /// Starts to take numbers for one commit.
    pub(crate) fn taking(&self) -> Taken {
        Taken { numbers: self.clone(), taken: BTreeSet::new() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A panic between two statements cannot leave the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Takes the next number, and says which earlier ones are void.
    pub(crate) fn next(&mut self) -> Writer {
        let mut state = self.numbers.state();
        state.last += 1;
        let sequence = state.last;
        let mut void = Vec::new();
        while void.len() < VOID_MAX {
            void.extend(state.void.pop_first());
            if state.void.is_empty() {
                break;
            }
        }
        drop(state);
        self.taken.extend(&void);
        self.taken.insert(sequence);
        Writer { instance: self.numbers.instance.to_string(), sequence, void }
    }

    /// Says that the commit succeeded.
    pub(crate) fn used(mut self) {
        self.taken.clear();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.taken.is_empty() {
            self.numbers.state().void.append(&mut self.taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_failed_commit_are_void_and_no_other_is_missing() {
        let numbers = Numbers::new();
        let mut first = numbers.taking();
        assert_eq!((first.next().sequence, first.next().sequence), (1, 2));
        let mut second = numbers.taking();
        assert_eq!(second.next().sequence, 3);
        drop(second);
        let mut third = numbers.taking();
        let writer = third.next();
        assert_eq!((writer.sequence, writer.void), (4, vec![3]));
        // What it said is said again when it was not heard.
        drop(third);
        first.used();
        let mut fourth = numbers.taking();
        assert_eq!(fourth.next().void, [3, 4]);
        assert_eq!(fourth.next().void, [0; 0]);
        fourth.used();
        assert_eq!(numbers.taking().next().void, [0; 0]);
    }

    #[test]
    fn a_record_carries_so_many_void_numbers_and_the_rest_waits() {
        let numbers = Numbers::new();
        let mut failed = numbers.taking();
        for _ in 0..150 {
            failed.next();
        }
        drop(failed);
        let mut next = numbers.taking();
        assert_eq!([next.next(), next.next(), next.next()].map(|w| w.void.len()), [100, 50, 0]);
    }
}
