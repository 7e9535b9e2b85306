//! The signals that end a stack.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the signals that end a stack.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    detached: bool,
}

impl Signals {
    /// Starts to listen; from here on, none of them kills this process.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn listen(detached: bool) -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            detached,
        })
    }

    /// Waits for a signal to end. The end of a terminal counts only for who sits at it.
    pub async fn end(&mut self) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => if !self.detached { return },
            }
        }
    }

    /// Waits for somebody to lose patience.
    pub async fn interrupted(&mut self) {
        if self.interrupt.recv().await.is_none() {
            std::future::pending().await
        }
    }
}
