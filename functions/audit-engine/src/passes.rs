//! Work that many ask for at once, each for a reason of their own, and that can be done for all
//! their reasons at once.
//!
//! Hundreds of assets that are loaded together are each a reason to look at the same others.
//! Whoever asks while a pass goes on waits for the next one, which serves all who wait.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Passes over different things, by what they are over, for reasons `R`.
#[derive(Debug)]
pub(crate) struct Passes<R>(Mutex<HashMap<String, Arc<Pass<R>>>>);

impl<R> Default for Passes<R> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[derive(Debug)]
struct Pass<R> {
    waiting: Mutex<Waiting<R>>,
    /// How many of those who asked are served. Held while a pass goes on.
    served: tokio::sync::Mutex<u64>,
}

/// Why who is not served yet asked, in the order of asking.
#[derive(Debug)]
struct Waiting<R> {
    asked: u64,
    reasons: VecDeque<R>,
}

impl<R> Default for Pass<R> {
    fn default() -> Self {
        let waiting = Waiting { asked: 0, reasons: VecDeque::new() };
        Self { waiting: Mutex::new(waiting), served: tokio::sync::Mutex::default() }
    }
}

impl<R: Clone> Passes<R> {
    /// Returns once a pass for this reason has ended that began after the call: this one's or
    /// another's. `work` gets the reasons of all whom it serves.
    ///
    /// # Errors
    /// When the pass fails; others who wait then make their own.
    pub async fn serve<W, F, E>(&self, over: &str, reason: R, work: W) -> Result<(), E>
    where
        W: FnOnce(Vec<R>) -> F,
        F: Future<Output = Result<(), E>>,
    {
        let pass = {
            let mut passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(passes.entry(over.to_owned()).or_default())
        };
        let turn = {
            let mut waiting = pass.waiting();
            waiting.reasons.push_back(reason);
            waiting.asked += 1;
            waiting.asked
        };
        let mut served = pass.served.lock().await;
        if *served >= turn {
            return Ok(());
        }
        let (all, reasons) = {
            let waiting = pass.waiting();
            (waiting.asked, waiting.reasons.iter().cloned().collect::<Vec<_>>())
        };
        // They stay where they are until they are served: this pass may fail, or be given up.
        let count = reasons.len();
        work(reasons).await?;
        pass.waiting().reasons.drain(..count);
        *served = all;
        Ok(())
    }
}

impl<R> Pass<R> {
    fn waiting(&self) -> MutexGuard<'_, Waiting<R>> {
        // A panic between two statements cannot leave it half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, time::Duration};

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_served_by_one_pass_that_began_later() {
        let (passes, ran) = (Passes::default(), RefCell::new(Vec::new()));
        let slow = async |reasons: Vec<usize>| {
            ran.borrow_mut().push(reasons);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, ()>(())
        };
        let all = (0..100).map(|reason| passes.serve("a", reason, slow));
        assert!(join_all(all).await.iter().all(Result::is_ok));
        // The first began alone; all others had asked before the second began.
        assert_eq!(*ran.borrow(), [vec![0], (1..100).collect()]);
        passes.serve("a", 100, slow).await.expect("goes well");
        assert_eq!(ran.borrow().last(), Some(&vec![100]), "what ended before serves nobody");
    }

    #[tokio::test]
    async fn a_pass_that_fails_serves_nobody_and_keeps_its_reason() {
        let passes = Passes::default();
        assert_eq!(passes.serve("a", 1, async |_| Err("no")).await, Err("no"));
        let ran = RefCell::new(Vec::new());
        let work = async |reasons| {
            ran.borrow_mut().push(reasons);
            Ok::<_, &str>(())
        };
        passes.serve("a", 2, work).await.expect("goes well");
        assert_eq!(*ran.borrow(), [vec![1, 2]]);
    }
}
