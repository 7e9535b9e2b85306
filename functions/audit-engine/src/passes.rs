//! Work that many ask for at once, and that need be done only once after the last of them
//! asked.
//!
//! Hundreds of assets that are loaded together are each a reason to look at the same others.
//! Whoever asks while a pass goes on waits for the next one, which serves all who wait.

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Passes over different things, by what they are over.
#[derive(Debug, Default)]
pub(crate) struct Passes(Mutex<HashMap<String, Arc<Pass>>>);

#[derive(Debug, Default)]
struct Pass {
    /// How often somebody asked.
    asked: AtomicU64,
    /// How many of those who asked are served. Held while a pass goes on.
    served: tokio::sync::Mutex<u64>,
}

impl Passes {
    /// Returns once a pass that began after the call has ended: this one's or another's.
    ///
    /// # Errors
    /// When the pass fails; others who wait then make their own.
    pub async fn serve<W, F, E>(&self, over: &str, work: W) -> Result<(), E>
    where
        W: FnOnce() -> F,
        F: Future<Output = Result<(), E>>,
    {
        let pass = {
            let mut passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(passes.entry(over.to_owned()).or_default())
        };
        let turn = pass.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = pass.served.lock().await;
        if *served >= turn {
            return Ok(());
        }
        let all = pass.asked.load(Ordering::SeqCst);
        work().await?;
        *served = all;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_served_by_one_pass_that_began_later() {
        let (passes, ran) = (Passes::default(), AtomicU64::new(0));
        let slow = async || {
            ran.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, ()>(())
        };
        let all = (0..100).map(|_| passes.serve("a", slow));
        assert!(join_all(all).await.iter().all(Result::is_ok));
        // The first began alone; all others had asked before the second began.
        assert_eq!(ran.load(Ordering::SeqCst), 2);
        passes.serve("a", slow).await.expect("goes well");
        assert_eq!(ran.load(Ordering::SeqCst), 3, "what ended before the call serves nobody");
    }

    #[tokio::test]
    async fn a_pass_that_fails_serves_nobody() {
        let passes = Passes::default();
        assert_eq!(passes.serve("a", async || Err("no")).await, Err("no"));
        let ran = AtomicU64::new(0);
        let work = async || {
            ran.fetch_add(1, Ordering::SeqCst);
            Ok::<_, &str>(())
        };
        passes.serve("a", work).await.expect("goes well");
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }
}
