//! What `/proc` tells about processes.

use std::fs;

use serde::{Deserialize, Serialize};

/// A process that cannot be mistaken for another: numbers are given again,
/// but not for the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The process, which leads the group of the same number.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub started: u64,
}

/// The fields of `/proc/<pid>/stat` that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    group: u32,
    started: u64,
}

impl Identity {
    /// Names the process that has this number now.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        stat(pid).map(|stat| Self { pid, started: stat.started })
    }

    /// Tells whether the process still runs; one that only waits to be reaped does not.
    #[must_use]
    pub fn is_alive(self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.started == self.started && stat.runs())
    }

    /// Returns how much memory the process holds, in KiB.
    #[must_use]
    pub fn memory_kib(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }
}

impl Stat {
    fn runs(self) -> bool {
        !matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// Tells whether anything runs in a process group.
#[must_use]
pub fn group_is_alive(group: u32) -> bool {
    let Ok(entries) = fs::read_dir("/proc") else { return false };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .any(|stat| stat.group == group && stat.runs())
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `pid (name) state ppid pgrp …`; the name may hold anything, brackets too.
fn parse(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields = rest.split_whitespace().collect::<Vec<_>>();
    // Fields 3, 5 and 22 of proc(5), counted from 1.
    Some(Stat {
        state: fields.first()?.chars().next()?,
        group: fields.get(2)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_number_and_its_start() {
        let own = Identity::of(std::process::id()).expect("this process runs");
        assert!(own.is_alive());
        assert!(own.memory_kib().is_some_and(|kib| kib > 0));
        assert!(!Identity { started: own.started + 1, ..own }.is_alive());
        assert_eq!(Identity::of(u32::MAX), None);
    }

    #[test]
    fn a_name_may_hold_brackets_and_spaces() {
        let tail = "S 1 42 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987 1 1";
        let stat = parse(&format!("7 (a) b) (c) {tail}")).expect("a process");
        assert_eq!(stat, Stat { state: 'S', group: 42, started: 987 });
        assert!(stat.runs());
        assert_eq!(parse("7 (a) S 1"), None);
    }

    #[test]
    fn a_group_without_processes_is_not_alive() {
        assert!(!group_is_alive(u32::MAX));
    }
}
