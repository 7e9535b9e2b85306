//! Talking to people. A terminal that has gone away is no reason to stop.

use std::{fmt::Display, io::Write};

/// Prints a line of what was asked for.
pub fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints a line about what is going on.
pub fn tell(line: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
